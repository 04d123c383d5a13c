/** Who really sent a letter, from what our own servers wrote about it (RFC 8601). */
import type { Email, EmailHeader } from '#protocols/jmap/wire.ts'
import { ownResults, parseResults } from '#formats/message/authentication-results.ts'

export type SenderProof =
  | { readonly kind: 'verified'; readonly domain: string; readonly signedBy: string | undefined }
  /** Its domain says how its letters can be known, and this is none */
  | { readonly kind: 'failed'; readonly domain: string }
  | { readonly kind: 'unproved'; readonly domain: string }

/** Undefined: nobody of ours has looked. `authservIds`: of our own servers */
export function senderProof(headers: readonly EmailHeader[], authservIds: readonly string[]): SenderProof | undefined {
  const field = ownResults(headers, authservIds)
  if (field === undefined) return undefined
  const results = parseResults(field)
  const dmarc = results.find(({ method }) => method === 'dmarc')
  const domain = dmarc?.properties.get('header.from')?.toLowerCase()
  if (!dmarc || domain === undefined || domain === '') return undefined
  const signatures = results.filter(({ method, result }) => method === 'dkim' && result === 'pass')
  if (dmarc.result === 'pass') return { kind: 'verified', domain, signedBy: signatures[0]?.properties.get('header.d') }
  if (dmarc.result === 'fail') return { kind: 'failed', domain }
  const aligned = signatures.find(({ properties }) => properties.get('header.d')?.toLowerCase() === domain)
  return aligned ? { kind: 'verified', domain, signedBy: domain } : { kind: 'unproved', domain }
}

/**
 * The address that this letter is proved to come from, in lower case: DMARC has passed for its domain, or a signature of that domain did. Undefined:
 * there is no proof, or there are several authors of whom it could speak.
 */
export function provenSender(
  { from, headers }: Pick<Email, 'from'> & { readonly headers: readonly EmailHeader[] },
  authservIds: readonly string[],
): string | undefined {
  const [sender, ...others] = from ?? []
  const proof = senderProof(headers, authservIds)
  const address = sender?.email.toLowerCase()
  if (address === undefined || others.length > 0 || proof?.kind !== 'verified') return undefined
  return address.slice(address.lastIndexOf('@') + 1) === proof.domain ? address : undefined
}
