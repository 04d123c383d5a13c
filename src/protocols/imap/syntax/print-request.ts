/** Requests as a client writes them: the other way round of parse-request.ts. */
import { asciiText, utf8 } from '#base/bytes.ts'
import { printDate, printDateTime } from './date.ts'
import { rev1, type Dialect } from './dialect.ts'
import type { Literal, RawRequest, Segment } from './framing.ts'
import { printAstring, printMailbox, printSection, quoted } from './print.ts'
import type {
  AppendMessage,
  Catenation,
  FetchItem,
  FetchRequest,
  ListRequest,
  NotifyEvent,
  NotifyRequest,
  Request,
  RequestNamed,
  SearchKey,
  SearchRequest,
  TaggedRequest,
  Utf8Literal,
} from './request.ts'
import { printMailboxFilter } from './mailbox-filter.ts'
import { printResultRange } from './result-range.ts'
import { specialUseOf } from './roles.ts'
import { printSequenceNumber, printSequenceSet } from './sequence-set.ts'

/** `nonSynchronizing`: literals do not wait for the server (RFC 7888). `dialect`: what has been enabled, without it nothing. */
export function printRequest(
  { tag, request }: TaggedRequest,
  options: { nonSynchronizing: boolean; dialect?: Dialect },
): RawRequest {
  const printer = new RequestPrinter(options.nonSynchronizing, options.dialect ?? rev1)
  printer.text(`${tag} `)
  writeRequest(printer, request)
  return printer.request()
}

class RequestPrinter {
  readonly #segments: Segment[] = []
  readonly #plus: string
  readonly dialect: Dialect
  #line = ''

  constructor(nonSynchronizing: boolean, dialect: Dialect) {
    this.#plus = nonSynchronizing ? '+' : ''
    this.dialect = dialect
  }

  text(text: string): void {
    this.#line += text
  }

  literal(literal: Literal): void {
    const sizeBytes = literal.kind === 'message' ? literal.source.sizeBytes : literal.bytes.length
    this.#line += `${literal.binary ? '~' : ''}{${sizeBytes}${this.#plus}}`
    this.#segments.push({ line: utf8(this.#line), literal })
    this.#line = ''
  }

  /** Quoted where that can hold it, else a literal. */
  string(bytes: Uint8Array): void {
    if (bytes.length <= 500 && bytes.every(byte => byte >= 0x20 && byte < 0x7f)) this.text(quoted(asciiText(bytes)))
    else this.literal({ kind: 'bytes', bytes, binary: false })
  }

  request(): RawRequest {
    return { segments: [...this.#segments, { line: utf8(this.#line), literal: undefined }] }
  }
}

function writeRequest(out: RequestPrinter, request: Request): void {
  switch (request.name) {
    case 'CAPABILITY':
    case 'NOOP':
    case 'LOGOUT':
    case 'UNAUTHENTICATE':
    case 'STARTTLS':
    case 'NAMESPACE':
    case 'IDLE':
    case 'CHECK':
    case 'CLOSE':
    case 'UNSELECT':
      return out.text(request.name)
    case 'COMPRESS':
      return out.text('COMPRESS DEFLATE')
    case 'AUTHENTICATE':
      return out.text(`AUTHENTICATE ${request.mechanism}${initialResponse(request.initial)}`)
    case 'LOGIN':
      out.text('LOGIN ')
      out.string(request.user)
      out.text(' ')
      return out.string(request.password)
    case 'ID':
      return writeId(out, request)
    case 'ENABLE':
      return out.text(`ENABLE ${request.capabilities.join(' ')}`)
    case 'SELECT':
    case 'EXAMINE':
      return out.text(
        `${request.name} ${printMailbox(request.oldName ?? request.mailbox, out.dialect)}${selectParameters(request)}`,
      )
    case 'CREATE': {
      const use = request.role === 'unknown' ? undefined : specialUseOf(request.role)
      return out.text(
        `CREATE ${printMailbox(request.oldName ?? request.mailbox, out.dialect)}${use ? ` (USE (${use}))` : ''}`,
      )
    }
    case 'DELETE':
      return out.text(`DELETE ${printMailbox(request.oldName ?? request.mailbox, out.dialect)}`)
    case 'SUBSCRIBE':
    case 'UNSUBSCRIBE':
      return out.text(`${request.name} ${printMailbox(request.mailbox, out.dialect)}`)
    case 'RENAME':
      return out.text(
        `RENAME ${printMailbox(request.oldName ?? request.mailbox, out.dialect)} ${printMailbox(request.to, out.dialect)}`,
      )
    case 'LSUB':
      return out.text(
        `LSUB ${printMailbox(request.reference, out.dialect)} ${printPattern(request.pattern, out.dialect)}`,
      )
    case 'LIST':
      return out.text(printList(request, out.dialect))
    case 'GETQUOTA':
      out.text('GETQUOTA ')
      return out.string(utf8(request.root))
    case 'GETQUOTAROOT':
      return out.text(`GETQUOTAROOT ${printMailbox(request.mailbox, out.dialect)}`)
    case 'SETQUOTA':
      out.text('SETQUOTA ')
      out.string(utf8(request.root))
      return out.text(` (${request.limits.map(({ resource, limit }) => `${resource} ${limit}`).join(' ')})`)
    case 'GETMETADATA':
      return writeGetMetadata(out, request)
    case 'SETMETADATA':
      return writeSetMetadata(out, request)
    case 'NOTIFY':
      return out.text(printNotify(request, out.dialect))
    case 'STATUS':
      return out.text(`STATUS ${printMailbox(request.mailbox, out.dialect)} (${request.items.join(' ')})`)
    case 'APPEND':
      out.text(`APPEND ${printMailbox(request.oldName ?? request.mailbox, out.dialect)}`)
      for (const message of request.messages) writeAppendMessage(out, message)
      return
    case 'REPLACE':
      out.text(
        `${uid(request)}REPLACE ${printSequenceNumber(request.replaced)} ${printMailbox(request.oldName ?? request.mailbox, out.dialect)}`,
      )
      return writeAppendMessage(out, request.message)
    case 'EXPUNGE':
      return out.text(request.uids ? `UID EXPUNGE ${printSequenceSet(request.uids)}` : 'EXPUNGE')
    case 'ESEARCH':
      out.text(`ESEARCH IN (${request.sources.map(one => printMailboxFilter(one, out.dialect)).join(' ')}) `)
      out.text(printReturn(request))
      return writeProgram(out, request)
    case 'CANCELUPDATE':
      return out.text(`CANCELUPDATE ${request.tags.map(quoted).join(' ')}`)
    case 'SEARCH':
      return writeSearch(out, request)
    case 'SORT':
      out.text(`${uid(request)}SORT ${printReturn(request)}`)
      out.text(`(${request.program.map(({ key, reverse }) => (reverse ? `REVERSE ${key}` : key)).join(' ')}) `)
      return writeCriteria(out, request.charset, request.key)
    case 'THREAD':
      out.text(`${uid(request)}THREAD ${request.algorithm} `)
      return writeCriteria(out, request.charset, request.key)
    case 'FETCH':
      out.text(`${uid(request)}FETCH ${printSequenceSet(request.messages)} (${request.items.map(printItem).join(' ')})`)
      return out.text(printFetchModifiers(request))
    case 'STORE': {
      const modifier = request.unchangedSince === undefined ? '' : `(UNCHANGEDSINCE ${request.unchangedSince}) `
      const sign = { add: '+', remove: '-', replace: '' }[request.mode]
      const item = `${sign}FLAGS${request.silent ? '.SILENT' : ''}`
      return out.text(
        `${uid(request)}STORE ${printSequenceSet(request.messages)} ${modifier}${item} (${request.flags.join(' ')})`,
      )
    }
    case 'COPY':
    case 'MOVE':
      return out.text(
        `${uid(request)}${request.name} ${printSequenceSet(request.messages)} ${printMailbox(request.mailbox, out.dialect)}`,
      )
    default:
      return request satisfies never
  }
}

function selectParameters({ condstore, resync }: RequestNamed<'SELECT'>): string {
  const parameters = condstore ? ['CONDSTORE'] : []
  if (resync) {
    const { uidValidity, modSeq, known, matches } = resync
    const parts = [`${uidValidity} ${modSeq}`]
    if (known) parts.push(printSequenceSet(known))
    if (matches) parts.push(`(${printSequenceSet(matches.numbers)} ${printSequenceSet(matches.uids)})`)
    parameters.push(`QRESYNC (${parts.join(' ')})`)
  }
  return parameters.length > 0 ? ` (${parameters.join(' ')})` : ''
}

function uid(request: { readonly byUid: boolean }): string {
  return request.byUid ? 'UID ' : ''
}

function initialResponse(initial: Uint8Array | undefined): string {
  if (!initial) return ''
  return initial.length === 0 ? ' =' : ` ${Buffer.from(initial).toString('base64')}`
}

function writeId(out: RequestPrinter, request: Extract<Request, { readonly name: 'ID' }>): void {
  if (!request.parameters) return out.text('ID NIL')
  out.text('ID (')
  request.parameters.forEach(({ field, value }, index) => {
    if (index > 0) out.text(' ')
    out.string(utf8(field))
    out.text(' ')
    if (value === undefined) out.text('NIL')
    else out.string(utf8(value))
  })
  out.text(')')
}

function printNotify({ set }: NotifyRequest, dialect: Dialect): string {
  if (!set) return 'NOTIFY NONE'
  const groups = set.groups.map(({ filter, events }) => {
    const list = events.length > 0 ? `(${events.map(printNotifyEvent).join(' ')})` : 'NONE'
    return `(${printMailboxFilter(filter, dialect)} ${list})`
  })
  return `NOTIFY SET ${set.status ? 'STATUS ' : ''}${groups.join(' ')}`
}

function printNotifyEvent(event: NotifyEvent): string {
  if (event.event === 'unknown') return event.name
  const items = event.event === 'MessageNew' ? event.items : []
  return items.length > 0 ? `${event.event} (${items.map(printItem).join(' ')})` : event.event
}

function writeGetMetadata(out: RequestPrinter, request: RequestNamed<'GETMETADATA'>): void {
  const options = request.maxSize === undefined ? [] : [`MAXSIZE ${request.maxSize}`]
  if (request.depth !== 0) options.push(`DEPTH ${request.depth}`)
  out.text(`GETMETADATA ${options.length > 0 ? `(${options.join(' ')}) ` : ''}`)
  out.text(`${printMailbox(request.mailbox, out.dialect)} (${request.entries.map(printAstring).join(' ')})`)
}

function writeSetMetadata(out: RequestPrinter, { mailbox, values }: RequestNamed<'SETMETADATA'>): void {
  out.text(`SETMETADATA ${printMailbox(mailbox, out.dialect)} (`)
  values.forEach(({ entry, value }, index) => {
    out.text(`${index > 0 ? ' ' : ''}${printAstring(entry)} `)
    if (!value) out.text('NIL')
    else if (value.includes(0)) out.literal({ kind: 'bytes', bytes: value, binary: true })
    else out.string(value)
  })
  out.text(')')
}

/** Wildcards stay bare: a pattern is always quoted here, which says the same. */
function printPattern(pattern: string, dialect: Dialect): string {
  const printed = printMailbox(pattern, dialect)
  return printed.startsWith('"') ? printed : `"${printed}"`
}

function printList(request: ListRequest, dialect: Dialect): string {
  const select = request.select.length > 0 ? `(${request.select.join(' ')}) ` : ''
  const patterns = request.patterns.map(pattern => printPattern(pattern, dialect))
  const [only] = patterns
  const several = patterns.length > 1 || (request.extended && select === '') ? `(${patterns.join(' ')})` : only
  const status = request.status ? [`STATUS (${request.status.join(' ')})`] : []
  const metadata = request.metadata ? [`METADATA (${request.metadata.map(printAstring).join(' ')})`] : []
  const give = [...request.give, ...status, ...metadata]
  const options = give.length > 0 ? ` RETURN (${give.join(' ')})` : ''
  return `LIST ${select}${printMailbox(request.reference, dialect)} ${several}${options}`
}

function writeAppendMessage(out: RequestPrinter, message: AppendMessage): void {
  out.text(message.flags.length > 0 ? ` (${message.flags.join(' ')}) ` : ' ')
  if (message.internalDate !== undefined) out.text(`"${printDateTime(message.internalDate)}" `)
  if (message.message.kind === 'catenation') writeCatenation(out, message.message)
  else if (message.message.kind === 'utf8') writeUtf8Literal(out, message.message)
  else out.literal(message.message)
}

function writeCatenation(out: RequestPrinter, { parts }: Catenation): void {
  out.text('CATENATE (')
  for (const [index, part] of parts.entries()) {
    if (index > 0) out.text(' ')
    if (part.kind === 'utf8') writeUtf8Literal(out, part)
    else if (part.kind === 'url') {
      out.text('URL ')
      out.string(part.url)
    } else {
      out.text('TEXT ')
      out.literal(part.literal)
    }
  }
  out.text(')')
}

function writeUtf8Literal(out: RequestPrinter, { literal }: Utf8Literal): void {
  out.text('UTF8 (')
  out.literal(literal)
  out.text(')')
}

export function printItem(item: FetchItem): string {
  if (item.item === 'PREVIEW') return item.lazy ? 'PREVIEW (LAZY)' : item.item
  if (item.item === 'BINARY.SIZE[]') return `BINARY.SIZE[${item.part.join('.')}]`
  if (item.item !== 'BODY[]' && item.item !== 'BINARY[]') return item.item
  const partial = item.partial ? `<${item.partial.offset}.${item.partial.count}>` : ''
  const peek = item.peek ? '.PEEK' : ''
  return item.item === 'BODY[]'
    ? `BODY${peek}[${printSection(item.section)}]${partial}`
    : `BINARY${peek}[${item.part.join('.')}]${partial}`
}

function printFetchModifiers({ changedSince, vanished, partial }: FetchRequest): string {
  const modifiers = changedSince === undefined ? [] : [`CHANGEDSINCE ${changedSince}`]
  if (vanished) modifiers.push('VANISHED')
  if (partial) modifiers.push(`PARTIAL ${printResultRange(partial)}`)
  return modifiers.length > 0 ? ` (${modifiers.join(' ')})` : ''
}

function printReturn({ give, partial, updateItems }: Pick<SearchRequest, 'give' | 'partial' | 'updateItems'>): string {
  if (!give) return ''
  const items = updateItems ? ` (${updateItems.map(printItem).join(' ')})` : ''
  const words = give.map(word => (word === 'UPDATE' ? word + items : word))
  return `RETURN (${[...words, ...(partial ? [`PARTIAL ${printResultRange(partial)}`] : [])].join(' ')}) `
}

function writeSearch(out: RequestPrinter, request: SearchRequest): void {
  out.text(`${uid(request)}SEARCH ${printReturn(request)}`)
  writeProgram(out, request)
}

function writeProgram(out: RequestPrinter, { charset, key }: Pick<SearchRequest, 'charset' | 'key'>): void {
  if (charset !== undefined) out.text(`CHARSET ${quoted(charset)} `)
  writeKeys(out, key.key === 'AND' ? key.of : [key])
}

function writeCriteria(out: RequestPrinter, charset: string, key: SearchKey): void {
  out.text(`${quoted(charset)} `)
  writeKeys(out, key.key === 'AND' ? key.of : [key])
}

function writeKeys(out: RequestPrinter, keys: readonly SearchKey[]): void {
  keys.forEach((key, index) => {
    if (index > 0) out.text(' ')
    writeKey(out, key)
  })
}

function writeKey(out: RequestPrinter, key: SearchKey): void {
  switch (key.key) {
    case 'SEQUENCE':
      return out.text(printSequenceSet(key.set))
    case 'UID':
      return out.text(`UID ${printSequenceSet(key.set)}`)
    case 'KEYWORD':
    case 'UNKEYWORD':
      return out.text(`${key.key} ${key.keyword}`)
    case 'OLDER':
    case 'YOUNGER':
      return out.text(`${key.key} ${key.seconds}`)
    case 'LARGER':
    case 'SMALLER':
      return out.text(`${key.key} ${key.sizeBytes}`)
    case 'EMAILID':
    case 'THREADID':
      return out.text(`${key.key} ${key.id}`)
    case 'MODSEQ':
      return out.text(`MODSEQ ${key.modSeq}`)
    case 'HEADER':
      out.text(`HEADER ${quoted(key.field)} `)
      return out.string(key.text)
    case 'NOT':
    case 'FUZZY':
      out.text(`${key.key} `)
      return writeKey(out, key.of)
    case 'OR':
      out.text('OR ')
      return writeKeys(out, key.of)
    case 'AND':
      out.text('(')
      writeKeys(out, key.of)
      return out.text(')')
    case 'BCC':
    case 'BODY':
    case 'CC':
    case 'FROM':
    case 'SUBJECT':
    case 'TEXT':
    case 'TO':
      out.text(`${key.key} `)
      return out.string(key.text)
    case 'BEFORE':
    case 'ON':
    case 'SINCE':
    case 'SENTBEFORE':
    case 'SENTON':
    case 'SENTSINCE':
      return out.text(`${key.key} ${printDate(key.day)}`)
    case 'SAVEDBEFORE':
    case 'SAVEDON':
    case 'SAVEDSINCE':
      return out.text(`${key.key} ${printDate(key.savedDay)}`)
    case 'ALL':
    case 'NEW':
    case 'OLD':
    case 'RECENT':
    case 'SAVEDATESUPPORTED':
    case 'ANSWERED':
    case 'DELETED':
    case 'DRAFT':
    case 'FLAGGED':
    case 'SEEN':
    case 'UNANSWERED':
    case 'UNDELETED':
    case 'UNDRAFT':
    case 'UNFLAGGED':
    case 'UNSEEN':
      return out.text(key.key)
    default:
      return key satisfies never
  }
}
