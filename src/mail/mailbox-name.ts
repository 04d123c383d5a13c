/** Names of mailboxes as the account keeps them. */
import { mailboxName } from '#store/account/mailbox-name.ts'

/** In NFC, the inbox in capitals; undefined for what no mailbox can be called. */
export function keptMailboxName(name: string): string | undefined {
  const kept = mailboxName(name)
  return typeof kept === 'string' ? kept : undefined
}
export { maxMailboxDepth, maxMailboxNameBytes } from '#store/account/limits.ts'
