/** What the tests of IMAP share: a server on a real store, and connections to it without a port. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Duplex } from 'node:stream'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import type { OpenAccounts } from '#mail/accounts.ts'
import type { Authenticator, AuthResult } from '#mail/auth.ts'
import type { AccountId } from '#mail/ids.ts'
import { createImapEvents } from '#mail/imap-events/run.ts'
import { testSievePorts } from '#mail/imap-events/ports.testbed.ts'
import type { QuotaKeeper } from '#mail/quotas.ts'
import { openSpool, type Spool } from '#mail/spool.ts'
import { Connection } from '#net/connection.ts'
import { wirePair } from '#net/wire.testbed.ts'
import { withDataFolder } from '../mailbox-server.testbed.ts'
import type { ImapOptions } from './options.ts'
import { serveImap } from './server.ts'

export const testAccount = 'aaaaaaaaaaaaaaaa' as AccountId
/** Somebody else's; a test that needs it makes it */
export const otherAccount = 'bbbbbbbbbbbbbbbb' as AccountId
export const otherAddress = 'aki@home.test'
export const testAddress = 'hanako@home.test'
export const testPassword = 'courier'

export type Testbed = {
  readonly accounts: OpenAccounts
  /** The data folder; accounts/ is in it */
  readonly folder: string
  readonly spool: Spool
  readonly options: ImapOptions
  /** The client's end of a new connection */
  connect(options?: Partial<ImapOptions>): Duplex
  /** What the account may keep; tests change it */
  readonly quota: { limitBytes: number | undefined }
  /** Sets the quotas of others; tests change it */
  readonly administrates: { on: boolean }
  readonly stop: AbortController
  readonly endLogins: AbortController
  /** Resolves when no IMAP event waits for its script, and sessions have been told what they did */
  scriptsDone(): Promise<void>
  /** Of mailboxes that name no script; tests change it */
  readonly serverScript: { name: string | undefined }
}

/** One account, hanako@home.test with the password `courier`. */
export async function withImap(
  act: (bed: Testbed) => Promise<void>,
  changes: Partial<ImapOptions> = {},
): Promise<void> {
  const quota: Testbed['quota'] = { limitBytes: undefined }
  const administrates = { on: false }
  const others = new Map<AccountId, number>()
  const serverScript: Testbed['serverScript'] = { name: undefined }
  const wake: { events?: (account: AccountId) => void } = {}
  const run = async (accounts: OpenAccounts, folder: string) => {
    await accounts.createAccount(testAccount, 'en')
    const spool = await openSpool(join(folder, 'spool'))
    const stop = new AbortController()
    const endLogins = new AbortController()
    const options = {
      accounts,
      quotas: testQuotas(quota, others, administrates),
      authenticator: onePerson(endLogins.signal),
      hostname: 'home.test',
      spool,
      log: silentLog,
      allowPlaintextLogin: true,
      imapSieve: { url: 'sieve://home.test', script: () => serverScript.name },
      ...changes,
    }
    const sessions: Promise<void>[] = []
    const clients: Duplex[] = []
    const connect = (more: Partial<ImapOptions> = {}) => {
      const [client, server] = wirePair()
      clients.push(client)
      const facts = { clientAddress: '127.0.0.1' }
      sessions.push(serveImap(new Connection(server), facts, { ...options, ...more }, stop.signal))
      return client
    }
    try {
      await using events = createImapEvents({
        accounts,
        ports: testSievePorts(accounts),
        hostname: 'home.test',
        clock: systemClock,
        log: silentLog,
      })
      wake.events = account => events.wake(account)
      const scriptsDone = async () => {
        for (const began = Date.now(); (await accounts.imapEvent(testAccount)) !== undefined; await sleep(5))
          if (Date.now() - began > 30_000) throw new Error('Scripts of IMAP events do not end')
        // its answer comes behind the news of what they did
        await accounts.tidy(testAccount)
      }
      await act({
        accounts,
        folder,
        spool,
        options,
        connect,
        quota,
        administrates,
        stop,
        endLogins,
        scriptsDone,
        serverScript,
      })
    } finally {
      stop.abort()
      for (const client of clients) client.resume().end()
      await Promise.all(sessions)
    }
  }
  await withDataFolder('imap', run, {
    onImapEvents: account => wake.events?.(account),
    quotaOf: id => (id === testAccount ? quota.limitBytes : others.get(id)),
  })
}

function onePerson(ended: AbortSignal): Authenticator {
  return {
    password(name, password): Promise<AuthResult> {
      if (name !== testAddress) return Promise.resolve({ kind: 'refused', reason: 'unknown-user' })
      if (password === 'later') return Promise.resolve({ kind: 'unavailable', reason: 'The directory is away' })
      if (password !== testPassword) return Promise.resolve({ kind: 'refused', reason: 'wrong-password' })
      return Promise.resolve({ kind: 'ok', login: { account: testAccount, address: testAddress, ended } })
    },
    scram: () => Promise.resolve({ kind: 'refused', reason: 'unknown-user' }),
    scramReady: () => false,
  }
}

function testQuotas(
  own: Testbed['quota'],
  others: Map<AccountId, number>,
  administrates: Testbed['administrates'],
): QuotaKeeper {
  return {
    isAdministrator: async () => administrates.on,
    async userNamed(name) {
      const address = name.toLowerCase()
      if (address === testAddress) return { account: testAccount, address }
      return address === otherAddress ? { account: otherAccount, address } : undefined
    },
    async setLimit(account, limitBytes) {
      if (account === testAccount) own.limitBytes = limitBytes
      else if (limitBytes === undefined) others.delete(account)
      else others.set(account, limitBytes)
      return true
    },
  }
}
