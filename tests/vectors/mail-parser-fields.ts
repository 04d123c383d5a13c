/** Our reading of a field and the tree's, brought into one shape. */
import { type AddressEntry, type MailboxEntry, parseAddressList } from '#formats/message/address-list.ts'
import { type Parameter, parseContentType, parseDisposition } from '#formats/message/content.ts'
import { parseDate } from '#formats/message/date.ts'
import { decodeWords } from '#formats/message/encoded-word.ts'
import { type HeaderField, unfold } from '#formats/message/header.ts'
import { parseMessageIds } from '#formats/message/message-id.ts'
import { decodeParameters } from '#formats/message/parameters.ts'

export type ExpectedDate = {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly tz_before_gmt: boolean
  readonly tz_hour: number
  readonly tz_minute: number
}
export type ExpectedMailbox = { readonly name: string | null; readonly address: string | null }
export type ExpectedAddresses = {
  readonly List?: readonly ExpectedMailbox[]
  readonly Group?: readonly { readonly name: string | null; readonly addresses: readonly ExpectedMailbox[] }[]
}
export type ExpectedType = {
  readonly c_type: string
  readonly c_subtype: string | null
  readonly attributes?:
    | readonly ({ readonly name: string; readonly value: string } | readonly [string, string])[]
    | null
}
export type ExpectedValue =
  | 'Empty'
  | {
      readonly Text?: string
      readonly TextList?: readonly string[]
      readonly Address?: ExpectedAddresses
      readonly DateTime?: ExpectedDate
      readonly ContentType?: ExpectedType
      readonly Received?: unknown
    }
export type ExpectedHeader = {
  readonly name: string | { readonly other: string }
  readonly value: ExpectedValue
}
type Both = { readonly got: unknown; readonly expected: unknown }

const idFields = new Set(['message-id', 'in-reply-to', 'references', 'content-id', 'return-path'])

export function readValue(bytes: Uint8Array, field: HeaderField, want: ExpectedValue): Both {
  const value = unfold(bytes, field)
  // empty, or not to be understood
  if (want === 'Empty' && field.key === 'date') return { got: parseDate(value), expected: undefined }
  if (want === 'Empty' && field.key === 'content-disposition')
    return { got: parseDisposition(value), expected: undefined }
  if (want === 'Empty') return { got: oneBlank(decodeWords(value)), expected: '' }
  if (want.Address) return { got: addresses(value), expected: expectedAddresses(want.Address) }
  if (want.DateTime) return { got: parseDate(value), expected: milliseconds(want.DateTime) }
  if (want.ContentType) return { got: contentType(field.key, value), expected: expectedType(want.ContentType) }
  if (want.TextList) return { got: parseMessageIds(value, 1000), expected: want.TextList }
  if (want.Text !== undefined && idFields.has(field.key))
    return { got: parseMessageIds(value, 1)[0], expected: want.Text }
  if (want.Text !== undefined) return { got: oneBlank(decodeWords(value)), expected: oneBlank(want.Text) }
  return { got: undefined, expected: undefined }
}

export function milliseconds(date: ExpectedDate | null): number | undefined {
  if (date === null) return undefined
  const zone = (date.tz_before_gmt ? -1 : 1) * (date.tz_hour * 60 + date.tz_minute)
  return Date.UTC(date.year, date.month - 1, date.day, date.hour, date.minute, date.second) - zone * 60_000
}

/** Groups as `name: addresses`; what stands outside of groups is a group without a name, as in the trees. */
export function addresses(value: Uint8Array): unknown[] {
  return groupsOf(parseAddressList(value)).map(group => ({
    group: group.name,
    addresses: group.members.map(shape),
  }))
}

export function expectedAddresses(want: ExpectedAddresses | null): unknown[] {
  if (want === null) return [{ group: null, addresses: [] }]
  const groups = want.Group ?? [{ name: null, addresses: want.List ?? [] }]
  return groups.map(group => ({
    group: withoutComment(group.name),
    addresses: group.addresses.map(member => oneOrBoth(withoutComment(member.name), blankToNull(member.address))),
  }))
}

type Members = { name: string | null; members: MailboxEntry[] }

function groupsOf(entries: readonly AddressEntry[]): Members[] {
  const groups: Members[] = []
  let loose: Members | undefined
  for (const entry of entries) {
    if (entry.kind === 'group') {
      groups.push({ name: text(entry.name), members: [...entry.members] })
      loose = undefined
    } else if (loose) loose.members.push(entry)
    else groups.push((loose = { name: null, members: [entry] }))
  }
  return groups.length === 0 ? [{ name: null, members: [] }] : groups
}

function text(bytes: Uint8Array | undefined): string | null {
  return bytes ? blankToNull(decodeWords(bytes)) : null
}

function shape(mailbox: MailboxEntry): unknown {
  return oneOrBoth(text(mailbox.name), printed(mailbox))
}

/** Where there is only one of the two it counts as the same: a word without @ is a mailbox here (so does IMAP), a name there. */
function oneOrBoth(name: string | null, address: string | null): unknown {
  return name !== null && address !== null ? { name, address } : (name ?? address)
}

/** The trees append comments to names; here a comment is a name only where there is no other. */
function withoutComment(name: string | null): string | null {
  return blankToNull(name)?.replace(/ \(.*\)$/, '') ?? null
}

function printed(mailbox: MailboxEntry): string | null {
  const localpart = text(mailbox.localpart)
  return mailbox.domain ? `${localpart ?? ''}@${text(mailbox.domain) ?? ''}` : localpart
}

function blankToNull(value: string | null): string | null {
  const clean = oneBlank(value ?? '')
  return clean === '' ? null : clean
}

/** Of a Content-Disposition, or of a Content-Type. */
export function contentType(key: string, value: Uint8Array): unknown {
  if (key === 'content-disposition') {
    const disposition = parseDisposition(value)
    return disposition && { type: disposition.kind, parameters: sorted(disposition.parameters) }
  }
  const type = parseContentType(value)
  return type && { type: `${type.type}/${type.subtype}`, parameters: sorted(type.parameters) }
}

export function expectedType(want: ExpectedType | null): unknown {
  if (want === null) return undefined
  const type =
    want.c_subtype === null || want.c_subtype === undefined ? want.c_type : `${want.c_type}/${want.c_subtype}`
  // the trees add RFC 2231's language tag as a parameter of its own
  const parameters = (want.attributes ?? []).flatMap(entry => {
    const [name, value] = 'name' in entry ? [entry.name, entry.value] : entry
    return name.endsWith('-language') ? [] : [[name.toLowerCase(), oneBlank(value)] as const]
  })
  return { type: type.toLowerCase(), parameters: parameters.toSorted(byName) }
}

function sorted(parameters: readonly Parameter[]): (readonly [string, string])[] {
  return [...decodeParameters(parameters)].map(([name, value]) => [name, oneBlank(value)] as const).toSorted(byName)
}

function byName(left: readonly [string, string], right: readonly [string, string]): number {
  return left[0] < right[0] ? -1 : left[0] > right[0] ? 1 : 0
}

export function oneBlank(value: string): string {
  return value.replace(/\s+/g, ' ').trim()
}
