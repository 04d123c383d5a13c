/** What a server says, parsed without mercy: whatever the ABNF does not allow is a complaint. RFC 9051 §9, RFC 7162 §7 */
import { parseFetchItems, type FetchItems } from './fetch-response.ts'
import { readName } from './mailbox-name.ts'
import { type Code, parseRespText } from './response-code.ts'
import { expand, Scanner } from './scanner.ts'

export type Status = 'OK' | 'NO' | 'BAD' | 'BYE' | 'PREAUTH'
export type Tagged = { readonly kind: 'tagged'; readonly tag: string; readonly status: Status; readonly code: Code }
export type Esearch = {
  readonly kind: 'esearch'
  readonly tag: string | undefined
  readonly uid: boolean
  readonly min?: number
  readonly max?: number
  readonly count?: number
  readonly all?: readonly number[]
  readonly modseq?: bigint
}
export type Response =
  | Tagged
  | { readonly kind: 'continue' }
  | { readonly kind: 'status'; readonly status: Status; readonly code: Code }
  | { readonly kind: 'capability' | 'enabled'; readonly names: readonly string[] }
  | { readonly kind: 'flags'; readonly flags: readonly string[] }
  | { readonly kind: 'exists'; readonly number: number }
  | { readonly kind: 'recent'; readonly number: number }
  | { readonly kind: 'expunge'; readonly number: number }
  | { readonly kind: 'vanished'; readonly earlier: boolean; readonly uids: readonly number[] }
  | { readonly kind: 'fetch'; readonly number: number; readonly items: FetchItems }
  | { readonly kind: 'uidfetch'; readonly uid: number; readonly items: FetchItems }
  | { readonly kind: 'search'; readonly numbers: readonly number[]; readonly modseq: bigint | undefined }
  | Esearch
  | {
      readonly kind: 'list' | 'lsub'
      readonly attributes: readonly string[]
      readonly name: string
      /** OLDNAME: RFC 5465 §5.4, RFC 9051 §6.3.9.7 */
      readonly oldName: string | undefined
    }
  | { readonly kind: 'mailbox'; readonly name: string; readonly items: ReadonlyMap<string, bigint> }

/** With the names of mailboxes as they are meant. */
export function withNames(response: Response, isRev2: boolean): Response {
  if (response.kind !== 'list' && response.kind !== 'lsub' && response.kind !== 'mailbox') return response
  const named = { ...response, name: readName(response.name, isRev2) }
  if (named.kind === 'mailbox' || named.oldName === undefined) return named
  return { ...named, oldName: readName(named.oldName, isRev2) }
}

/** One whole response, with its literals, without the last CRLF. */
export function parseResponse(text: string): Response {
  const scan = new Scanner(text)
  const response = read(scan)
  scan.end()
  return response
}

function read(scan: Scanner): Response {
  if (scan.try('+ ') || scan.text === '+') {
    scan.at = scan.text.length
    return { kind: 'continue' }
  }
  if (!scan.try('* ')) {
    const tag = scan.match(/[A-Za-z0-9.]+/y, 'a tag')
    scan.sp()
    const status = scan.match(/(?:OK|NO|BAD)(?= )/y, 'OK, NO or BAD') as Status
    scan.sp()
    return { kind: 'tagged', tag, status, code: parseRespText(scan) }
  }
  const number = scan.tryMatch(/([1-9]\d*|0) (EXISTS|RECENT|EXPUNGE|FETCH|UIDFETCH)/y)
  if (number) return numbered(scan, Number(number[1]), number[2] ?? '')
  const word = scan.match(/[A-Z]+/y, 'the name of a response')
  return named(scan, word)
}

function numbered(scan: Scanner, number: number, word: string): Response {
  if (word === 'FETCH' || word === 'EXPUNGE' || word === 'UIDFETCH') {
    if (number === 0) scan.fail(`a number above 0 for ${word}`)
    if (word === 'EXPUNGE') return { kind: 'expunge', number }
    scan.sp()
    if (word === 'UIDFETCH') return { kind: 'uidfetch', uid: number, items: parseFetchItems(scan) }
    return { kind: 'fetch', number, items: parseFetchItems(scan) }
  }
  return word === 'EXISTS' ? { kind: 'exists', number } : { kind: 'recent', number }
}

function named(scan: Scanner, word: string): Response {
  switch (word) {
    case 'OK':
    case 'NO':
    case 'BAD':
    case 'BYE':
    case 'PREAUTH':
      scan.sp()
      return { kind: 'status', status: word, code: parseRespText(scan) }
    case 'CAPABILITY':
    case 'ENABLED':
      return { kind: word === 'ENABLED' ? 'enabled' : 'capability', names: spaced(scan, () => scan.atom()) }
    case 'FLAGS':
      scan.sp()
      return { kind: 'flags', flags: scan.list(() => scan.flag()) }
    case 'VANISHED':
      scan.sp()
      return { kind: 'vanished', earlier: scan.try('(EARLIER) '), uids: expand(scan.numberSet()) }
    case 'SEARCH':
      return search(scan)
    case 'ESEARCH':
      return esearch(scan)
    case 'LIST':
    case 'LSUB':
      return list(scan, word)
    case 'STATUS':
      return mailboxStatus(scan)
    default:
      return scan.fail('a response we know')
  }
}

function spaced<Item>(scan: Scanner, item: () => Item): Item[] {
  const items: Item[] = []
  while (scan.try(' ')) items.push(item())
  return items
}

function search(scan: Scanner): Response {
  const numbers: number[] = []
  let modseq: bigint | undefined
  while (scan.try(' ')) {
    // RFC 7162 §3.1.5: search-sort-mod-seq closes the list
    if (scan.try('(MODSEQ ')) {
      modseq = scan.number64()
      scan.expect(')')
      break
    }
    numbers.push(scan.nzNumber())
  }
  return { kind: 'search', numbers, modseq }
}

function esearch(scan: Scanner): Response {
  let tag: string | undefined
  if (scan.try(' (TAG ')) {
    tag = scan.string()
    scan.expect(')')
  }
  const uid = scan.try(' UID')
  const found: { -readonly [Name in keyof Esearch]?: Esearch[Name] } = {}
  while (scan.try(' ')) {
    const name = scan.atom()
    scan.sp()
    if (name === 'MIN') found.min = scan.nzNumber()
    else if (name === 'MAX') found.max = scan.nzNumber()
    else if (name === 'COUNT') found.count = scan.number()
    else if (name === 'ALL') found.all = expand(scan.numberSet())
    else if (name === 'MODSEQ') found.modseq = scan.number64()
    else scan.fail('a return item')
  }
  return { ...found, kind: 'esearch', tag, uid }
}

function list(scan: Scanner, word: 'LIST' | 'LSUB'): Response {
  scan.sp()
  const attributes = scan.list(() => scan.flag())
  scan.sp()
  scan.match(/"(?:[^"\\\r\n]|\\["\\])"|NIL/y, 'a hierarchy delimiter')
  scan.sp()
  const name = scan.astring()
  const oldName = scan.try(' ') ? extendedItems(scan) : undefined
  return { kind: word === 'LIST' ? 'list' : 'lsub', attributes, name, oldName }
}

/** mbox-list-extended; gives the name in OLDNAME. RFC 5258 §6 */
function extendedItems(scan: Scanner): string | undefined {
  let oldName: string | undefined
  scan.list(() => {
    const tag = scan.astring()
    scan.sp()
    if (tag.toUpperCase() === 'OLDNAME') [oldName] = scan.list(() => scan.astring())
    else skipValue(scan)
  })
  return oldName
}

function skipValue(scan: Scanner): void {
  if (scan.peek('(')) scan.list(() => skipValue(scan))
  else scan.astring()
}

function mailboxStatus(scan: Scanner): Response {
  scan.sp()
  const name = scan.astring()
  scan.sp()
  const items = scan.list((): [string, bigint] => {
    const item = scan.atom()
    scan.sp()
    return [item, scan.number64()]
  })
  return { kind: 'mailbox', name, items: new Map(items) }
}
