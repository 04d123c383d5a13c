/** Conditions of Email/query as they come, and what they ask of columns and texts. RFC 8621 §4.4.1 */
import type { Filter } from '#base/filter.ts'
import { fold } from '#formats/search/fold.ts'
import { searchedWords } from '#formats/search/searched-words.ts'
import type { TextTerm } from '#formats/search/term.ts'
import { answeredFlag, draftFlag, type EmailColumns, firstKeywordFlag, flaggedFlag, seenFlag } from '#mail/account.ts'
import { readMailboxId } from '#mail/object-ids.ts'
import { MethodFault } from '../method.ts'
import { ArgumentFault, type Check, flag, id, list, text, unsigned, utc } from '../syntax/arguments.ts'
import type { Json } from '../syntax/json.ts'
import { isArray, isObject } from '../syntax/request.ts'
import { searchCapability } from '../wire.ts'

export type Asking = {
  readonly columns: EmailColumns
  /** 1: with attachments; there when a condition asks for it */
  readonly attached?: Float64Array | undefined
  /** Numbers that compare as the texts do; there for what is sorted by */
  readonly texts?: ReadonlyMap<string, Float64Array>
  /** The bit of a keyword in packed flags; 0: no email has it */
  flagOf(keyword: string): number
}

/** Made once for a query, then asked of each email by its place in the columns */
export type ColumnTest = (asking: Asking) => (index: number) => boolean

/** All of them have to be true. */
export type EmailCondition = {
  readonly columns: readonly ColumnTest[]
  readonly terms: readonly TextTerm[]
  /** It asks for attachments */
  readonly attached?: boolean
  /** It asks for their names: our extension (searchCapability) */
  readonly named?: boolean
}

const none: EmailCondition = { columns: [], terms: [] }

function test<Value>(
  check: Check<Value>,
  make: (value: Value) => ColumnTest,
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
    return someMailbox(one => one === wanted)
  }),
  inMailboxOtherThan: test(list(id), mailboxes => {
    const others = new Set<number>(mailboxes.map(one => readMailboxId(one) ?? -1))
    return someMailbox(one => !others.has(one))
  }),
  before: test(utc, time => byNumber('received', received => received < time)),
  after: test(utc, time => byNumber('received', received => received >= time)),
  minSize: test(unsigned, size => byNumber('sizes', octets => octets >= size)),
  maxSize: test(unsigned, size => byNumber('sizes', octets => octets < size)),
  hasKeyword: test(keyword, name => byFlag(name, true)),
  notKeyword: test(keyword, name => byFlag(name, false)),
  allInThreadHaveKeyword: test(keyword, name => byThreadFlag('all', name, true)),
  someInThreadHaveKeyword: test(keyword, name => byThreadFlag('some', name, true)),
  noneInThreadHaveKeyword: test(keyword, name => byThreadFlag('some', name, false)),
  hasAttachment(value, at) {
    const wanted = flag(value, at)
    const fits: ColumnTest =
      ({ attached }) =>
      index =>
        (attached?.[index] === 1) === wanted
    return { columns: [fits], terms: [], attached: true }
  },
  attachmentName(value, at) {
    const wanted = fold(text(value, at))
    if (wanted === '') throw new ArgumentFault(`${at} should not be empty`)
    return { columns: [], terms: [{ in: 'name', text: wanted }], named: true }
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
    const { attached = false, columns, named = false, terms } = make(one, `${at}.${name}`)
    return {
      columns: [...all.columns, ...columns],
      terms: [...all.terms, ...terms],
      attached: attached || all.attached === true,
      named: named || all.named === true,
    }
  }, none)
}

/** Extensions have to be asked for. RFC 8620 §1.8 */
export function checkExtensions(filter: Filter<EmailCondition> | undefined, using: ReadonlySet<string>): void {
  if (!filter || using.has(searchCapability)) return
  if (filter.operator !== undefined) for (const one of filter.filters) checkExtensions(one, using)
  else if (filter.condition.named)
    throw new MethodFault('unsupportedFilter', `attachmentName needs ${searchCapability} in "using"`)
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

function someMailbox(fits: (mailbox: number) => boolean): ColumnTest {
  return ({ columns: { mailboxes, starts } }) =>
    index => {
      const end = starts[index + 1] ?? 0
      for (let at = starts[index] ?? 0; at < end; at++) if (fits(mailboxes[at] ?? 0)) return true
      return false
    }
}

function byNumber(name: 'received' | 'sizes', fits: (value: number) => boolean): ColumnTest {
  return ({ columns }) => {
    const values = columns[name]
    return index => fits(values[index] ?? 0)
  }
}

function byFlag(name: string, wanted: boolean): ColumnTest {
  return ({ columns: { flags }, flagOf }) => {
    const bit = flagOf(name)
    return index => (((flags[index] ?? 0) & bit) !== 0) === wanted
  }
}

function byThreadFlag(which: 'some' | 'all', name: string, wanted: boolean): ColumnTest {
  return ({ columns, flagOf }) => {
    const { of } = columns.threadNumbers
    const flags = columns.threadFlags[which]
    const bit = flagOf(name)
    return index => (((flags[of[index] ?? 0] ?? 0) & bit) !== 0) === wanted
  }
}

function inField(field: string): (one: string) => TextTerm {
  return one => ({ in: 'header', field, text: one })
}

/** Words have to be there all, in any order; what stands in quotation marks as it stands (§4.4.1). */
function words(value: Json, at: string, term: (text: string) => TextTerm): EmailCondition {
  return { columns: [], terms: searchedWords(text(value, at)).map(term) }
}
