/**
 * Which thread a message belongs to: it shares a message id and the base subject with an earlier one (RFC 8621 §3).
 * A key is 53 bits of a hash over both, so that it stays an exact number.
 */
import { hash } from 'node:crypto'
import { maxReferences } from './limits.ts'
import type { AccountWriter } from './account-writer.ts'
import { insertReference, readThreadOf } from './tables/reference.ts'

export function hash53(text: string): number {
  const digest = hash('sha256', text, 'buffer')
  return digest.readUIntBE(0, 6) * 32 + ((digest[6] ?? 0) & 31)
}

/** Keys under which the message can be found and finds others. */
export function threadKeys(message: {
  readonly messageId: string | undefined
  readonly references: readonly string[]
  readonly subject: string
}): readonly number[] {
  const subject = baseSubject(message.subject)
  const ids = new Set(message.references.slice(-maxReferences))
  if (message.messageId !== undefined) ids.add(message.messageId)
  return [...ids].map(id => hash53(`${id}\0${subject}`))
}

/** The thread of the first relative found, else a new one named by the email itself. Registers the keys. */
export function joinThread(account: AccountWriter, email: number, keys: readonly number[]): number {
  let thread = email
  const unknown: number[] = []
  for (const key of keys) {
    const known = readThreadOf(account.database, key)
    if (known === undefined) unknown.push(key)
    else thread = Math.min(thread, known)
  }
  for (const key of unknown) insertReference(account.database, key, thread)
  return thread
}

const replyPrefix =
  /^\s*(?:(?:re|fwd?|aw|sv|antw|返信|転送)\s*(?:\[[^\]]{0,40}\]|\(\d{1,4}\))?\s*[:：]|\[[^\]]{0,100}\](?=.*\S))\s*/iu
const forwardSuffix = /\s*\(fwd\)\s*$/i
/** Prefixes pile up in long threads; more than these are not worth the time. */
const maxPrefixes = 50

/** Subject without reply marks, list tags and blanks. RFC 5256 §2.1, in the spirit of it. */
export function baseSubject(subject: string): string {
  let rest = subject.slice(0, 1000).normalize('NFKC').replace(forwardSuffix, '')
  for (let count = 0; count < maxPrefixes; count++) {
    const shorter = rest.replace(replyPrefix, '')
    if (shorter === rest || shorter.trim() === '') break
    rest = shorter
  }
  return rest.replaceAll(/\s+/g, '').toLowerCase()
}

export function packKeys(keys: readonly number[]): Uint8Array {
  return new Uint8Array(Float64Array.from(keys).buffer)
}

export function keysOf(packed: Uint8Array): readonly number[] {
  return [...new Float64Array(packed.slice().buffer)]
}
