/** Conditions of Email/query as they come, and what they ask of columns and texts. RFC 8621 §4.4.1 */
import { fold } from '#formats/search/fold.ts'
import type { TextTerm } from '#formats/search/term.ts'
import { answeredFlag, draftFlag, firstKeywordFlag, flaggedFlag, seenFlag } from '#mail/account.ts'
import { readMailboxId } from '#mail/object-ids.ts'
import { MethodFault } from '../method.ts'
import { ArgumentFault, type Check, flag, id, list, text, unsigned, utc } from '../syntax/arguments.ts'
import type { Json } from '../syntax/json.ts'
import { isArray, isObject } from '../syntax/request.ts'
import type { KnownColumns } from './columns.ts'

/** false 0, true 1, not known yet 2: as formats/search/segment.ts has them */
export type Truth = 0 | 1 | 2

export type Asking = {
  readonly columns: KnownColumns
  /** 1: with attachments; there when a condition asks for it */
  readonly attached?: Uint8Array | undefined
  /** The bit of a keyword in packed flags; 0: no email has it */
  flagOf(keyword: string): number
}

/** All of them have to be true. */
export type EmailCondition = {
  readonly columns: readonly ((index: number, asking: Asking) => boolean)[]
  readonly terms: readonly TextTerm[]
  /** It asks for attachments */
  readonly attached?: boolean
}

const none: EmailCondition = { columns: [], terms: [] }

function test<Value>(
  check: Check<Value>,
  make: (value: Value) => (index: number, asking: Asking) => boolean,
): (value: Json, at: string) => EmailCondition {
  return (value, at) => ({ columns: [make(check(value, at))], terms: [] })
}

const keyword: Check<string> = (value, at) => {
  const name = text(value, at)
  if (!/^[\x21-\x7e]{1,255}$/.test(name)) throw new ArgumentFault(`${at} should be a keyword`)
  return name.toLowerCase()
}

const makers: Readonly<Record<string, (value: Json, at: string) => EmailCondition>> = {
  inMailbox: test(id, mailbox => {
    const wanted = readMailboxId(mailbox) ?? -1
    return (index, { columns }) => someMailbox(columns, index, one => one === wanted)
  }),
  inMailboxOtherThan: test(list(id), mailboxes => {
    const others = new Set<number>(mailboxes.map(one => readMailboxId(one) ?? -1))
    return (index, { columns }) => someMailbox(columns, index, one => !others.has(one))
  }),
  before: test(
    utc,
    time =>
      (index, { columns }) =>
        (columns.received[index] ?? 0) < time,
  ),
  after: test(
    utc,
    time =>
      (index, { columns }) =>
        (columns.received[index] ?? 0) >= time,
  ),
  minSize: test(
    unsigned,
    size =>
      (index, { columns }) =>
        (columns.sizes[index] ?? 0) >= size,
  ),
  maxSize: test(
    unsigned,
    size =>
      (index, { columns }) =>
        (columns.sizes[index] ?? 0) < size,
  ),
  hasKeyword: test(
    keyword,
    name => (index, asking) => ((asking.columns.flags[index] ?? 0) & asking.flagOf(name)) !== 0,
  ),
  notKeyword: test(
    keyword,
    name => (index, asking) => ((asking.columns.flags[index] ?? 0) & asking.flagOf(name)) === 0,
  ),
  allInThreadHaveKeyword: test(
    keyword,
    name => (index, asking) => (flagsOf(index, asking).all & asking.flagOf(name)) !== 0,
  ),
  someInThreadHaveKeyword: test(
    keyword,
    name => (index, asking) => (flagsOf(index, asking).some & asking.flagOf(name)) !== 0,
  ),
  noneInThreadHaveKeyword: test(
    keyword,
    name => (index, asking) => (flagsOf(index, asking).some & asking.flagOf(name)) === 0,
  ),
  hasAttachment(value, at) {
    const wanted = flag(value, at)
    return { columns: [(index, { attached }) => (attached?.[index] === 1) === wanted], terms: [], attached: true }
  },
  text: (value, at) => words(value, at, one => ({ in: 'text', text: one })),
  body: (value, at) => words(value, at, one => ({ in: 'body', text: one })),
  from: (value, at) => words(value, at, inField('from')),
  to: (value, at) => words(value, at, inField('to')),
  cc: (value, at) => words(value, at, inField('cc')),
  bcc: (value, at) => words(value, at, inField('bcc')),
  subject: (value, at) => words(value, at, inField('subject')),
  header(value, at) {
    if (!isArray(value) || value.length < 1 || value.length > 2)
      throw new ArgumentFault(`${at} should be an array of a name and perhaps a text`)
    const field = text(value[0], `${at}[0]`).toLowerCase()
    const wanted = value[1] === undefined ? '' : fold(text(value[1], `${at}[1]`))
    return { columns: [], terms: [{ in: 'header', field, text: wanted }] }
  },
}

export const emailCondition: Check<EmailCondition> = (value, at) => {
  if (!isObject(value)) throw new ArgumentFault(`${at} should be an object`)
  return Object.entries(value).reduce((all, [name, one]) => {
    const make = Object.hasOwn(makers, name) ? makers[name] : undefined
    if (!make) throw new MethodFault('unsupportedFilter', `There is no condition “${name.slice(0, 100)}”`)
    const { attached = false, columns, terms } = make(one, `${at}.${name}`)
    return {
      columns: [...all.columns, ...columns],
      terms: [...all.terms, ...terms],
      attached: attached || all.attached === true,
    }
  }, none)
}

/** `names`: the account's keywords by their place */
export function keywordFlags(names: readonly string[]): (keyword: string) => number {
  const flags = new Map<string, number>([
    ['$seen', seenFlag],
    ['$answered', answeredFlag],
    ['$flagged', flaggedFlag],
    ['$draft', draftFlag],
    ...names.map((name, index) => [name.toLowerCase(), (firstKeywordFlag << index) >>> 0] as const),
  ])
  return name => flags.get(name) ?? 0
}

function someMailbox({ mailboxes, starts }: KnownColumns, index: number, fits: (mailbox: number) => boolean): boolean {
  for (let at = starts[index] ?? 0; at < (starts[index + 1] ?? 0); at++) if (fits(mailboxes[at] ?? 0)) return true
  return false
}

const noFlags = { some: 0, all: 0 }

function flagsOf(index: number, { columns }: Asking): { readonly some: number; readonly all: number } {
  return columns.ofThreads().get(columns.threads[index] ?? 0) ?? noFlags
}

function inField(field: string): (one: string) => TextTerm {
  return one => ({ in: 'header', field, text: one })
}

/** Words have to be there all, in any order; what stands in quotation marks as it stands (§4.4.1). */
function words(value: Json, at: string, term: (text: string) => TextTerm): EmailCondition {
  const found = text(value, at).matchAll(/"([^"]*)"|'([^']*)'(?=\s|$)|([^\s"]+)/g)
  const texts = [...found]
    .map(([, double, single, plain]) => fold(double ?? single ?? plain ?? ''))
    .filter(one => one !== '')
  return { columns: [], terms: texts.map(term) }
}
