/** To whom a letter goes, and where it lies afterwards. RFC 8621 §7.5 */
import type { Mailboxes } from '../mailboxes.ts'
import type { Content } from './content.ts'

/** Each once, whatever the case */
export function recipientsOf({ to, cc, bcc }: Pick<Content, 'to' | 'cc' | 'bcc'>): readonly string[] {
  return [...new Map([...to, ...cc, ...bcc].map(({ email }) => [email.toLowerCase(), email])).values()]
}

/** A PatchObject */
export function movedWhenSent(mailboxes: Pick<Mailboxes, 'role'>): Readonly<Record<string, true | null>> {
  const [drafts, sent] = [mailboxes.role('drafts')?.id, mailboxes.role('sent')?.id]
  return {
    ...(drafts !== undefined && { [`mailboxIds/${drafts}`]: null }),
    ...(sent !== undefined && { [`mailboxIds/${sent}`]: true }),
    'keywords/$draft': null,
  }
}

/** Ours, so that a letter can be found again whose answer was lost. RFC 5322 §3.6.4 */
export function newMessageId(from: string): string {
  const domain = from.slice(from.lastIndexOf('@') + 1)
  const unique = Array.from(crypto.getRandomValues(new Uint8Array(16)), octet => octet.toString(16).padStart(2, '0'))
  return `${unique.join('')}@${/^[\w.-]+$/.test(domain) ? domain : 'localhost'}`
}
