import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { createAccess } from '#mail/access/access.ts'
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

test('an app password: LOGIN and SCRAM take it beside the main one, and revoking it ends its connections', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'imap-app-'))
  try {
    await using passwords = openPasswords()
    const parts = { passwords, clock: systemClock }
    await withImap(async bed => {
      const createAccount = bed.accounts.createAccount.bind(bed.accounts)
      await using directory = await openDirectory({ ...parts, folder, createAccount })
      using access = createAccess({ rows: directory.access, clock: systemClock, key: new Uint8Array(32) })
      const { appPasswords } = access
      const surroundings = { log: silentLog, events: silentEvents, scramKey: new Uint8Array(32), appPasswords }
      using authenticator = createAuthenticator({ ...parts, ...surroundings, directory })
      await directory.addDomain('home.test')
      const user = await directory.addUser({ address: 'yuki@home.test', password: 'fifty-three stations' })
      assert.ok(!('refused' in user))
      const [phone, tablet] = [
        await appPasswords.add(user.account, '携帯'),
        await appPasswords.add(user.account, 'tablet'),
      ]
      assert.ok(!('refused' in phone) && !('refused' in tablet))
      assert.match(phone.password, /^[a-z2-7]{4}(-[a-z2-7]{4}){6}$/)
      const scrammed = async (password: string) => {
        using client = new LineClient(bed.connect({ authenticator }))
        await client.line()
        const sasl = scramClient({ name: 'yuki@home.test', password }, false, 'sha-256')
        client.send('a AUTHENTICATE SCRAM-SHA-256')
        let line = await client.line()
        for (; line.startsWith('+ '); line = await client.line())
          client.send(Buffer.from(sasl.respond(Buffer.from(line.slice(2), 'base64'))).toString('base64'))
        return line.startsWith('a OK') && sasl.complete
      }
      for (const password of ['fifty-three stations', phone.password, tablet.password])
        assert.equal(await scrammed(password), true)
      using client = new LineClient(bed.connect({ authenticator }))
      await client.line()
      client.send(`a LOGIN yuki@home.test "${phone.password.replaceAll('-', ' ').toUpperCase()}"`)
      assert.match(await client.line(), /^a OK/)
      const used = () => appPasswords.list(user.account).filter(({ lastUsedAt }) => lastUsedAt !== undefined)
      while (used().length < 2) await sleep(5)
      await appPasswords.remove(user.account, phone.id)
      assert.match(await client.line(), /^\* BYE/)
      assert.equal(await scrammed(phone.password), false)
      assert.equal(await scrammed(tablet.password), true)
      const kept = readFileSync(join(folder, 'directory.db')).toString('latin1')
      for (const { password } of [phone, tablet])
        assert.ok(!kept.includes(password.replaceAll('-', '')) && !kept.includes(password))
    })
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})
