/** Where a letter went and who decided so, for its trace. */
import type { LocalFiling, LocalMailbox, OutboxItem } from '../delivery.ts'

/** Detail of the event `delivered` */
export type FiledAs = {
  /** Names or roles, separated by commas; empty when the letter was kept nowhere */
  readonly mailboxes: string
  readonly by: 'script' | 'junk filter' | 'loop' | 'default'
  /** Messages that the script sent away, such as redirects and vacation replies */
  readonly effects: number
  /** Why a redirect was left out: it says that it is from one of our domains, and nothing proves it */
  readonly notRedirected?: 'author not proved'
}

export function filedAs(
  filing: Pick<LocalFiling, 'placements'> | undefined,
  outbox: readonly OutboxItem[],
  {
    junk,
    loops,
    notRedirected = false,
  }: { readonly junk: boolean; readonly loops: boolean; readonly notRedirected?: boolean },
): FiledAs {
  if (!filing)
    return { mailboxes: junk ? 'junk' : 'inbox', by: loops ? 'loop' : junk ? 'junk filter' : 'default', effects: 0 }
  const names = filing.placements.map(({ mailbox }) => nameOf(mailbox))
  return {
    mailboxes: [...new Set(names)].join(', '),
    by: 'script',
    effects: outbox.length,
    ...(notRedirected && { notRedirected: 'author not proved' as const }),
  }
}

function nameOf(mailbox: LocalMailbox): string {
  if ('role' in mailbox) return mailbox.role
  if ('name' in mailbox) return mailbox.name
  return mailbox.orName ?? `mailbox ${mailbox.id}`
}
