/** A header field in the form that was asked for. RFC 8621 §4.1.2 */
import { asciiText } from '#base/bytes.ts'
import { decodeAs, decodeText, decodeUnlabelled } from '#formats/charset/decode.ts'
import { type AddressEntry, type MailboxEntry, parseAddressList } from '#formats/message/address-list.ts'
import { parseDate, parseZone } from '#formats/message/date.ts'
import { decodeWords } from '#formats/message/encoded-word.ts'
import { type HeaderField, unfold } from '#formats/message/header.ts'
import { maxReferences } from '#formats/message/limits.ts'
import { parseMessageIds } from '#formats/message/message-id.ts'
import type { EmailAddress, EmailAddressGroup, EmailHeader, JsonValue } from '../wire.ts'
import type { HeaderForm, HeaderProperty } from './header-property.ts'

export type Header = { readonly bytes: Uint8Array; readonly fields: readonly HeaderField[] }

/** Reads octets that say of themselves in no way what charset they are of. */
export type Undeclared = (bytes: Uint8Array) => string

/** By the label alone; as always without one. */
export function undeclaredAs(charset: string | undefined): Undeclared {
  if (charset === undefined) return decodeUnlabelled
  return bytes => decodeAs(bytes, charset)?.text ?? decodeUnlabelled(bytes)
}

/** Of several fields the last one (§4.1.3). */
export function headerValue(
  header: Header,
  { field, form, all }: Omit<HeaderProperty, 'property'>,
  plain: Undeclared = decodeUnlabelled,
): JsonValue {
  const found = header.fields.filter(({ key }) => key === field)
  if (all) return found.map(one => valueOf(header.bytes, one, form, plain))
  const last = found.at(-1)
  return last ? valueOf(header.bytes, last, form, plain) : null
}

export function allHeaders({ bytes, fields }: Header): readonly EmailHeader[] {
  return fields.map(field => ({ name: field.name, value: raw(bytes, field) }))
}

function valueOf(bytes: Uint8Array, field: HeaderField, form: HeaderForm, plain: Undeclared): JsonValue {
  switch (form) {
    case 'Raw':
      return raw(bytes, field)
    case 'Text':
      return text(unfold(bytes, field), plain)
    case 'Addresses':
      return entriesOf(bytes, field)
        .flatMap(entry => (entry.kind === 'group' ? entry.members : [entry]))
        .map(entry => address(entry, plain))
    case 'GroupedAddresses':
      return grouped(entriesOf(bytes, field), plain)
    case 'MessageIds': {
      const ids = parseMessageIds(unfold(bytes, field), maxReferences)
      return ids.length > 0 ? ids : null
    }
    case 'Date':
      return date(unfold(bytes, field))
    case 'URLs': {
      const urls = [...asciiText(unfold(bytes, field)).matchAll(/<([^<>]*)>/g)].map(([, url = '']) =>
        url.replaceAll(/\s/g, ''),
      )
      return urls.length > 0 ? urls : null
    }
  }
}

/** After the colon, folding and all; what is no UTF-8 becomes U+FFFD, NUL goes. */
function raw(bytes: Uint8Array, field: HeaderField): string {
  return decodeText(bytes.subarray(field.valueStart, field.valueEnd), 'utf-8').replaceAll('\0', '')
}

/** Encoded words decoded; NFC (§4.1.2.2) */
function text(unfolded: Uint8Array, plain: Undeclared): string {
  return decodeWords(unfolded, plain).replaceAll('\0', '').normalize('NFC').trim()
}

function entriesOf(bytes: Uint8Array, field: HeaderField): readonly AddressEntry[] {
  return parseAddressList(bytes, field.valueStart, field.valueEnd)
}

function address({ name, localpart, domain }: MailboxEntry, plain: Undeclared): EmailAddress {
  const shown = name && text(name, plain)
  const local = decodeUnlabelled(localpart)
  const email = domain === undefined ? local : `${quoted(local)}@${decodeUnlabelled(domain)}`
  return { name: shown ? shown : null, email }
}

/** An addr-spec, as it goes into another letter (RFC 5322 §3.4.1) */
function quoted(local: string): string {
  return /[\s()<>,;:\\"@[\]]/.test(local) ? `"${local.replace(/["\\]/g, '\\$&')}"` : local
}

/** Neighbours outside of groups are one without a name (§4.1.2.4). */
function grouped(entries: readonly AddressEntry[], plain: Undeclared): readonly EmailAddressGroup[] {
  const groups: { name: string | null; addresses: EmailAddress[] }[] = []
  let open: (typeof groups)[number] | undefined
  for (const entry of entries) {
    if (entry.kind === 'group') {
      groups.push({ name: text(entry.name, plain), addresses: entry.members.map(one => address(one, plain)) })
      open = undefined
      continue
    }
    if (!open) groups.push((open = { name: null, addresses: [] }))
    open.addresses.push(address(entry, plain))
  }
  return groups
}

/** RFC 3339 with the sender's offset */
function date(value: Uint8Array): string | null {
  const time = parseDate(value)
  if (time === undefined) return null
  const zone = parseZone(asciiText(value))
  const local = new Date(time + zone * 60_000)
  if (Number.isNaN(local.getTime()) || local.getUTCFullYear() > 9999 || local.getUTCFullYear() < 0) return null
  const written = local.toISOString().slice(0, 19)
  if (zone === 0) return `${written}Z`
  const [hours, minutes] = [Math.floor(Math.abs(zone) / 60), Math.abs(zone) % 60]
  if (hours > 23) return new Date(time).toISOString().replace(/\.\d+/, '')
  return `${written}${zone < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
}
