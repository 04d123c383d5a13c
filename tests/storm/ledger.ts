/** Reads every mailbox back over IMAP, with a client that is not ours, and compares it with what was accepted. */
import { readFileSync } from 'node:fs'
import { ImapFlow } from 'imapflow'
import type { DemoReady } from '../support/demo.ts'
import type { Letter } from './letters.ts'

export type Ledger = {
  /** One per accepted (letter, recipient) */
  readonly expected: number
  readonly delivered: number
  readonly lost: readonly string[]
  readonly doubled: readonly string[]
  readonly altered: readonly string[]
}

/** Fields that we put before the message as received. */
const traceField =
  /^(?:(?:Return-Path|Received|Authentication-Results|Delivered-To|X-Hikyaku-Junk):[^\n]*\n(?:[ \t][^\n]*\n)*)*$/

export async function readLedger(
  ready: DemoReady,
  accepted: readonly Letter[],
  all: ReadonlyMap<string, Letter>,
): Promise<Ledger> {
  const counts = new Map<string, number>()
  const altered: string[] = []
  for (const account of ready.accounts)
    await readAccount(ready, account, source => {
      const id = /^Message-ID: <([^>]+@storm\.internet\.test)>/im.exec(
        source.subarray(0, 16_384).toString('latin1'),
      )?.[1]
      const letter = id === undefined ? undefined : all.get(id)
      if (!letter) return
      const key = `${letter.id} ${account.address}`
      counts.set(key, (counts.get(key) ?? 0) + 1)
      if (!isIdentical(source, letter.bytes)) altered.push(key)
    })
  const wanted = accepted.flatMap(letter => letter.recipients.map(recipient => `${letter.id} ${recipient}`))
  return {
    expected: wanted.length,
    delivered: wanted.filter(key => counts.has(key)).length,
    lost: wanted.filter(key => !counts.has(key)),
    doubled: [...counts].filter(([, count]) => count > 1).map(([key]) => key),
    altered,
  }
}

/** The bytes as received stand at the end; before them nothing but our own trace fields. */
export function isIdentical(stored: Buffer, received: Buffer): boolean {
  const start = stored.length - received.length
  return (
    start >= 0 &&
    stored.subarray(start).equals(received) &&
    traceField.test(stored.subarray(0, start).toString('latin1').replaceAll('\r\n', '\n'))
  )
}

async function readAccount(
  ready: DemoReady,
  account: { readonly address: string; readonly password: string },
  visit: (source: Buffer) => void,
): Promise<void> {
  const client = new ImapFlow({
    host: 'localhost',
    port: ready.ports['imaps'] ?? 0,
    secure: true,
    auth: { user: account.address, pass: account.password },
    tls: { ca: [readFileSync(ready.ca, 'utf8')] },
    logger: false,
  })
  await client.connect()
  try {
    const mailboxes = await client.list()
    for (const mailbox of mailboxes) {
      const lock = await client.getMailboxLock(mailbox.path)
      try {
        if (!client.mailbox || client.mailbox.exists === 0) continue
        for await (const message of client.fetch('1:*', { source: true, uid: true }))
          if (message.source) visit(message.source)
      } finally {
        lock.release()
      }
    }
  } finally {
    await client.logout()
  }
}
