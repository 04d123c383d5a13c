// MTA-STS, REQUIRETLS and TLS-Required against a pretend internet on loopback: its own authority, HTTPS server and mail server.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { silentLog } from '#base/log.ts'
import type { Envelope } from '#formats/envelope.ts'
import { memorySource } from '#formats/message-source.ts'
import { openStsPolicies } from '#mail/mta-sts/policies.ts'
import { maxPolicyBytes } from '#mail/mta-sts/limits.ts'
import type { DnsAnswer, Resolver } from '#net/dns.ts'
import { httpsText } from '#net/https-text.ts'
import { KeptConnections } from './mx-kept.ts'
import { mxTransport, type TlsSeen } from './mx-transport.ts'
import { smtpBench } from './smtp.testbed.ts'

const letter = 'From: a@home.test\r\nSubject: x\r\n\r\nHello\r\n'

type World = {
  id?: string | undefined
  policy: string
  mx: readonly string[]
  status: number
  contentType: string
  kept?: KeptConnections
}

async function pretendInternet(t: TestContext, change: Partial<World> = {}) {
  const world: World = {
    id: '1',
    policy: 'version: STSv1\nmode: enforce\nmx: mx.home.test\nmax_age: 86400\n',
    mx: ['mx.home.test'],
    status: 200,
    contentType: 'text/plain; charset=utf-8',
    ...change,
  }
  const bench = await smtpBench('mx')
  t.after(() => bench[Symbol.asyncDispose]())
  const listener = await bench.listen()
  const web: Server = createServer(await bench.ca.issueServer(['mta-sts.good.test']), (request, response) => {
    fetches.push(`${request.headers.host?.split(':')[0]}${request.url}`)
    response.writeHead(world.status, { 'content-type': world.contentType, location: 'https://elsewhere.test/' })
    response.end(world.policy)
  })
  const fetches: string[] = []
  await new Promise<void>(resolve => web.listen(0, '127.0.0.1', resolve))
  t.after(() => web.close())
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-sts-'))
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }))
  const found = <Value>(value: Value): Promise<DnsAnswer<Value>> => Promise.resolve({ kind: 'found', value })
  const asked: string[] = []
  const txt = (name: string) => {
    asked.push(name)
    return world.id === undefined || name.endsWith('.plain.test')
      ? Promise.resolve({ kind: 'none' } as const)
      : found([`v=STSv1; id=${world.id};`])
  }
  const resolver: Resolver = {
    mx: () => found(world.mx.map((exchange, priority) => ({ exchange, priority }))),
    addresses: () => found(['127.0.0.1']),
    txt,
    ptr: async () => ({ kind: 'none' }),
    a: () => found(['127.0.0.1']),
    aaaa: async () => ({ kind: 'none' }),
  } as Resolver
  const time = { now: Date.now() }
  const clock = { now: () => time.now, monotonic: () => time.now }
  const fetch = async (domain: string) => {
    const host = `mta-sts.${domain}`
    const port = (web.address() as AddressInfo).port
    const ca = bench.ca.certificatePem
    const options = { host, address: '127.0.0.1', port, ca, maxBytes: maxPolicyBytes, timeoutMs: 5000 }
    const got = await httpsText({ ...options, path: '/.well-known/mta-sts.txt' })
    if (got.status !== 200 || !got.contentType.startsWith('text/plain')) throw new Error(`HTTP ${got.status}`)
    return got.text
  }
  const open = () => openStsPolicies({ folder: join(folder, 'sts'), txt, fetch, clock, log: silentLog })
  let policies = await open()
  t.after(() => policies[Symbol.asyncDispose]())
  const seen: TlsSeen[] = []
  const send = async (text = letter, more: Partial<Envelope> = {}) => {
    const transport = mxTransport({
      resolver,
      helo: 'mail.home.test',
      port: listener.port,
      policies,
      ca: bench.ca.certificatePem,
      ...(world.kept && { kept: world.kept }),
      onTls: one => seen.push(one),
    })
    const recipients = [{ address: 'x@good.test' }]
    const envelope: Envelope = { reversePath: 'a@home.test', recipients, body: '7BIT', smtpUtf8: false, ...more }
    const [result] = await transport(envelope, memorySource(Buffer.from(text)), AbortSignal.timeout(10_000))
    assert.ok(result)
    return `${result.status} ${result.reply.code} ${result.reply.enhanced} ${result.reply.lines.join(' ')}`
  }
  const restart = async () => {
    await policies[Symbol.asyncDispose]()
    policies = await open()
  }
  return { world, fetches, asked, seen, time, send, restart, taken: bench.receiver.taken }
}

test('enforce: the host that the policy names, with a certificate that holds', async t => {
  const { send, fetches, seen, taken, asked } = await pretendInternet(t)
  assert.match(await send(), /^delivered 250/)
  assert.match(await send(), /^delivered 250/)
  assert.deepEqual(fetches, ['mta-sts.good.test/.well-known/mta-sts.txt'], 'fetched once')
  assert.deepEqual(asked, ['_mta-sts.good.test'], 'and DNS is not asked again within minutes')
  assert.ok(taken.every(({ session }) => session.tls !== undefined))
  assert.deepEqual(
    seen.map(({ result }) => result),
    ['verified', 'verified'],
  )
})

test('enforce: a host that it does not name, or whose certificate does not hold, gets nothing; mail waits and says why', async t => {
  const { world, send, taken, seen } = await pretendInternet(t, { mx: ['evil.test', 'mail.home.test'] })
  world.policy = 'version: STSv1\nmode: enforce\nmx: *.home.test\nmax_age: 86400\n'
  // mail.home.test is allowed, and shows the certificate of mx.home.test
  assert.match(await send(), /^deferred 451 4\.7\.5 MTA-STS: TLS with mail\.home\.test failed/)
  world.mx = ['evil.test']
  assert.match(await send(), /^deferred 451 4\.7\.5 MTA-STS: the policy of good\.test names none of its mail servers/)
  assert.equal(taken.length, 0)
  assert.deepEqual(
    seen.map(({ host, result }) => `${host} ${result}`),
    ['evil.test not-listed', 'mail.home.test failed', 'evil.test not-listed'],
  )
  world.mx = ['evil.test', 'mx.home.test']
  assert.match(await send(), /^delivered 250/)
})

test('testing: told, and sent all the same; none: not even told', async t => {
  const { world, send, seen } = await pretendInternet(t, { mx: ['evil.test'] })
  world.policy = 'version: STSv1\nmode: testing\nmx: mx.home.test\nmax_age: 86400\n'
  assert.match(await send(), /^delivered 250/)
  assert.deepEqual(
    seen.map(({ host, result }) => `${host} ${result}`),
    ['evil.test not-listed'],
  )
})

const noPolicies: readonly (readonly [string, Partial<World>])[] = [
  ['there is no record', { id: undefined }],
  ['the server redirects', { status: 302 }],
  ['the server has none', { status: 404 }],
  ['it is HTML', { contentType: 'text/html' }],
  ['it is no policy', { policy: 'hello' }],
  [
    'it is too large',
    { policy: `version: STSv1\nmode: enforce\nmx: mx.home.test\nmax_age: 9\n${'x: y\n'.repeat(20_000)}` },
  ],
]
for (const [name, change] of noPolicies)
  test(`no policy: ${name}; mail goes as it would without`, async t => {
    const { send, fetches } = await pretendInternet(t, { ...change, mx: ['evil.test'] })
    assert.match(await send(), /^delivered 250/)
    assert.match(await send(), /^delivered 250/)
    assert.ok(fetches.length <= 1, 'not asked again at once')
  })

test('a policy that was seen holds until its time is over, across a restart and whatever DNS and web say', async t => {
  const { world, send, time, restart } = await pretendInternet(t)
  assert.match(await send(), /^delivered/)
  Object.assign(world, { id: undefined, status: 500, mx: ['evil.test'] })
  await restart()
  time.now += 6 * 60_000
  assert.match(await send(), /^deferred 451 4\.7\.5 MTA-STS/)
  time.now += 23 * 3600_000
  assert.match(await send(), /^deferred 451 4\.7\.5 MTA-STS/)
  time.now += 2 * 3600_000
  assert.match(await send(), /^delivered/)
})

test('a new id brings the new policy', async t => {
  const { world, send, time, fetches } = await pretendInternet(t)
  assert.match(await send(), /^delivered/)
  Object.assign(world, { id: '2', mx: ['evil.test'], policy: 'version: STSv1\nmode: none\nmax_age: 86400\n' })
  assert.match(await send(), /^deferred/, 'not yet looked at')
  time.now += 6 * 60_000
  assert.match(await send(), /^delivered/)
  assert.equal(fetches.length, 2)
})

test('TLS-Required: No sends it whatever the policy says. RFC 8689 §3', async t => {
  const { send } = await pretendInternet(t, { mx: ['evil.test'] })
  assert.match(await send(), /^deferred/)
  assert.match(await send(`TLS-Required: No\r\n${letter}`), /^delivered/)
  assert.match(await send(`TLS-Required: Yes\r\n${letter}`), /^deferred/)
})

test('REQUIRETLS: only where a policy proves the host, its certificate holds and it promises the same; else it comes back', async t => {
  const { world, send, taken } = await pretendInternet(t)
  assert.match(await send(`TLS-Required: No\r\n${letter}`, { requireTls: true }), /^delivered/)
  assert.equal(taken[0]?.envelope.requireTls, true, 'the promise is passed on')
  world.mx = ['evil.test']
  assert.match(await send(letter, { requireTls: true }), /^deferred 451 4\.7\.5/)
  const without = await pretendInternet(t, { id: undefined })
  assert.match(await without.send(letter, { requireTls: true }), /^failed 550 5\.7\.30 REQUIRETLS/)
})

test('a kept connection that nobody verified carries no letter that wants proof, nor the other way round', async t => {
  await using kept = new KeptConnections()
  const { send, taken, seen } = await pretendInternet(t, { kept })
  const plain = { recipients: [{ address: 'x@plain.test' }] }
  for (const more of [plain, {}, plain, {}]) assert.match(await send(letter, more), /^delivered 250/)
  const [first, second, third, fourth] = taken.map(({ session }) => session.id)
  assert.notEqual(first, second)
  assert.deepEqual([third, fourth], [first, second])
  assert.equal(seen.length, 1, 'told of when the connection was made')
})
