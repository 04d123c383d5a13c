/** Names of mailboxes: levels separated by '/', NFC, the inbox is INBOX. RFC 9051 §5.1 */
import { maxMailboxDepth, maxMailboxNameBytes } from './limits.ts'
import type { Refusal } from './operations.ts'

/** Control characters, wildcards of LIST, and halves of surrogate pairs have no place in a name. */
const forbidden = /[\u0000-\u001f\u007f-\u009f%*\u2028\u2029]|\p{Surrogate}/u

/** The name as it is kept, or why it cannot be. */
export function mailboxName(name: string): string | Refusal {
  const bad = (why: string): Refusal => ({ refused: 'bad-name', why })
  if (forbidden.test(name)) return bad('The name has characters that are not allowed')
  const levels = name.normalize('NFC').replace(/\/$/, '').split('/')
  if (levels.some(level => level.trim() === '')) return bad('A level of the name is empty')
  if (levels.length > maxMailboxDepth) return bad('The name has too many levels')
  if (/^inbox$/i.test(levels[0] ?? '')) levels[0] = 'INBOX'
  const kept = levels.join('/')
  return Buffer.byteLength(kept) > maxMailboxNameBytes ? bad('The name is too long') : kept
}
