/** A search through what is kept here. It finds what stands anywhere in a text, as people expect of few letters; the server searches by words. RFC 8621 §4.4.1 */
import type { EmailAddress, Id } from '#protocols/jmap/wire.ts'
import type { EmailFilter, EmailFilterCondition } from '#formats/search/query/filter.ts'
import { folded } from '../compose/known-people.ts'
import type { Letter } from '../conversation.ts'
import type { EmailRow } from '../emails.ts'
import type { Kept } from './kept.ts'

type Condition = EmailFilterCondition & { readonly inMailboxOtherThan?: readonly Id[] }
type Looked = { readonly row: EmailRow; readonly letter: Letter | undefined }
type Test = (looked: Looked) => boolean

/** The newest first. Undefined: it asks for what nobody here can say. */
export async function searchKept(kept: Kept, filter: EmailFilter): Promise<readonly EmailRow[] | undefined> {
  const test = testOf(filter)
  if (!test) return undefined
  const needsLetter = /"(?:text|body|cc|bcc)":/.test(JSON.stringify(filter))
  const found: EmailRow[] = []
  for (const row of kept.rows.values())
    if (test({ row, letter: needsLetter ? await kept.letter(row.id) : undefined })) found.push(row)
  return found.toSorted((a, b) => (a.receivedAt < b.receivedAt ? 1 : -1))
}

function testOf(filter: EmailFilter): Test | undefined {
  if (!('operator' in filter))
    return all(known(Object.entries(filter).map(([name, value]) => conditionOf(name, value))))
  const tests = known(filter.conditions.map(testOf))
  if (filter.operator === 'AND') return all(tests)
  if (filter.operator === 'OR') return tests && (looked => tests.some(test => test(looked)))
  // RFC 8620 §5.5: NOT is true where none of them is
  return tests && (looked => !tests.some(test => test(looked)))
}

function all(tests: readonly Test[] | undefined): Test | undefined {
  return tests && (looked => tests.every(test => test(looked)))
}

function known(tests: readonly (Test | undefined)[]): readonly Test[] | undefined {
  const found = tests.filter(test => test !== undefined)
  return found.length === tests.length ? found : undefined
}

type Conditions = { readonly [Name in keyof Condition]-?: ((value: NonNullable<Condition[Name]>) => Test) | undefined }

const conditions: Conditions = {
  inMailbox:
    id =>
    ({ row }) =>
      row.mailboxIds[id] === true,
  inMailboxOtherThan:
    ids =>
    ({ row }) =>
      Object.keys(row.mailboxIds).some(id => !ids.includes(id)),
  before:
    time =>
    ({ row }) =>
      Date.parse(row.receivedAt) < Date.parse(time),
  after:
    time =>
    ({ row }) =>
      Date.parse(row.receivedAt) >= Date.parse(time),
  minSize:
    octets =>
    ({ row }) =>
      row.size >= octets,
  maxSize:
    octets =>
    ({ row }) =>
      row.size < octets,
  hasKeyword:
    keyword =>
    ({ row }) =>
      row.keywords[keyword] === true,
  notKeyword:
    keyword =>
    ({ row }) =>
      row.keywords[keyword] !== true,
  hasAttachment:
    wanted =>
    ({ row }) =>
      row.hasAttachment === wanted,
  text: words => has(words, ({ row, letter }) => [...headers(row, letter), row.preview, ...bodies(letter)]),
  from: words => has(words, ({ row }) => people(row.from)),
  to: words => has(words, ({ row }) => people(row.to)),
  cc: words => has(words, ({ letter }) => people(letter?.cc)),
  bcc: words => has(words, ({ letter }) => people(letter?.bcc)),
  subject: words => has(words, ({ row }) => [row.subject ?? '']),
  body: words => has(words, ({ row, letter }) => [row.preview, ...bodies(letter)]),
  header: undefined,
  attachmentName: undefined,
}

function conditionOf(name: string, value: unknown): Test | undefined {
  const make = Object.hasOwn(conditions, name) ? conditions[name as keyof Conditions] : undefined
  return make?.(value as never)
}

function has(words: string, textsOf: (looked: Looked) => readonly string[]): Test {
  const wanted = wordsIn(words)
  return looked => {
    const texts = textsOf(looked).map(folded)
    return wanted.every(word => texts.some(text => text.includes(word)))
  }
}

/** What stands in quotation marks is one. RFC 8621 §4.4.1 */
function wordsIn(text: string): readonly string[] {
  const found = text.matchAll(/"([^"]*)"|'([^']*)'(?=\s|$)|([^\s"]+)/g)
  return [...found].map(([, double, single, plain]) => folded(double ?? single ?? plain ?? ''))
}

function headers(row: EmailRow, letter: Letter | undefined): readonly string[] {
  return [row.subject ?? '', ...[row.from, row.to, letter?.cc, letter?.bcc].flatMap(people)]
}

function people(list: readonly EmailAddress[] | null | undefined): readonly string[] {
  return (list ?? []).map(({ name, email }) => `${name ?? ''} ${email}`)
}

function bodies(letter: Letter | undefined): readonly string[] {
  const parts = new Map((letter ? [...letter.textBody, ...letter.htmlBody] : []).map(one => [one.partId ?? '', one]))
  return [...parts].flatMap(([id, { type }]) => {
    const text = letter?.bodyValues[id]?.value
    if (text === undefined) return []
    return [type === 'text/html' ? withoutTags(text) : text]
  })
}

function withoutTags(html: string): string {
  return html.replaceAll(/<(style|script)\b[\s\S]*?<\/\1\s*>/gi, ' ').replaceAll(/<[^>]*>/g, '')
}
