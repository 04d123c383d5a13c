/** Who a letter is from and for, on its way: as the client says, or as its header does. RFC 8621 §7 */
import { canonicalAddress, needsSmtpUtf8, parseAddress } from '#formats/address/address.ts'
import { parseHeader } from '#formats/message/header.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { messageBytes } from '#mail/message-bytes.ts'
import { concatBytes } from '#base/bytes.ts'
import { headerValue } from '../email/header-value.ts'
import { list, nullable, object, record, text } from '../syntax/arguments.ts'
import type { EmailAddress, SetError } from '../wire.ts'
import type { SubmissionAddress, SubmissionEnvelope } from '../wire-sending.ts'

const address = object({
  email: text,
  parameters: (value, at) => (value === undefined ? null : nullable(record(nullable(text)))(value, at)),
})
export const envelopeShape = object({ mailFrom: address, rcptTo: list(address) })
export type GivenEnvelope = ReturnType<typeof envelopeShape>

/** Octets of a header that are looked at for addresses */
const maxHeaderBytes = 256 * 1024

export type Allowed = { readonly identityEmail: string; readonly maySendAs: (address: string) => Promise<boolean> }

/** Of To, Cc and Bcc, each address once; from Sender or From where that is allowed, else from the identity. */
export async function envelopeFrom(
  source: MessageSource,
  headerBytes: number,
  { identityEmail, maySendAs }: Allowed,
): Promise<SubmissionEnvelope | SetError> {
  const chunks: Uint8Array[] = []
  for await (const chunk of messageBytes(source, 0, Math.min(headerBytes, maxHeaderBytes, source.sizeBytes)))
    chunks.push(chunk)
  const bytes = concatBytes(chunks)
  const header = { bytes, fields: parseHeader(bytes) }
  const addressesIn = (field: string) =>
    (headerValue(header, { field, form: 'Addresses', all: true }) as unknown as readonly (readonly EmailAddress[])[])
      .flat()
      .map(({ email }) => email)
  const senders = addressesIn('sender')
  const authors = senders.length > 0 ? senders : addressesIn('from')
  if (authors.length !== 1)
    return {
      type: 'invalidEmail',
      properties: [senders.length > 0 ? 'sender' : 'from'],
      description: 'It needs one author, or one sender',
    }
  const [author = ''] = authors
  const canonical = canonicalAddress(author)
  const isAllowed = canonical !== undefined && (await maySendAs(canonical))
  const recipients = new Map(
    ['to', 'cc', 'bcc'].flatMap(addressesIn).map(email => [canonicalAddress(email) ?? email, email]),
  )
  const plain = (email: string): SubmissionAddress => ({ email, parameters: null })
  return { mailFrom: plain(isAllowed ? author : identityEmail), rcptTo: [...recipients.values()].map(plain) }
}

export function asEnvelope({ mailFrom, rcptTo }: GivenEnvelope): SubmissionEnvelope {
  const plain = ({ email, parameters }: GivenEnvelope['mailFrom']): SubmissionAddress => ({
    email,
    parameters: parameters && Object.fromEntries(parameters),
  })
  return { mailFrom: plain(mailFrom), rcptTo: rcptTo.map(plain) }
}

/** What is wrong with the recipients, however the letter itself is. */
export function recipientFault({ rcptTo }: SubmissionEnvelope, maxRecipients: number): SetError | undefined {
  if (rcptTo.length === 0) return { type: 'noRecipients' }
  if (rcptTo.length > maxRecipients) return { type: 'tooManyRecipients', maxRecipients }
  const bad = rcptTo.filter(({ email }) => !parseAddress(email)).map(({ email }) => email)
  return bad.length > 0 ? { type: 'invalidRecipients', invalidRecipients: bad } : undefined
}

export function needsUtf8({ mailFrom, rcptTo }: SubmissionEnvelope): boolean {
  return [mailFrom, ...rcptTo].some(({ email }) => {
    const parsed = parseAddress(email)
    return parsed !== undefined && needsSmtpUtf8(parsed)
  })
}
