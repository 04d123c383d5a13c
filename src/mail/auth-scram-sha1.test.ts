import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import type { ScramHash } from './auth.ts'
import { createAuthenticator, type OpenAuthenticator } from './auth-authenticator.ts'
import { type OpenDirectory, openDirectory } from './directory/open.ts'
import { silentEvents } from './events.ts'
import { openPasswords } from './passwords/passwords.ts'

const here = { clientAddress: '192.0.2.7', protocol: 'imap', mechanism: 'SCRAM-SHA-1', session: 's1' } as const
const secret = 'fifty-three stations'

type People = { readonly directory: OpenDirectory; readonly authenticator: OpenAuthenticator }

async function withFolder(
  act: (open: (hashes: readonly ScramHash[], act: (people: People) => Promise<void>) => Promise<void>) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'scram-sha1-'))
  await using passwords = openPasswords()
  const parts = { passwords, clock: systemClock }
  try {
    await act(async (scramHashes, look) => {
      await using directory = await openDirectory({ ...parts, folder, scramHashes, createAccount: async () => {} })
      const surroundings = { log: silentLog, events: silentEvents, scramKey: new Uint8Array(32) }
      using authenticator = createAuthenticator({ ...parts, ...surroundings, directory })
      await look({ directory, authenticator })
      await authenticator.settled()
    })
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

async function keptHashes(directory: OpenDirectory): Promise<readonly ScramHash[]> {
  return (await directory.credential('yuki'))?.scram.map(({ hash }) => hash) ?? []
}

test('what SCRAM-SHA-1 needs is kept only while the setting is on', async () => {
  await withFolder(async open => {
    await open(['sha-256'], async ({ directory, authenticator }) => {
      await directory.addDomain('home.test')
      await directory.addUser({ address: 'yuki@home.test', password: secret })
      assert.deepEqual(await keptHashes(directory), ['sha-256'])
      assert.equal(authenticator.scramReady('sha-1'), false)
    })
    await open(['sha-256', 'sha-1'], async ({ directory, authenticator }) => {
      assert.deepEqual([authenticator.scramReady('sha-256'), authenticator.scramReady('sha-1')], [true, false])
      const login = await authenticator.password('yuki@home.test', secret, here)
      await authenticator.settled()
      assert.ok(login.kind === 'ok' && !login.login.ended.aborted)
      assert.deepEqual(await keptHashes(directory), ['sha-256', 'sha-1'])
      assert.equal(authenticator.scramReady('sha-1'), true)
      // somebody new brings both
      await directory.addUser({ address: 'ken@home.test', password: secret })
      assert.equal(authenticator.scramReady('sha-1'), true)
      const [mine, nobody] = [
        await authenticator.scram('yuki', here, 'sha-1'),
        await authenticator.scram('x', here, 'sha-1'),
      ]
      assert.ok(mine.kind === 'scram' && nobody.kind === 'scram')
      assert.deepEqual([mine.verifier.hash, mine.verifier.storedKey.length], ['sha-1', 20])
      assert.deepEqual([nobody.verifier.hash, nobody.verifier.storedKey.length], ['sha-1', 20])
      assert.equal((await mine.finish(true)).kind, 'ok')
      assert.equal((await nobody.finish(true)).kind, 'refused')
    })
    await open(['sha-256'], async ({ directory, authenticator }) => {
      assert.deepEqual(await keptHashes(directory), ['sha-256'])
      assert.deepEqual([authenticator.scramReady('sha-256'), authenticator.scramReady('sha-1')], [true, false])
      assert.equal((await authenticator.password('yuki@home.test', secret, here)).kind, 'ok')
    })
  })
})
