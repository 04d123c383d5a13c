/** What stands in a mailbox at home, read over IMAP with verified TLS. */
import { readFileSync } from 'node:fs'
import { ImapFlow, type ImapFlowOptions } from 'imapflow'
import { eventually } from '../support/peers.ts'

export type MailboxAt = {
  readonly port: number
  readonly ca: string
  readonly user: string
  readonly password: string
}

/** A client over verified TLS that has not connected yet; silent unless told otherwise. */
export function flowTo(at: MailboxAt, options: Partial<ImapFlowOptions> = {}): ImapFlow {
  return new ImapFlow({
    host: 'localhost',
    port: at.port,
    secure: true,
    auth: { user: at.user, pass: at.password },
    tls: { ca: readFileSync(at.ca) },
    logger: false,
    ...options,
  })
}

/** All messages of a mailbox as stored, in its order. `\\Sent` is the one with that use, whatever its name (RFC 6154). */
export async function messagesIn(at: MailboxAt, mailbox = 'INBOX'): Promise<readonly Buffer[]> {
  const client = flowTo(at)
  await client.connect()
  try {
    const byUse = mailbox.startsWith('\\') && (await client.list()).find(({ specialUse }) => specialUse === mailbox)
    const { exists } = await client.mailboxOpen(byUse ? byUse.path : mailbox, { readOnly: true })
    if (exists === 0) return []
    const messages = await client.fetchAll('1:*', { source: true })
    return messages.map(({ source }) => source ?? Buffer.alloc(0))
  } finally {
    await client.logout()
  }
}

/** Those that name the mark, once there are any. */
export function arrived(at: MailboxAt, mark: string, timeoutMs?: number): Promise<readonly Buffer[]> {
  const look = async () => {
    const found = (await messagesIn(at)).filter(message => message.includes(mark))
    return found.length > 0 && found
  }
  return eventually(`${mark} arrives`, look, timeoutMs)
}

/** What was put before the letter on its way; undefined when the letter's own octets do not stand there unchanged. */
export function putBefore(stored: Buffer, letter: Buffer): string | undefined {
  const at = stored.length - letter.length
  return at >= 0 && stored.subarray(at).equals(letter) ? stored.subarray(0, at).toString('utf8') : undefined
}
