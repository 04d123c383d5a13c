/**
 * Row ids as the peers see them, alike in IMAP (OBJECTID, RFC 8474) and JMAP (RFC 8620 §1.2). The letter tells the kinds apart and
 * keeps an id from looking like a number; what is printed never changes, since row ids are never reused.
 */
import type { AccountId, EmailId, MailboxId, ThreadId } from './ids.ts'

export function printMailboxId(id: MailboxId): string {
  return `M${id}`
}

export function printEmailId(id: EmailId): string {
  return `E${id}`
}

export function printThreadId(id: ThreadId): string {
  return `T${id}`
}

/** In JMAP alone: an id should begin with a letter (RFC 8620 §1.2). */
export function printAccountId(id: AccountId): string {
  return `A${id}`
}

export function readAccountId(text: string): AccountId | undefined {
  return /^A[a-z2-7]{16}$/.test(text) ? (text.slice(1) as AccountId) : undefined
}

/** Undefined for what was never given out. */
export function readMailboxId(text: string): MailboxId | undefined {
  return numberAfter('M', text) as MailboxId | undefined
}

export function readEmailId(text: string): EmailId | undefined {
  return numberAfter('E', text) as EmailId | undefined
}

export function readThreadId(text: string): ThreadId | undefined {
  return numberAfter('T', text) as ThreadId | undefined
}

function numberAfter(letter: string, text: string): number | undefined {
  // one spelling for each id: no zeros before it, nothing beyond exact numbers
  if (!text.startsWith(letter) || !/^[1-9][0-9]{0,15}$/.test(text.slice(1))) return undefined
  const number = Number(text.slice(1))
  return Number.isSafeInteger(number) ? number : undefined
}
