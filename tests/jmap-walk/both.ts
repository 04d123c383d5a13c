/** One account, served by JMAP on a port and by IMAP beside it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { silentLog } from '#base/log.ts'
import type { Authenticator } from '#mail/auth.ts'
import { quotaKeeper } from '#mail/quotas.ts'
import { openSpool } from '#mail/spool.ts'
import { Connection } from '#net/connection.ts'
import { wirePair } from '#net/wire.testbed.ts'
import { serveImap } from '#protocols/imap/server.ts'
import { address, type JmapBed, password, withJmap } from '#protocols/jmap/jmap.testbed.ts'

export type Both = { readonly bed: JmapBed; connectImap(): Duplex }

export async function withBoth(act: (both: Both) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-jmap-walk-'))
  try {
    const spool = await openSpool(folder)
    await withJmap(async bed => {
      const stop = new AbortController()
      const sessions: Promise<void>[] = []
      const clients: Duplex[] = []
      const options = {
        accounts: bed.accounts,
        quotas: quotaKeeper(bed.directory),
        authenticator: onlyUser(bed),
        hostname: 'home.test',
        spool,
        log: silentLog,
        allowPlaintextLogin: true,
      }
      const connectImap = () => {
        const [client, server] = wirePair()
        clients.push(client)
        sessions.push(serveImap(new Connection(server), { clientAddress: '127.0.0.1' }, options, stop.signal))
        return client
      }
      try {
        await act({ bed, connectImap })
      } finally {
        stop.abort()
        for (const client of clients) client.resume().end()
        await Promise.all(sessions)
      }
    })
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

/** The walk is not about logins: the password is compared as it is. */
function onlyUser({ account }: JmapBed): Authenticator {
  const ended = new AbortController().signal
  return {
    password: async (name, given) =>
      name === address && given === password
        ? { kind: 'ok', login: { account, address, ended } }
        : { kind: 'refused', reason: 'wrong-password' },
    scram: async () => ({ kind: 'refused', reason: 'unknown-user' }),
    scramReady: () => false,
  }
}
