import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { silentLog } from '#base/log.ts'
import type { DnsAnswer } from '../name-server.ts'
import type { ShownDkimKey } from './dkim-key.ts'
import { publishes, zoneLine } from './dkim-key.ts'
import { openDkimKeys } from './dkim-keys.ts'

async function bed(t: TestContext) {
  const folder = join(await mkdtemp(join(tmpdir(), 'hikyaku-dkim-')), 'dkim')
  t.after(() => rm(join(folder, '..'), { recursive: true, force: true, maxRetries: 10 }))
  const dns = new Map<string, DnsAnswer<readonly string[]>>()
  const time = { now: Date.UTC(2026, 10, 27) }
  const clock = { now: () => time.now, monotonic: () => time.now }
  let answered: Promise<unknown> = Promise.resolve()
  const txt = async (name: string) => {
    await answered
    return dns.get(name) ?? ({ kind: 'none' } as const)
  }
  /** No answer comes until what it returns is called */
  const slow = () => {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    answered = promise
    return () => resolve(undefined)
  }
  const open = () => openDkimKeys({ folder, txt, clock, log: silentLog, lookEveryMs: 0 })
  const publish = (...keys: readonly ShownDkimKey[]) => {
    for (const { name, record } of keys) dns.set(name, { kind: 'found', value: [record] })
  }
  return { folder, dns, time, open, publish, slow }
}

function made(keys: unknown): readonly [ShownDkimKey, ShownDkimKey] {
  assert.ok(Array.isArray(keys) && keys.length === 2, String(keys))
  return keys as unknown as readonly [ShownDkimKey, ShownDkimKey]
}

const signing = (keys: { signersFor(domain: string): readonly { selector: string }[] }, domain = 'home.test') =>
  keys.signersFor(domain).map(({ selector }) => selector)

test('a new key signs only once its record is seen in DNS', async t => {
  const { open, publish, dns, folder } = await bed(t)
  await using keys = await open()
  const [rsa, ed] = made(await keys.create('home.test'))
  assert.deepEqual([rsa.name, ed.name], ['h202611r._domainkey.home.test', 'h202611e._domainkey.home.test'])
  assert.match(rsa.record, /^v=DKIM1; k=rsa; p=MIIBIjAN[A-Za-z0-9+/=]{370,}$/)
  assert.match(ed.record, /^v=DKIM1; k=ed25519; p=[A-Za-z0-9+/]{43}=$/)
  assert.deepEqual(signing(keys), [])
  for (const name of await readdir(folder)) assert.equal((await stat(join(folder, name))).mode & 0o777, 0o600, name)
  assert.equal((await stat(folder)).mode & 0o777, 0o700)

  await keys.check()
  assert.deepEqual(signing(keys), [], 'no record')
  dns.set(rsa.name, { kind: 'temporary', reason: 'ESERVFAIL' })
  dns.set(ed.name, { kind: 'found', value: ['v=DKIM1; k=ed25519; p=AAAA'] })
  assert.deepEqual(
    (await keys.check('home.test')).map(key => key.dns?.found),
    ['unknown', 'other'],
  )
  assert.deepEqual(signing(keys), [])
  publish(rsa)
  await keys.check()
  assert.deepEqual(signing(keys), ['h202611r'])
  publish(ed)
  await keys.check()
  assert.deepEqual(signing(keys), ['h202611r', 'h202611e'])
})

test('rotation without a gap: the old key signs until the new record is seen, and is kept until it is retired', async t => {
  const { open, publish, time } = await bed(t)
  await using keys = await open()
  publish(...made(await keys.create('home.test', { selector: 'a' })))
  await keys.check()
  const [newRsa, newEd] = made(await keys.create('home.test', { selector: 'b' }))
  await keys.check()
  assert.deepEqual(signing(keys), ['ar', 'ae'], 'the new ones wait')
  publish(newRsa)
  await keys.check()
  assert.deepEqual(signing(keys), ['ae', 'br'], 'each algorithm for itself')
  publish(newEd)
  await keys.check()
  assert.deepEqual(signing(keys), ['br', 'be'])
  assert.deepEqual(
    keys.list().map(({ selector, state }) => `${selector} ${state}`),
    ['ar replaced', 'ae replaced', 'br active', 'be active'],
  )
  assert.equal(await keys.retire('home.test', 'br', false), 'still-needed')
  assert.equal(await keys.retire('home.test', 'ar', false), 'still-needed', 'mail that it signed is on its way')
  time.now += 15 * 24 * 3600 * 1000
  assert.deepEqual(await keys.retire('home.test', 'ar', false), {})
  assert.deepEqual(
    keys.list().map(({ selector }) => selector),
    ['ae', 'br', 'be'],
  )
  assert.equal(await keys.retire('home.test', 'ar', false), 'no-such-key')
})

test('keys and their states are there again after a restart', async t => {
  const { open, publish, folder } = await bed(t)
  {
    await using keys = await open()
    publish(...made(await keys.create('home.test')))
    await keys.check()
    await keys.create('home.test')
  }
  await using again = await open()
  assert.deepEqual(signing(again), ['h202611r', 'h202611e'])
  assert.deepEqual(
    again.list().map(({ selector, state }) => `${selector} ${state}`),
    ['h202611r active', 'h202611e active', 'h202611-2r pending', 'h202611-2e pending'],
  )
  assert.equal((await readdir(folder)).length, 5)
})

test('a name below signs with its parent’s key; refusals', async t => {
  const { open } = await bed(t)
  await using keys = await open()
  await keys.create('例え.test', { selector: 'x' })
  await keys.activate('xn--r8jz45g.test', 'xr')
  assert.deepEqual(signing(keys, 'mail.xn--r8jz45g.test'), ['xr'])
  assert.deepEqual(signing(keys, 'notxn--r8jz45g.test'), [])
  assert.deepEqual(signing(keys, 'test'), [])
  assert.equal(await keys.create('localhost'), 'bad-domain')
  assert.equal(await keys.create('home.test', { selector: 'A b' }), 'bad-selector')
  assert.equal(await keys.create('例え.test', { selector: 'x' }), 'exists')
  assert.equal(await keys.activate('home.test', 'xr'), 'no-such-key')
})

test('a record is ours by its key, however it is spaced; a zone line has strings that fit', () => {
  assert.ok(publishes('v=DKIM1;k=rsa ; p = MIIB\n IjAN', 'v=DKIM1; k=rsa; p=MIIBIjAN'))
  assert.ok(!publishes('v=DKIM1; p=', 'v=DKIM1; k=rsa; p=MIIB'))
  assert.ok(!publishes('nothing', 'nothing'))
  const line = zoneLine('a._domainkey.home.test', 'x'.repeat(400))
  assert.match(line, /^a\._domainkey\.home\.test\. IN TXT \( "x{250}" "x{150}" \)$/)
})

test('a key file that cannot be read: the other key signs, and a file that comes back does too', async t => {
  const { open, publish, folder } = await bed(t)
  {
    await using keys = await open()
    publish(...made(await keys.create('home.test')))
    await keys.check()
  }
  const file = join(folder, 'home.test.h202611r.pem')
  const pem = await readFile(file, 'utf8')
  for (const broken of ['', 'half of a key', undefined]) {
    await (broken === undefined ? rm(file) : writeFile(file, broken))
    await using keys = await open()
    assert.deepEqual(signing(keys), ['h202611e'])
    // written down anew, and a new key does not take its name
    await keys.check()
    assert.equal(await keys.create('home.test', { selector: 'h202611' }), 'exists')
  }
  await writeFile(file, pem)
  await using keys = await open()
  assert.deepEqual(signing(keys).toSorted(), ['h202611e', 'h202611r'])
})

test('an index that cannot be read stops no mail: the keys sign again once their records are seen', async t => {
  const { open, publish, folder } = await bed(t)
  {
    await using keys = await open()
    publish(...made(await keys.create('home.test')))
    await keys.check()
  }
  for (const broken of ['', '[{"domain"', 'null']) {
    await writeFile(join(folder, 'keys.json'), broken)
    await using keys = await open()
    assert.deepEqual(signing(keys), [])
    assert.equal(await keys.create('home.test', { selector: 'h202611' }), 'exists', 'no key is overwritten')
    await keys.check()
    assert.deepEqual(signing(keys).toSorted(), ['h202611e', 'h202611r'])
  }
})

// `dkim check` with a dead name server held every other command for up to ten seconds a key.
test('while DNS does not answer, other commands go on, and what is retired meanwhile stays away', async t => {
  const { open, publish, slow } = await bed(t)
  await using keys = await open()
  const [rsa, ed] = made(await keys.create('home.test'))
  publish(rsa, ed)
  const answer = slow()
  const checked = keys.check()
  assert.deepEqual(await keys.retire('home.test', rsa.selector, false), {})
  assert.ok(Array.isArray(await keys.create('other.test')))
  assert.deepEqual(signing(keys), [])
  answer()
  assert.deepEqual(
    (await checked).map(({ selector, state }) => `${selector} ${state}`),
    [`${ed.selector} active`],
  )
  assert.deepEqual(signing(keys), [ed.selector])
  assert.deepEqual(
    keys.list().map(({ domain, state }) => `${domain} ${state}`),
    ['home.test active', 'other.test pending', 'other.test pending'],
  )
})
