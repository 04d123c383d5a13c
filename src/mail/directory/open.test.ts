import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import type { TestContext } from 'node:test'
import { systemClock } from '#base/clock.ts'
import { Database } from '#store/sqlite.ts'
import { openPasswords } from '../passwords/passwords.ts'
import { openDirectory } from './open.ts'
import type { DirectoryOptions, OpenDirectory } from './open.ts'

const day = 24 * 60 * 60 * 1000

async function start(t: TestContext, options: Partial<DirectoryOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'directory-'))
  const passwords = openPasswords()
  const time = { now: Date.UTC(2026, 0, 1) }
  const created: string[] = []
  const open = () =>
    openDirectory({
      folder,
      passwords,
      clock: { now: () => time.now, monotonic: systemClock.monotonic },
      createAccount: id => Promise.resolve(created.push(id)),
      ...options,
    })
  let directory = await open()
  t.after(async () => {
    await directory[Symbol.asyncDispose]()
    await passwords[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  })
  const reopen = async () => {
    await directory[Symbol.asyncDispose]()
    directory = await open()
    return directory
  }
  return { directory, reopen, time, created }
}

async function who(directory: OpenDirectory, address: string): Promise<string> {
  const resolution = await directory.resolve(address)
  if (resolution.kind !== 'local') return resolution.kind
  return resolution.targets
    .map(target => target.address + (target.detail === undefined ? '' : ` ${target.detail}`))
    .join(', ')
}

async function household(directory: OpenDirectory, time: { now: number }) {
  await directory.addDomain('home.test')
  await directory.addUser({ address: 'yuki@home.test' })
  time.now += 1000
  await directory.addUser({ address: 'ken@home.test', language: 'ja', name: '健', quotaBytes: 1000 })
  await directory.addUser({ address: 'aki@home.test' })
  await directory.addAlias('family@home.test', ['yuki@home.test', 'Ken@HOME.test', 'aki@home.test'])
  await directory.addAlias('all@home.test', ['family@home.test', 'yuki+all@home.test'])
}

test('an address finds its user, alias, sub-address or nobody', async t => {
  const { directory, reopen, time, created } = await start(t)
  await household(directory, time)
  await directory.setEnabled('aki@home.test', false)
  assert.equal(created.length, 3)
  assert.match(created[0] ?? '', /^[a-z2-7]{16}$/)
  const cases = [
    ['yuki@home.test', 'yuki@home.test'],
    ['"YUKI"@Home.TEST', 'yuki@home.test'],
    ['yuki+shop+more@home.test', 'yuki@home.test shop+more'],
    ['yuki+@home.test', 'yuki@home.test '],
    // disabled people are passed over, unless nobody is left
    ['family@home.test', 'yuki@home.test, ken@home.test'],
    ['family+x@home.test', 'yuki@home.test x, ken@home.test x'],
    // an alias may point to a sub-address; everyone is reached once, by the nearest way
    ['all@home.test', 'yuki@home.test all, ken@home.test'],
    ['aki@home.test', 'disabled'],
    ['aki+x@home.test', 'disabled'],
    ['nobody@home.test', 'unknown'],
    ['yuki@example.net', 'foreign'],
    ['no address', 'unknown'],
    ['Postmaster', 'yuki@home.test'],
    ['postmaster@home.test', 'yuki@home.test'],
    ['Abuse@home.test', 'yuki@home.test'],
    ['abuse@example.net', 'foreign'],
  ] as const
  for (const [address, expected] of cases) assert.equal(await who(directory, address), expected, address)
  const again = await reopen()
  for (const [address, expected] of cases)
    assert.equal(await who(again, address), expected, `${address} after reopening`)
  const ken = await again.user('ken@home.test')
  assert.deepEqual([ken?.name, ken?.language, ken?.quotaBytes, ken?.passwordScheme], ['健', 'ja', 1000, undefined])
})

test('the catch-all takes what never was a name, and nothing else', async t => {
  const { directory, time } = await start(t)
  await household(directory, time)
  assert.deepEqual(await directory.setCatchAll('home.test', 'x@example.net'), {
    refused: 'target-not-local',
    detail: 'x@example.net',
  })
  assert.deepEqual(await directory.setCatchAll('home.test', 'yuki@home.test'), {})
  await directory.setEnabled('aki@home.test', false)
  await directory.removeUser('ken@home.test')
  await directory.removeAlias('all@home.test')
  assert.equal(await who(directory, 'anything@home.test'), 'yuki@home.test')
  assert.equal(await who(directory, 'anything+x@home.test'), 'yuki@home.test')
  assert.equal(await who(directory, 'aki@home.test'), 'disabled')
  assert.equal(await who(directory, 'aki+x@home.test'), 'disabled')
  assert.equal(await who(directory, 'ken@home.test'), 'unknown')
  assert.equal(await who(directory, 'ken+x@home.test'), 'unknown')
  assert.equal(await who(directory, 'all@home.test'), 'unknown')
  // the alias that named the removed user goes on with the others
  assert.deepEqual((await directory.aliases())[0]?.targets, ['yuki@home.test', 'aki@home.test'])
  await directory.removeUser('yuki@home.test')
  assert.equal((await directory.domains())[0]?.catchAll, undefined)
  assert.equal(await who(directory, 'anything@home.test'), 'unknown')
})

test('a deleted address is nobody else’s for thirty days', async t => {
  const { directory, time, reopen } = await start(t)
  await household(directory, time)
  await directory.removeUser('ken@home.test')
  time.now += 29 * day
  const refused = await directory.addUser({ address: 'ken@home.test' })
  assert.ok('refused' in refused && refused.refused === 'recently-deleted')
  assert.ok('refused' in (await directory.addAlias('ken@home.test', ['yuki@home.test'])))
  time.now += 1 * day
  const again = await reopen()
  assert.ok('account' in (await again.addUser({ address: 'ken@home.test' })))
  assert.equal(await who(again, 'ken@home.test'), 'ken@home.test')
})

test('loops of aliases are refused, chains too deep reach nobody', async t => {
  const { directory, time } = await start(t)
  await household(directory, time)
  assert.ok('address' in (await directory.addAlias('a0@home.test', ['yuki@home.test'])))
  assert.deepEqual(await directory.addAlias('a1@home.test', ['a1@home.test']), {
    refused: 'target-not-local',
    detail: 'a1@home.test',
  })
  for (let n = 1; n < 12; n++) await directory.addAlias(`a${n}@home.test`, [`a${n - 1}@home.test`])
  assert.equal(await who(directory, 'a9@home.test'), 'yuki@home.test')
  assert.equal(await who(directory, 'a11@home.test'), 'unknown')
  await directory.removeUser('yuki@home.test')
  assert.deepEqual(
    (await directory.aliases()).map(alias => alias.address),
    ['family@home.test', 'all@home.test'],
  )
})

test('who may send as whom', async t => {
  const { directory, time } = await start(t)
  await household(directory, time)
  await directory.setCatchAll('home.test', 'ken@home.test')
  const ken = (await directory.user('ken@home.test'))?.account
  assert.ok(ken)
  for (const address of ['ken@home.test', 'KEN+x@home.test', 'family@home.test', 'family+y@home.test', 'all@home.test'])
    assert.equal(await directory.maySendAs(ken, address), true, address)
  for (const address of ['yuki@home.test', 'anything@home.test', 'ken@example.net', 'postmaster@home.test', ''])
    assert.equal(await directory.maySendAs(ken, address), false, address)
})

test('what is refused, by code', async t => {
  const { directory, time } = await start(t)
  await household(directory, time)
  const code = async (answer: Promise<object>) => ((await answer) as { refused?: string }).refused
  assert.equal(await code(directory.addDomain('HOME.test.')), 'exists')
  assert.equal(await code(directory.addDomain('[127.0.0.1]')), 'bad-domain')
  assert.equal(await code(directory.addDomain('no domain')), 'bad-domain')
  assert.equal(await code(directory.removeDomain('home.test')), 'domain-in-use')
  assert.equal(await code(directory.removeDomain('example.org')), 'no-such-domain')
  assert.equal(await code(directory.addUser({ address: 'yuki@home.test' })), 'exists')
  assert.equal(await code(directory.addUser({ address: 'family@home.test' })), 'exists')
  assert.equal(await code(directory.addUser({ address: 'x@example.org' })), 'no-such-domain')
  assert.equal(await code(directory.addUser({ address: 'x y@home.test' })), 'bad-address')
  assert.equal(await code(directory.addUser({ address: 'mio@home.test', password: 'mio12345' })), undefined)
  assert.equal(await code(directory.addUser({ address: 'rin@home.test', password: 'rin2024' })), 'weak-password')
  assert.equal(await code(directory.addUser({ address: 'rin@home.test', password: 'testtest' })), 'weak-password')
  assert.equal(await code(directory.setPassword('yuki@home.test', 'yuki@home.test1')), 'weak-password')
  assert.equal(await code(directory.setPassword('who@home.test', 'a good long one')), 'no-such-user')
  assert.equal(await code(directory.setPasswordHash('yuki@home.test', '{SHA512-CRYPT}.xyz')), 'bad-hash')
  assert.equal(await code(directory.addAlias('family@home.test', ['yuki@home.test'])), 'exists')
  assert.equal(await code(directory.addAlias('x@home.test', ['x@example.org'])), 'target-not-local')
  assert.equal(await code(directory.addAlias('x@home.test', [])), 'bad-address')
  assert.equal(await code(directory.removeAlias('x@home.test')), 'no-such-alias')
  assert.equal(await code(directory.addDomain('例え.test')), undefined)
  assert.ok((await directory.domains()).some(domain => domain.name === 'xn--r8jz45g.test'))
})

test('two callers for one address: one is told that it exists', async t => {
  const { directory } = await start(t)
  await directory.addDomain('home.test')
  const answers = await Promise.all([1, 2, 3].map(() => directory.addUser({ address: 'yuki@home.test' })))
  assert.equal(answers.filter(answer => 'account' in answer).length, 1)
  assert.equal((await directory.users()).length, 1)
})

test('listeners hear of every change, after it is to be seen', async t => {
  const { directory } = await start(t)
  const seen: number[] = []
  using watch = directory.watch(() => void directory.domains().then(domains => seen.push(domains.length)))
  assert.ok(watch)
  await directory.addDomain('home.test')
  await directory.addDomain('home.test')
  await directory.addDomain('example.org')
  await directory.domains()
  assert.deepEqual(seen, [1, 2])
})

test('the mailbox for POP3 is kept, and a directory from before it has none', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'directory-'))
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))
  const initial = new URL('../../store/directory/migrations/0001-initial.sql', import.meta.url)
  const old = new Database(join(folder, 'directory.db'), { durability: 'FULL', busyTimeoutMs: 1_000 })
  old.exec(readFileSync(initial, 'utf8'))
  old.exec(`INSERT INTO domain VALUES ('home.test', NULL, '+', 0);
    INSERT INTO user VALUES ('aaaaaaaaaaaaaaaa', 'old@home.test', '', 1, 'en', NULL, NULL, 1, x'00', 65536, NULL, 0);
    PRAGMA user_version = 1`)
  old.close()
  const { directory, reopen } = await start(t, { folder })
  assert.equal((await directory.user('old@home.test'))?.pop3Mailbox, undefined)
  assert.equal((await directory.user('old@home.test'))?.administrator, false)
  assert.deepEqual(await directory.setAdministrator('old@home.test', true), {})
  assert.deepEqual(await directory.setPop3Mailbox('old@home.test', 'inbox/Work'), {})
  for (const bad of ['', 'a//b', '100%', 'x\r\ny'])
    assert.deepEqual(await directory.setPop3Mailbox('old@home.test', bad), { refused: 'bad-mailbox', detail: bad })
  assert.equal(
    ((await directory.setPop3Mailbox('nobody@home.test', 'x')) as { refused?: string }).refused,
    'no-such-user',
  )
  const again = await reopen()
  assert.equal((await again.user('old@home.test'))?.pop3Mailbox, 'INBOX/Work')
  assert.equal((await again.user('old@home.test'))?.administrator, true)
  await again.setPop3Mailbox('old@home.test', undefined)
  assert.equal((await again.user('old@home.test'))?.pop3Mailbox, undefined)
})
