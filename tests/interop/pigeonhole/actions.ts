/** What ours decided, in the words in which sieve-test's decisions are read. */
import type { Filed, MailboxChoice } from '#mail/filing.ts'

export function actionsOf(filed: Filed): string[] {
  const stores = filed.placements.map(({ mailbox, flags }) =>
    [`store ${nameOf(mailbox)}`, ...flags.map(flag => flag.toLowerCase()).toSorted()].join(' '),
  )
  const effects = filed.effects.map(effect => {
    if (effect.kind === 'redirect') return `redirect ${effect.to.toLowerCase()}`
    if (filed.rejected && effect.kind === 'reply') return filed.rejected.kind
    const to = effect.envelope.recipients.map(({ address }) => address).join(' ')
    return effect.kind === 'reply' ? 'vacation' : `notify ${to}`
  })
  return [...stores, ...effects].toSorted()
}

function nameOf(mailbox: MailboxChoice): string {
  if ('role' in mailbox) return mailbox.role === 'inbox' ? 'INBOX' : mailbox.role
  return 'mailboxId' in mailbox ? mailbox.orName : `${mailbox.name}${mailbox.create ? ' create' : ''}`
}
