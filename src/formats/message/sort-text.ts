/** Texts of an envelope by which letters are sorted. RFC 5256 §3, RFC 5957 §3, RFC 8621 §4.4.2 */
import { casemapKey } from '../charset/casemap.ts'
import { baseSubject } from './base-subject.ts'
import { decodeWords } from './encoded-word.ts'
import { type EnvelopeAddress, type EnvelopeFacts, readEnvelope } from './read-envelope.ts'

/** Octets of a text that are looked at. A header line has 998 (RFC 5322 §2.1.1). */
const textLimitBytes = 4096

/** `envelope`: as IMAP sends it. Keys of i;unicode-casemap; what is missing is the empty one, before all others. */
export function sortText(property: 'from' | 'to' | 'subject', envelope: Uint8Array): string {
  const facts = readEnvelope(envelope)
  return casemapKey(property === 'subject' ? baseSubject(decodedSubject(facts)).base : displayed(facts[property]))
}

export function decodedSubject({ subject }: EnvelopeFacts): string {
  return subject ? decodeWords(subject.subarray(0, textLimitBytes)) : ''
}

/** The name as people see it, else the address. RFC 5957 §3 */
export function displayed(address: EnvelopeAddress | undefined): string {
  if (!address) return ''
  const name = address.name ? decodeWords(address.name.subarray(0, textLimitBytes)) : ''
  if (name !== '') return name
  if (!address.mailbox) return ''
  const mailbox = envelopeText(address.mailbox)
  return address.host ? `${mailbox}@${envelopeText(address.host)}` : mailbox
}

const utf8Decoder = new TextDecoder()

export function envelopeText(bytes: Uint8Array | undefined): string {
  return bytes ? utf8Decoder.decode(bytes.subarray(0, textLimitBytes)) : ''
}
