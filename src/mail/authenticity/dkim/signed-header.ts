/** The octets that a signature covers. RFC 6376 §3.7, §5.4.2 */
import type { HeaderField } from '#formats/message/header.ts'
import { canonicalField, canonicalSignature, type Form } from './canonical.ts'

/** A header that signatures are looked for in. */
export type SignedHeader = {
  /** One character per octet; offsets of the fields hold in it */
  readonly text: string
  readonly fields: readonly HeaderField[]
  /** By name in lower case, from top to bottom */
  readonly byName: ReadonlyMap<string, readonly HeaderField[]>
}

export function signedHeader(text: string, fields: readonly HeaderField[]): SignedHeader {
  const byName = new Map<string, HeaderField[]>()
  for (const field of fields) {
    const same = byName.get(field.key)
    if (same) same.push(field)
    else byName.set(field.key, [field])
  }
  return { text, fields, byName }
}

/**
 * The fields named by h= (lower case), for each name from the bottom up, and the signature's own field, which is one of the header's
 * unless `signatureText` is given.
 */
export function signedOctets(
  header: SignedHeader,
  names: readonly string[],
  signature: HeaderField,
  form: Form,
  signatureText = header.text,
): Uint8Array {
  const taken = new Map<string, number>()
  let text = ''
  for (const name of names) {
    const all = header.byName.get(name)
    if (!all) continue
    const count = (taken.get(name) ?? 0) + 1
    taken.set(name, count)
    const field = all[all.length - count]
    // The signature itself is never one of them (§3.5 h=)
    if (field && field !== signature) text += canonicalField(header.text, field, form)
  }
  return Buffer.from(text + canonicalSignature(signatureText, signature, form), 'latin1')
}
