/** ENVELOPE as IMAP sends it: RFC 9051 §7.5.2, RFC 3501 §7.4.2. Raw header text, nothing decoded. */
import { type AddressEntry, type MailboxEntry, parseAddressList } from './address-list.ts'
import { type HeaderField, unfold } from './header.ts'
import type { ImapText } from './imap-text.ts'
import { emptyBytes } from '#base/bytes.ts'

export function writeEnvelope(out: ImapText, header: Uint8Array, fields: readonly HeaderField[]): void {
  const found = envelopeFields(fields)
  const value = (key: string) => {
    const field = found.get(key)?.[0]
    return field && unfold(header, field)
  }
  const addresses = (key: string) => (found.get(key) ?? []).flatMap(field => entriesOf(header, field))
  const from = addresses('from')
  const sender = addresses('sender')
  const replyTo = addresses('reply-to')
  out.raw('(').nstring(value('date')).raw(' ').nstring(value('subject')).raw(' ')
  writeAddresses(out, from)
  out.raw(' ')
  // An absent or empty Sender or Reply-To is filled from From by the server.
  writeAddresses(out, sender.length > 0 ? sender : from)
  out.raw(' ')
  writeAddresses(out, replyTo.length > 0 ? replyTo : from)
  for (const key of ['to', 'cc', 'bcc']) {
    out.raw(' ')
    writeAddresses(out, addresses(key))
  }
  out.raw(' ').nstring(value('in-reply-to')).raw(' ').nstring(value('message-id')).raw(')')
}

const envelopeKeys = new Set([
  'date',
  'subject',
  'from',
  'sender',
  'reply-to',
  'to',
  'cc',
  'bcc',
  'in-reply-to',
  'message-id',
])

/** Address fields that stand several times are taken together (RFC 5322 §4.5.3); of the others the first counts. */
function envelopeFields(fields: readonly HeaderField[]): Map<string, HeaderField[]> {
  const found = new Map<string, HeaderField[]>()
  for (const field of fields) {
    if (!envelopeKeys.has(field.key)) continue
    const same = found.get(field.key)
    if (same) same.push(field)
    else found.set(field.key, [field])
  }
  return found
}

function entriesOf(header: Uint8Array, field: HeaderField): AddressEntry[] {
  return parseAddressList(header, field.valueStart, field.valueEnd)
}

function writeAddresses(out: ImapText, entries: readonly AddressEntry[]): void {
  if (entries.length === 0) {
    out.raw('NIL')
    return
  }
  out.raw('(')
  for (const entry of entries) {
    if (entry.kind === 'mailbox') writeMailbox(out, entry)
    else {
      out.raw('(NIL NIL ').nstring(clean(entry.name)).raw(' NIL)')
      for (const member of entry.members) writeMailbox(out, member)
      out.raw('(NIL NIL NIL NIL)')
    }
  }
  out.raw(')')
}

/** A missing domain is an empty string: NIL would mark a group. */
function writeMailbox(out: ImapText, mailbox: MailboxEntry): void {
  out.raw('(').nstring(mailbox.name && clean(mailbox.name))
  out.raw(' NIL ').nstring(clean(mailbox.localpart))
  out
    .raw(' ')
    .nstring(clean(mailbox.domain ?? emptyBytes))
    .raw(')')
}

/** No line ends, as inside a word only hostile input has them. */
function clean(bytes: Uint8Array): Uint8Array {
  return bytes.includes(10) || bytes.includes(13) ? bytes.filter(byte => byte !== 10 && byte !== 13) : bytes
}
