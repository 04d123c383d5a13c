/** msg-att: what a FETCH response says of one message. RFC 9051 §7.5.2 */
import type { Scanner } from './scanner.ts'

export type Address = { readonly name: string | null; readonly mailbox: string | null; readonly host: string | null }
export type Envelope = {
  readonly date: string | null
  readonly subject: string | null
  readonly from: readonly Address[]
  readonly to: readonly Address[]
  readonly messageId: string | null
}
export type BodyPart = { readonly section: string; readonly origin: number | undefined; readonly data: string | null }
export type FetchItems = {
  uid?: number
  flags?: readonly string[]
  modseq?: bigint
  size?: number
  /** Milliseconds since 1970 */
  internalDate?: number
  envelope?: Envelope
  /** The media types of the parts, as in `text/plain` or `multipart/mixed` */
  structure?: string
  readonly bodies: BodyPart[]
}

const dateTime = /"([ \d]\d)-(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)-(\d{4}) (\d\d:\d\d:\d\d) ([+-]\d{4})"/y

export function parseFetchItems(scan: Scanner): FetchItems {
  const items: FetchItems = { bodies: [] }
  scan.list(() => readItem(scan, items))
  return items
}

function readItem(scan: Scanner, items: FetchItems): void {
  const name = scan.match(/[A-Z0-9.]+/y, 'the name of a fetch item')
  if (name === 'BODY' && scan.try('[')) return void items.bodies.push(readBody(scan))
  scan.sp()
  switch (name) {
    case 'UID':
      items.uid = scan.nzNumber()
      return
    case 'FLAGS':
      items.flags = scan.list(() => scan.flag())
      return
    case 'MODSEQ':
      scan.expect('(')
      items.modseq = scan.number64() || scan.fail('a mod-sequence above 0')
      scan.expect(')')
      return
    case 'RFC822.SIZE':
      items.size = scan.number()
      return
    case 'INTERNALDATE':
      items.internalDate = readDate(scan)
      return
    case 'ENVELOPE':
      items.envelope = readEnvelope(scan)
      return
    case 'BODYSTRUCTURE':
      items.structure = readStructure(scan)
      return
    default:
      scan.fail(`a fetch item we asked for instead of ${name}`)
  }
}

export function readDate(scan: Scanner): number {
  const found = scan.tryMatch(dateTime) ?? scan.fail('a date-time')
  const [, day = '', month = '', year = '', time = '', zone = ''] = found
  return Date.parse(`${day.trim()} ${month} ${year} ${time} ${zone}`)
}

function readBody(scan: Scanner): BodyPart {
  const section = scan.match(/[^\]\r\n]*/y, 'a section').toUpperCase()
  scan.expect(']')
  let origin: number | undefined
  if (scan.try('<')) {
    origin = scan.number()
    scan.expect('>')
  }
  scan.sp()
  return { section, origin, data: scan.nstring() }
}

export function readEnvelope(scan: Scanner): Envelope {
  scan.expect('(')
  const date = field(scan, () => scan.nstring())
  const subject = field(scan, () => scan.nstring())
  const from = field(scan, () => addresses(scan))
  field(scan, () => addresses(scan))
  field(scan, () => addresses(scan))
  const to = field(scan, () => addresses(scan))
  field(scan, () => addresses(scan))
  field(scan, () => addresses(scan))
  field(scan, () => scan.nstring())
  const messageId = scan.nstring()
  scan.expect(')')
  return { date, subject, from, to, messageId }
}

function field<Value>(scan: Scanner, read: () => Value): Value {
  const value = read()
  scan.sp()
  return value
}

function addresses(scan: Scanner): readonly Address[] {
  return scan.packed(() => {
    scan.expect('(')
    const name = field(scan, () => scan.nstring())
    field(scan, () => scan.nstring())
    const mailbox = field(scan, () => scan.nstring())
    const host = scan.nstring()
    scan.expect(')')
    return { name, mailbox, host }
  })
}

/** body: the types of the parts, with everything that stands beside them read by the grammar of nested lists. */
export function readStructure(scan: Scanner): string {
  scan.expect('(')
  if (scan.peek('(')) {
    const parts: string[] = []
    while (scan.peek('(')) parts.push(readStructure(scan))
    scan.sp()
    const subtype = scan.string()
    while (scan.try(' ')) extension(scan)
    scan.expect(')')
    return `multipart/${subtype}(${parts.join()})`.toLowerCase()
  }
  const type = scan.string()
  scan.sp()
  const subtype = scan.string()
  while (scan.try(' ')) extension(scan)
  scan.expect(')')
  return `${type}/${subtype}`.toLowerCase()
}

function extension(scan: Scanner): void {
  if (scan.peek('(')) {
    scan.expect('(')
    while (!scan.try(')')) {
      extension(scan)
      scan.try(' ')
    }
  } else if (scan.tryMatch(/\d+/y) === undefined) scan.nstring()
}
