import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { createAuthenticator } from '#mail/auth-authenticator.ts'
import { openDirectory } from '#mail/directory/open.ts'
import { silentEvents } from '#mail/events.ts'
import { openPasswords } from '#mail/passwords/passwords.ts'
import { scramClient } from '../sasl/client.ts'
import { withImap } from './imap.testbed.ts'
import { LineClient } from './line-client.testbed.ts'

test('SCRAM-SHA-1 over IMAP, against a directory that keeps it (RFC 5802)', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'imap-scram-'))
  try {
    await using passwords = openPasswords()
    const parts = { passwords, clock: systemClock }
    const scramHashes = ['sha-256', 'sha-1'] as const
    await withImap(async bed => {
      const createAccount = bed.accounts.createAccount.bind(bed.accounts)
      await using directory = await openDirectory({ ...parts, folder, scramHashes, createAccount })
      const surroundings = { log: silentLog, events: silentEvents, scramKey: new Uint8Array(32) }
      using authenticator = createAuthenticator({ ...parts, ...surroundings, directory })
      await directory.addDomain('home.test')
      await directory.addUser({ address: 'yuki@home.test', password: 'fifty-three stations' })
      for (const password of ['fifty-three stations', 'another']) {
        using client = new LineClient(bed.connect({ authenticator }))
        assert.match(await client.line(), /AUTH=SCRAM-SHA-256 AUTH=SCRAM-SHA-1 AUTH=PLAIN/)
        const sasl = scramClient({ name: 'yuki@home.test', password }, false, 'sha-1')
        client.send('a AUTHENTICATE SCRAM-SHA-1')
        let line = await client.line()
        for (; line.startsWith('+ '); line = await client.line())
          client.send(Buffer.from(sasl.respond(Buffer.from(line.slice(2), 'base64'))).toString('base64'))
        assert.match(line, password === 'another' ? /^a NO \[AUTHENTICATIONFAILED\]/ : /^a OK /)
        assert.equal(sasl.complete, password !== 'another')
      }
    })
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})
