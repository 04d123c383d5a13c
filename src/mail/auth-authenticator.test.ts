import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import type { TestContext } from 'node:test'
import { silentLog } from '#base/log.ts'
import { createAccess } from './access/access.ts'
import type { LoginAttempt } from './auth.ts'
import { createAuthenticator } from './auth-authenticator.ts'
import type { Credentials } from './auth-credentials.ts'
import { openDirectory } from './directory/open.ts'
import { silentEvents } from './events.ts'
import type { MailEvent } from './events.ts'
import { openPasswords } from './passwords/passwords.ts'
import { makeScramVerifier } from './passwords/scram-verifier.ts'

const secret = 'fifty-three stations'

async function start(t: TestContext, wrap: (directory: Credentials) => Credentials = directory => directory) {
  const folder = mkdtempSync(join(tmpdir(), 'authenticator-'))
  const time = { now: 1_000_000 }
  const clock = { now: () => time.now, monotonic: () => time.now }
  const real = openPasswords()
  const hashed = { count: 0 }
  const passwords: typeof real = {
    ...real,
    verify: (password, stored) => {
      hashed.count++
      return real.verify(password, stored)
    },
  }
  const directory = await openDirectory({ folder, passwords, clock, createAccount: () => Promise.resolve() })
  const access = createAccess({ rows: directory.access, clock, key: new Uint8Array(32) })
  const events: MailEvent[] = []
  const authenticator = createAuthenticator({
    directory: wrap(directory),
    passwords,
    clock,
    log: silentLog,
    events: { ...silentEvents, record: event => void events.push(event) },
    scramKey: new Uint8Array(32).fill(7),
    appPasswords: access.appPasswords,
  })
  t.after(async () => {
    await authenticator.settled()
    authenticator[Symbol.dispose]()
    access[Symbol.dispose]()
    await directory[Symbol.asyncDispose]()
    await passwords[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  })
  await directory.addDomain('home.test')
  await directory.addUser({ address: 'yuki@home.test', password: secret })
  return { access, authenticator, directory, time, events, hashed }
}

function from(clientAddress: string): LoginAttempt {
  return { clientAddress, protocol: 'imap', mechanism: 'PLAIN', session: 's1' }
}
const here = from('192.0.2.7')

test('right, wrong, unknown and disabled', async t => {
  const { authenticator, directory, events } = await start(t)
  const result = await authenticator.password('Yuki@Home.test', secret, here)
  assert.ok(result.kind === 'ok')
  assert.equal(result.login.address, 'yuki@home.test')
  assert.equal(result.login.ended.aborted, false)
  assert.equal((await authenticator.password('yuki', secret, here)).kind, 'ok')
  assert.deepEqual(await authenticator.password('yuki', 'wrong', here), { kind: 'refused', reason: 'wrong-password' })
  assert.deepEqual(await authenticator.password('ken', secret, here), { kind: 'refused', reason: 'unknown-user' })
  assert.deepEqual(await authenticator.password('yuki', `${secret}\0`, here), {
    kind: 'refused',
    reason: 'wrong-password',
  })
  await directory.setEnabled('yuki@home.test', false)
  assert.deepEqual(await authenticator.password('yuki@home.test', secret, here), {
    kind: 'refused',
    reason: 'disabled',
  })
  assert.deepEqual(
    events.map(event => `${event.kind} ${event.to} ${event.detail?.['reason'] ?? ''}`.trim()),
    [
      'login yuki@home.test',
      'login yuki@home.test',
      'login-refused yuki@home.test wrong-password',
      'login-refused ken unknown-user',
      'login-refused yuki@home.test wrong-password',
      'login-refused yuki@home.test disabled',
    ],
  )
  assert.ok(!JSON.stringify(events).includes(secret))
})

test('a bare name works only while one enabled user has it', async t => {
  const { authenticator, directory } = await start(t)
  await directory.addDomain('example.org')
  await directory.addUser({ address: 'yuki@example.org', password: 'another password' })
  assert.equal((await authenticator.password('yuki', secret, here)).kind, 'refused')
  assert.equal((await authenticator.password('yuki@home.test', secret, here)).kind, 'ok')
  await directory.setEnabled('yuki@example.org', false)
  assert.equal((await authenticator.password('yuki', secret, here)).kind, 'ok')
})

test('a success is remembered ten minutes, parallel logins share one hash', async t => {
  const { authenticator, hashed, time } = await start(t)
  const many = await Promise.all(Array.from({ length: 20 }, () => authenticator.password('yuki', secret, here)))
  assert.ok(many.every(result => result.kind === 'ok'))
  assert.equal(hashed.count, 1)
  time.now += 9 * 60_000
  await authenticator.password('yuki', secret, here)
  assert.equal(hashed.count, 1)
  time.now += 2 * 60_000
  await authenticator.password('yuki', secret, here)
  assert.equal(hashed.count, 2)
})

test('disabling, a new password and removal end the sessions, and the cache does not know the old password', async t => {
  const { authenticator, directory } = await start(t)
  const login = async (password: string) => {
    const result = await authenticator.password('yuki@home.test', password, here)
    return result.kind === 'ok' ? result.login : undefined
  }
  const ended = (signal: AbortSignal) =>
    signal.aborted || new Promise(resolve => signal.addEventListener('abort', resolve, { once: true }))
  const first = await login(secret)
  assert.ok(first)
  await directory.setQuota('yuki@home.test', 5)
  assert.equal(first.ended.aborted, false)
  await directory.setPassword('yuki@home.test', 'the second secret')
  await ended(first.ended)
  assert.equal(await login(secret), undefined)
  const second = await login('the second secret')
  assert.ok(second && !second.ended.aborted)
  await directory.setEnabled('yuki@home.test', false)
  await ended(second.ended)
  assert.equal(await login('the second secret'), undefined)
  await directory.setEnabled('yuki@home.test', true)
  const third = await login('the second secret')
  assert.ok(third)
  await directory.removeUser('yuki@home.test')
  await ended(third.ended)
})

test('a foreign hash becomes ours and gets a SCRAM verifier at the first login, without ending the session', async t => {
  const { authenticator, directory } = await start(t)
  await directory.addUser({
    address: 'ken@home.test',
    passwordHash:
      '{SHA512-CRYPT}$6$abcdefgh$KSau0PmzasEosgY2bCv42IWdPCrvzb9UeRwBA0DqW7ttav7DwYw7mWkq2RLozY4TsuGxT5i2DkhBMMAa72plf/',
  })
  assert.equal((await directory.user('ken@home.test'))?.passwordScheme, 'SHA512-CRYPT')
  assert.equal(authenticator.scramReady('sha-256'), false)
  const result = await authenticator.password('ken@home.test', 'Tōkaidō 53!', here)
  assert.ok(result.kind === 'ok')
  await authenticator.settled()
  assert.equal((await directory.user('ken@home.test'))?.passwordScheme, 'argon2id')
  assert.equal(authenticator.scramReady('sha-256'), true)
  assert.equal(result.login.ended.aborted, false)
  assert.equal((await authenticator.password('ken@home.test', 'Tōkaidō 53!', here)).kind, 'ok')
})

test('whoever cannot be asked makes it unavailable, and nothing is counted', async t => {
  let down = true
  const { authenticator } = await start(t, directory => ({
    ...directory,
    credential: name => (down ? Promise.reject(new Error('database gone')) : directory.credential(name)),
  }))
  for (let round = 0; round < 40; round++)
    assert.deepEqual(await authenticator.password('yuki', secret, here), {
      kind: 'unavailable',
      reason: 'database gone',
    })
  assert.equal((await authenticator.scram('yuki', here, 'sha-256')).kind, 'unavailable')
  down = false
  assert.equal((await authenticator.password('yuki', secret, here)).kind, 'ok')
})

test('guessing becomes slow; the owner at a known place is not held up by strangers', async t => {
  const { authenticator, time } = await start(t)
  assert.equal((await authenticator.password('yuki', secret, here)).kind, 'ok')
  const stranger = from('198.51.100.9')
  let throttled = 0
  for (let guess = 0; guess < 30; guess++) {
    const result = await authenticator.password('yuki', `guess ${guess}`, stranger)
    if (result.kind === 'throttled') throttled++
    time.now += 1
  }
  assert.equal(throttled, 24)
  // many strangers: the name itself is held up for those who never were here
  for (let host = 1; host < 40; host++) await authenticator.password('yuki', `guess ${host}`, from(`203.0.113.${host}`))
  assert.equal((await authenticator.password('yuki', secret, from('203.0.113.200'))).kind, 'throttled')
  assert.equal((await authenticator.password('yuki', secret, here)).kind, 'ok')
  time.now += 61_000
  assert.equal((await authenticator.password('yuki', secret, from('203.0.113.200'))).kind, 'ok')
})

test('one neighbour with an old password does not lock out a shared address', async t => {
  const { authenticator, directory, time } = await start(t)
  await directory.addUser({ address: 'ken@home.test', password: 'a pair of sandals' })
  for (let minute = 0; minute < 40; minute++) {
    time.now += 30_000
    assert.equal((await authenticator.password('ken', 'the old password', here)).kind, 'refused')
  }
  assert.equal((await authenticator.password('yuki', secret, here)).kind, 'ok')
  assert.equal((await authenticator.password('ken', 'a pair of sandals', here)).kind, 'ok')
})

test('guesses sent all at once do not run ahead of their count', async t => {
  const { authenticator } = await start(t)
  const results = await Promise.all(
    Array.from({ length: 50 }, (_, n) => authenticator.password('yuki', `guess ${n}`, here)),
  )
  assert.equal(results.filter(result => result.kind === 'refused').length, 3)
  assert.equal(results.filter(result => result.kind === 'throttled').length, 47)
})

test('SCRAM: the verifier of a user, a stable one for nobody', async t => {
  const { authenticator, directory } = await start(t)
  assert.equal(authenticator.scramReady('sha-256'), true)
  const mine = await authenticator.scram('yuki@home.test', here, 'sha-256')
  assert.ok(mine.kind === 'scram')
  const expected = await makeScramVerifier('sha-256', secret, mine.verifier.salt, mine.verifier.iterations)
  assert.deepEqual(Buffer.from(mine.verifier.storedKey), Buffer.from(expected?.storedKey ?? []))
  assert.equal((await mine.finish(true)).kind, 'ok')
  await assert.rejects(mine.finish(true))
  const nobody = await authenticator.scram('nobody@home.test', here, 'sha-256')
  const again = await authenticator.scram('nobody@home.test', here, 'sha-256')
  assert.ok(nobody.kind === 'scram' && again.kind === 'scram')
  assert.deepEqual(nobody.verifier, again.verifier)
  assert.equal(nobody.verifier.salt.length, mine.verifier.salt.length)
  assert.equal(nobody.verifier.iterations, mine.verifier.iterations)
  // even a proof that fits the made-up keys is no login
  assert.deepEqual(await nobody.finish(true), { kind: 'refused', reason: 'unknown-user' })
  const late = await authenticator.scram('yuki@home.test', here, 'sha-256')
  assert.ok(late.kind === 'scram')
  await directory.setPassword('yuki@home.test', 'the second secret')
  assert.equal((await late.finish(true)).kind, 'refused')
  for (let failure = 0; failure < 6; failure++) {
    const exchange = await authenticator.scram('yuki@home.test', here, 'sha-256')
    if (exchange.kind === 'scram') await exchange.finish(false)
  }
  assert.equal((await authenticator.scram('yuki@home.test', here, 'sha-256')).kind, 'throttled')
})

test('an app password opens every protocol of programs, not the web; it lives through a new password and ends with its user', async t => {
  const { access, authenticator, directory, hashed } = await start(t)
  const user = await directory.user('yuki@home.test')
  assert.ok(user)
  const made = await access.appPasswords.add(user.account, 'phone')
  assert.ok(!('refused' in made))
  const login = (protocol: LoginAttempt['protocol'], name = 'yuki') =>
    authenticator.password(name, made.password, { ...here, protocol })
  for (const protocol of ['imap', 'pop3', 'submission', 'managesieve', 'http'] as const)
    assert.equal((await login(protocol)).kind, 'ok', protocol)
  assert.equal(hashed.count, 0)
  assert.deepEqual(await login('web'), { kind: 'refused', reason: 'wrong-password' })
  await directory.addUser({ address: 'ken@home.test', password: 'another password' })
  assert.equal((await login('imap', 'ken')).kind, 'refused')
  await directory.setPassword('yuki@home.test', 'the second secret')
  const open = await login('imap')
  assert.ok(open.kind === 'ok' && !open.login.ended.aborted)
  await directory.setEnabled('yuki@home.test', false)
  assert.equal(open.login.ended.aborted, true)
  assert.deepEqual(await login('imap'), { kind: 'refused', reason: 'disabled' })
  await directory.setEnabled('yuki@home.test', true)
  const again = await login('imap')
  assert.ok(again.kind === 'ok')
  await directory.removeUser('yuki@home.test')
  assert.equal(again.login.ended.aborted, true)
  assert.deepEqual(access.appPasswords.list(user.account), [])
})
