import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import type { TestContext } from 'node:test'
import { silentLog } from '#base/log.ts'
import type { Directory } from './directory.ts'
import { keepRecipientListWritten, readListContent, writeRecipientList } from './recipient-list-file.ts'
import { openRecipientList } from './recipient-list-reader.ts'

type Listed = Pick<Directory, 'domains' | 'users' | 'aliases' | 'deletedNames' | 'watch'>

function household(users: Readonly<Record<string, boolean>>): Listed & { changed(): void } {
  let listener: (() => void) | undefined
  return {
    domains: async () => [
      { name: 'home.test', catchAll: undefined, separators: '+-' },
      { name: 'all.test', catchAll: 'hanako@home.test', separators: '+' },
    ],
    users: async () =>
      Object.entries(users).map(([address, enabled]) => ({
        account: 'a' as never,
        address,
        name: '',
        enabled,
        language: 'en',
        quotaBytes: undefined,
        administrator: false,
        pop3Mailbox: undefined,
        passwordScheme: undefined,
        createdAt: 0,
      })),
    aliases: async () => [{ address: 'team@home.test', targets: ['hanako@home.test'] }],
    deletedNames: async () => ['left@all.test', 'left@home.test', 'team@home.test'],
    watch(called) {
      listener = called
      return { [Symbol.dispose]: () => void (listener = undefined) }
    },
    changed: () => listener?.(),
  }
}

async function start(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-list-'))
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }))
  const time = { now: 1_790_000_000_000, monotonic: 0 }
  const clock = { now: () => time.now, monotonic: () => time.monotonic }
  return { file: join(folder, 'recipients.json'), folder, time, clock }
}

test('what home writes, the gateway answers from', async t => {
  const { file, folder, clock } = await start(t)
  await writeRecipientList(
    household({ 'hanako@home.test': true, 'old@home.test': false, 'off@all.test': false }),
    file,
    clock,
  )
  using list = await openRecipientList(file, { clock, log: silentLog })
  const table: readonly (readonly [string, string])[] = [
    ['hanako@home.test', 'known'],
    ['Hanako@HOME.Test', 'known'],
    ['"hanako"@home.test', 'known'],
    ['hanako+shop@home.test', 'known'],
    ['hanako-shop@home.test', 'known'],
    ['team@home.test', 'known'],
    ['team+x@home.test', 'known'],
    ['postmaster@home.test', 'known'],
    ['abuse@all.test', 'known'],
    ['old@home.test', 'disabled'],
    ['old+x@home.test', 'disabled'],
    ['nobody@home.test', 'unknown'],
    ['hanako', 'not-ours'],
    ['__proto__@home.test', 'unknown'],
    ['constructor@home.test', 'unknown'],
    ['anybody@all.test', 'known'],
    ['off@all.test', 'disabled'],
    ['left@all.test', 'unknown'],
    ['left+x@all.test', 'unknown'],
    ['left@home.test', 'unknown'],
    ['hanako@sub.home.test', 'not-ours'],
    ['hanako@[192.0.2.1]', 'not-ours'],
    ['hanako%internet.test@home.test', 'unknown'],
    ['', 'not-ours'],
  ]
  for (const [address, kind] of table) assert.equal(list.look(address).kind, kind, address)
  assert.deepEqual(list.domains, ['home.test', 'all.test'])
  assert.deepEqual(await readdir(folder), ['recipients.json'], 'nothing is left beside it')
})

test('its age counts by the monotonic clock; after an hour it is stale', async t => {
  const { file, clock, time } = await start(t)
  await writeRecipientList(household({}), file, clock)
  time.now += 60_000
  using list = await openRecipientList(file, { clock, log: silentLog })
  assert.equal(list.ageMs(), 60_000)
  time.now += 1e12
  assert.equal(list.ageMs(), 60_000, 'a wall clock that jumps ages nothing')
  assert.deepEqual(list.look('x@home.test'), { kind: 'unknown', fresh: true })
  time.monotonic += 3_600_000
  assert.deepEqual(list.look('x@home.test'), { kind: 'unknown', fresh: false })
  assert.deepEqual(list.look('x@internet.test'), { kind: 'not-ours', fresh: false })
  await writeRecipientList(household({ 'x@home.test': true }), file, { ...clock, now: () => time.now })
  await list.refresh()
  assert.equal(list.look('x@home.test').kind, 'known')
})

test('no list: nothing is ours, and nothing is certain', async t => {
  const { file, clock } = await start(t)
  using list = await openRecipientList(file, { clock, log: silentLog })
  assert.deepEqual(list.look('hanako@home.test'), { kind: 'not-ours', fresh: false })
  assert.equal(list.ageMs(), undefined)
  assert.equal(list.problem, 'missing')
})

test('a broken file: the last good list stays, and says so', async t => {
  const { file, clock } = await start(t)
  await writeRecipientList(household({ 'hanako@home.test': true }), file, clock)
  using list = await openRecipientList(file, { clock, log: silentLog })
  const good = await readFile(file, 'utf8')
  const broken: readonly (readonly [string, string])[] = [
    ['', 'not JSON'],
    [good.slice(0, -1), 'not JSON'],
    ['null', 'written by another version'],
    [good.replace('"version":1', '"version":2'), 'written by another version'],
    [good.replace('"plain"', '"hashed"'), 'written by another version'],
    [good.replace(/"writtenAt":\d+/, '"writtenAt":"now"'), 'without a date'],
    [good.replace('"home.test"', '"Home..test"'), 'domains are broken'],
    [good.replace('"known"', '"maybe"'), 'recipients are broken'],
  ]
  for (const [text, problem] of broken) {
    await writeFile(file, text)
    await list.refresh()
    assert.equal(list.problem, problem, text)
    assert.equal(list.look('hanako@home.test').kind, 'known')
  }
  await rm(file)
  await list.refresh()
  assert.equal(list.problem, 'missing')
  assert.equal(list.look('hanako@home.test').kind, 'known')
  await writeFile(file, good)
  await list.refresh()
  assert.equal(list.problem, undefined)
})

test('written again after each change', async t => {
  const { file, clock } = await start(t)
  const users: Record<string, boolean> = { 'hanako@home.test': true }
  const directory = household(users)
  const keeping = await keepRecipientListWritten({ directory, file, clock, log: silentLog })
  users['new@home.test'] = true
  directory.changed()
  directory.changed()
  await keeping[Symbol.asyncDispose]()
  const content = readListContent(await readFile(file, 'utf8'))
  assert.ok('recipients' in content)
  assert.equal(content.recipients['new@home.test'], 'known')
})
