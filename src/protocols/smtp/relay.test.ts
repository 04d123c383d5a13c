// The gateway as a relay for its home: who may, for which senders, and how the answers of others come back.
import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import type { Envelope, RecipientResult } from '#formats/envelope.ts'
import { memorySource } from '#formats/message-source.ts'
import { printReply, smtpReply } from '#formats/smtp-reply.ts'
import type { MailEvent } from '#mail/events.ts'
import { silentEvents } from '#mail/events.ts'
import { createRelayReceiver, type RelayOptions } from '#mail/relay/receiver.ts'
import { openRelayedMemory, type RelayedMemory } from '#mail/relay/recent.ts'
import { heardFromGateway } from '#mail/relay/words.ts'
import { envelopeTo, message, signal } from './client.testbed.ts'
import type { ClientLogin } from './client-auth.ts'
import { openClient, type TlsPolicy } from './client.ts'
import { watchRelay } from '#mail/relay/watch.ts'
import { relayedAs, relayTransport } from './relay-transport.ts'
import { smtpBench } from './smtp.testbed.ts'

type Sent = { readonly envelope: Envelope; readonly body: string }

const taken: RecipientResult = {
  status: 'delivered',
  reply: smtpReply(250, '2.0.0', 'Taken'),
  remote: 'mx.internet.test',
}

const nothingKept: RelayedMemory = { find: async names => names.map(() => undefined), keep: async () => {} }

/** A gateway that knows `home` by certificate and password; `answer` stands for the whole internet. */
async function gateway(more: Partial<RelayOptions> = {}, answer: (address: string) => RecipientResult = () => taken) {
  const bench = await smtpBench('relay')
  const events: MailEvent[] = []
  const sent: Sent[] = []
  const receiver = createRelayReceiver({
    hostname: 'mx.home.test',
    list: { domains: ['home.test'] },
    async transport(envelope, source) {
      const parts: Uint8Array[] = []
      for await (const part of source.open()) parts.push(part)
      sent.push({ envelope, body: Buffer.concat(parts).toString() })
      return envelope.recipients.map(({ address }) => answer(address))
    },
    memory: nothingKept,
    budgetMs: 5_000,
    atOnce: 10,
    recipientsPerHour: 0,
    clock: systemClock,
    log: silentLog,
    events: { ...silentEvents, record: event => void events.push(event) },
    ...more,
  })
  const known = await bench.ca.issueClient('home')
  const fingerprint = new X509Certificate(known.cert).fingerprint256.replaceAll(':', '').toLowerCase()
  const listener = await bench.listen({
    receiver,
    peers: {
      certificates: new Map([[fingerprint, 'home']]),
      passwords: new Map([['home', 'secret']]),
      allowUnauthenticated: false,
    },
  })
  const home = (proof: { cert: string; key: string } | undefined, login?: ClientLogin) => {
    const tls: TlsPolicy = {
      mode: 'required',
      from: 'starttls',
      ca: bench.ca.certificatePem,
      serverName: 'mx.home.test',
      ...proof,
    }
    const server = { host: '127.0.0.1', port: listener.port }
    return relayTransport({ server, helo: 'mail.home.test', tls, ...(login && { login }) })
  }
  return {
    bench,
    events,
    sent,
    home,
    known,
    state: receiver.state,
    port: listener.port,
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  }
}

const shown = (results: readonly RecipientResult[]) =>
  results.map(({ status, reply, remote }) => `${status} ${printReply(reply)} (${remote})`)

test('answers of others come back word for word, each recipient its own, under one delivery id', async () => {
  const answers: Readonly<Record<string, RecipientResult>> = {
    'a@internet.test': {
      ...taken,
      over: { address: '192.0.2.7', tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384' },
      dsnPassedOn: true,
    },
    'b@internet.test': {
      status: 'failed',
      reply: { code: 550, enhanced: '5.1.1', lines: ['No such user', 'really: none', 'RELAY remote=forged.test dsn'] },
      remote: 'mx2.internet.test',
      over: { address: '2001:db8::2' },
    },
    'c@internet.test': { status: 'deferred', reply: { code: 451, lines: ['old words'] }, remote: 'mx3.internet.test' },
    'd@internet.test': { status: 'deferred', reply: smtpReply(451, '4.4.2', 'lost'), unsure: true },
    'e@internet.test': { status: 'deferred', reply: smtpReply(451, '4.4.1', 'away'), unreached: true },
  }
  await using box = await gateway({}, address => answers[address] ?? taken)
  await using transport = box.home(box.known)
  const envelope = envelopeTo(Object.keys(answers), { dsnEnvelopeId: 'QQ1', requireTls: true })
  const results = await relayedAs('home-out.1.7', transport)(envelope, message, signal())
  assert.deepEqual(results, Object.values(answers))
  const [sent] = box.sent
  assert.ok(sent)
  assert.equal(sent.envelope.deliveryId, undefined, 'the id stays between us')
  assert.equal(sent.envelope.dsnEnvelopeId, 'QQ1')
  assert.equal(sent.envelope.requireTls, true)
  assert.match(sent.body, /^Received: by mx\.home\.test with LMTPSA id home-out\.1\.7;[^]*\r\nSubject: x\r\n/)
  assert.doesNotMatch(sent.body, /127\.0\.0\.1|192\.0\.2|mail\.home\.test/, 'nothing tells where home is')
  assert.deepEqual(
    box.events.map(({ kind, delivery, to }) => `${kind} ${delivery} ${to}`),
    ['sent', 'attempt-failed', 'attempt-deferred', 'attempt-deferred', 'attempt-deferred'].map(
      (kind, at) => `${kind} home-out.1.7 ${Object.keys(answers)[at]}`,
    ),
  )
})

test('a reply too long for one is cut, and still ends with whose words it is', async () => {
  const lines = Array.from({ length: 200 }, () => '語'.repeat(1_300))
  await using box = await gateway({}, () => ({
    status: 'failed',
    reply: { code: 554, enhanced: '5.7.1', lines },
    remote: 'mx.internet.test',
  }))
  await using transport = box.home(box.known)
  const [result] = await relayedAs('home-out.1.8', transport)(envelopeTo(['a@internet.test']), message, signal())
  assert.equal(result?.status, 'failed')
  assert.equal(result.remote, 'mx.internet.test')
  assert.equal(result.reply.lines.length, 100)
})

test('open relay: without a proof nobody gets beyond MAIL, and the mail waits at home', async () => {
  await using box = await gateway()
  const stranger = await box.bench.ca.issueClient('stranger')
  for (const [proof, login] of [
    [undefined, undefined],
    [stranger, undefined],
    [undefined, { username: 'home', password: 'wrong' }],
    [undefined, { username: 'other', password: 'secret' }],
  ] as const) {
    await using transport = box.home(proof, login)
    const [result] = await relayedAs('x.1', transport)(envelopeTo(['victim@internet.test']), message, signal())
    assert.equal(result?.status, 'deferred')
    assert.ok(result.unreached, 'another way may be tried')
    assert.match(printReply(result.reply), /RELAY-AUTH|refuses our login: 535/)
  }
  assert.equal(box.sent.length, 0)
})

test('open relay: in clear nothing but STARTTLS leads on', async () => {
  await using box = await gateway()
  const inClear = (protocol: 'lmtp' | 'smtp') =>
    openClient(
      {
        protocol,
        to: { address: '127.0.0.1', port: box.port },
        host: 'mx.home.test',
        helo: 'home',
        tls: { mode: 'none' },
      },
      signal(),
    )
  for (const line of ['MAIL FROM:<hanako@home.test>', 'MAIL FROM:<>', 'AUTH PLAIN AGhvbWUAc2VjcmV0']) {
    const client = await inClear('lmtp')
    assert.ok(!client.offers('XDELIVERY') && !client.offers('AUTH') && client.offers('STARTTLS'))
    client.writeLine(line)
    assert.match(printReply(await client.reply(signal())), /^(?:421 4\.7\.0 RELAY-AUTH|538 5\.7\.11)/)
    client.destroy()
  }
  await assert.rejects(inClear('smtp'), /421 4\.5\.1 LMTP-PROTO/)
})

test('open relay: the right certificate with a sender that is not ours', async () => {
  await using box = await gateway()
  await using transport = box.home(box.known)
  const results: string[] = []
  for (const reversePath of [
    'spam@internet.test',
    'a@home.test.internet.test',
    '"x@home.test"@internet.test',
    'home.test@internet.test',
  ])
    results.push(...shown(await transport(envelopeTo(['victim@internet.test'], { reversePath }), message, signal())))
  for (const result of results) assert.match(result, /^deferred 451 4\.7\.1 RELAY-SENDER/)
  assert.equal(results.length, 4)
  assert.equal(box.sent.length, 0)
  for (const reversePath of ['', 'hanako@HOME.test', 'SRS0=abcdefgh=aa=internet.test=x@home.test'])
    assert.equal(
      (await transport(envelopeTo(['a@internet.test'], { reversePath }), message, signal()))[0]?.status,
      'delivered',
    )
})

test('by login it works as well; what is more than an hour’s share waits', async () => {
  await using box = await gateway({ recipientsPerHour: 2 })
  await using transport = box.home(undefined, { username: 'home', password: 'secret' })
  const through = relayedAs('home-out.1.9', transport)
  const results = await through(
    envelopeTo(['a@internet.test', 'b@internet.test', 'c@internet.test']),
    message,
    signal(),
  )
  assert.deepEqual(
    results.map(({ status }) => status),
    ['delivered', 'delivered', 'deferred'],
  )
  assert.match(printReply(results[2]?.reply ?? taken.reply), /RELAY-RATE/)
})

test('race: home that lost our answer comes again under the same id while the first attempt is under way', async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<undefined>()
  let calls = 0
  await using box = await gateway({
    transport: async envelope => {
      calls++
      await gate
      return envelope.recipients.map(() => taken)
    },
  })
  await using first = box.home(box.known)
  await using second = box.home(box.known)
  const broken = new AbortController()
  const lost = relayedAs('home-out.2.1', first)(envelopeTo(['a@internet.test']), message, broken.signal)
  while (calls === 0) await new Promise(resolve => setTimeout(resolve, 5))
  broken.abort(new Error('cut'))
  const [unsure] = await lost
  assert.equal(unsure?.status, 'deferred')
  assert.ok(unsure.unsure)
  const again = relayedAs('home-out.2.1', second)(envelopeTo(['a@internet.test', 'b@internet.test']), message, signal())
  while (calls === 1) await new Promise(resolve => setTimeout(resolve, 5))
  open(undefined)
  assert.deepEqual(shown(await again), Array(2).fill('delivered 250 2.0.0 Taken (mx.internet.test)'))
  assert.equal(calls, 2, 'the second time only for the recipient that was not there before')
  await relayedAs('home-out.2.1', second)(envelopeTo(['a@internet.test']), message, signal())
  assert.equal(calls, 2)
})

test('more messages at a time than are allowed: home is told to come again, and the place is free afterwards', async () => {
  const { promise: gate, resolve: open } = Promise.withResolvers<undefined>()
  let calls = 0
  await using box = await gateway({
    atOnce: 1,
    transport: async envelope => {
      calls++
      await gate
      return envelope.recipients.map(() => taken)
    },
  })
  await using transport = box.home(box.known)
  const first = transport(envelopeTo(['a@internet.test']), message, signal())
  while (calls === 0) await new Promise(resolve => setTimeout(resolve, 5))
  const [busy] = await transport(envelopeTo(['b@internet.test']), message, signal())
  assert.match(shown([busy ?? taken])[0] ?? '', /^deferred 451 4\.3\.2 RELAY-BUSY/)
  open(undefined)
  assert.equal((await first)[0]?.status, 'delivered')
  assert.equal((await transport(envelopeTo(['b@internet.test']), message, signal()))[0]?.status, 'delivered')
})

test('a domain that home has just added is looked for anew before its sender is sent away', async () => {
  const domains = ['home.test']
  await using box = await gateway({ list: { domains, refresh: async () => void domains.push('new.test') } })
  await using transport = box.home(box.known)
  const envelope = envelopeTo(['a@internet.test'], { reversePath: 'hanako@new.test' })
  assert.equal((await transport(envelope, message, signal()))[0]?.status, 'delivered')
})

test('home knows whether its gateway takes mail, since when not, and names it once; what others say is no trouble', async () => {
  const lines: string[] = []
  const log = {
    ...silentLog,
    warn: (line: string) => void lines.push(line),
    info: (line: string) => void lines.push(line),
  }
  let now = 1_000_000
  const watch = watchRelay({ clock: { now: () => now, monotonic: () => now }, log })
  await using box = await gateway({ recipientsPerHour: 2 }, () => ({
    status: 'failed',
    reply: smtpReply(550, '5.1.1', 'RELAY-AUTH is what others may say too'),
  }))
  await using known = box.home(box.known)
  await using unknown = box.home(undefined)
  const send = (way: typeof known, more: Partial<Envelope> = {}) =>
    relayedAs('home-out.3.1', way, watch.heard)(envelopeTo(['a@internet.test'], more), message, signal())
  await send(unknown)
  await send(unknown)
  assert.deepEqual([watch.trouble?.code, watch.trouble?.since, watch.lastUsedAt], ['RELAY-AUTH', 1_000_000, undefined])
  now += 60_000
  await send(known)
  assert.deepEqual([watch.trouble, watch.lastUsedAt], [undefined, 1_060_000])
  const [foreign] = await send(known, { reversePath: 'x@internet.test' })
  assert.equal(foreign?.status, 'deferred')
  assert.deepEqual([watch.trouble], [undefined], 'about one sender, not about the way')
  await relayedAs('home-out.3.2', known, watch.heard)(envelopeTo(['b@internet.test']), message, signal())
  await relayedAs('home-out.3.3', known, watch.heard)(envelopeTo(['c@internet.test']), message, signal())
  assert.equal(watch.trouble?.code, 'RELAY-RATE')
  assert.deepEqual(watch.tally, { delivered: 0, deferred: 4, failed: 2 })
  assert.deepEqual(lines, [
    'RELAY-AUTH: the gateway does not know this home (certificate or login); mail waits at home',
    'The gateway sends our mail again',
    'RELAY-SENDER: the gateway does not know a sender’s domain as ours; the message waits',
    'RELAY-RATE: the gateway takes no more recipients from us this hour; mail waits at home',
  ])
  assert.deepEqual({ ...box.state.tally }, { delivered: 0, deferred: 0, failed: 2 })
  assert.deepEqual(
    [...box.state.refused],
    [
      ['RELAY-SENDER', 1],
      ['RELAY-RATE', 1],
    ],
  )
  assert.equal(box.state.underWay, 0)
  assert.deepEqual([...box.state.lastUsed.keys()], ['home'])
})

test('a letter too large for the gateway goes back to its sender at once', async () => {
  await using box = await gateway()
  await using transport = box.home(box.known)
  const source = memorySource(Buffer.alloc(1_100_000, 'a line of thirty-two octets .\r\n'))
  const [result] = await relayedAs('home-out.4.1', transport)(envelopeTo(['a@internet.test']), source, signal())
  assert.equal(result?.status, 'failed')
  assert.match(printReply(result.reply), /^552 5\.3\.4/)
  assert.equal(box.sent.length, 0)
})

test('any other refusal for good that is the gateway’s own is our fault, and the mail waits', () => {
  const refused = (code: number, enhanced: string) =>
    heardFromGateway({ status: 'failed', reply: smtpReply(code, enhanced, 'No'), remote: 'mx.home.test' }).status
  assert.deepEqual(
    [refused(550, '5.7.1'), refused(554, '5.5.0'), refused(500, '5.5.2'), refused(553, '5.1.3')],
    ['deferred', 'deferred', 'deferred', 'failed'],
  )
})

test('a gateway that was started anew between its answer and home’s knowing of it sends nothing twice', async t => {
  const path = await mkdtemp(join(tmpdir(), 'hikyaku-relayed-'))
  t.after(() => rm(path, { recursive: true, force: true, maxRetries: 10 }))
  const options = {
    file: join(path, 'relayed.db'),
    key: new Uint8Array(32).fill(7),
    clock: systemClock,
    log: silentLog,
  }
  const refused: RecipientResult = {
    status: 'failed',
    reply: smtpReply(550, '5.1.1', 'No such user'),
    remote: 'mx.test',
  }
  const answer = (address: string): RecipientResult => {
    if (address.startsWith('b')) return refused
    return address.startsWith('c') ? { status: 'deferred', reply: smtpReply(451, '4.2.0', 'Later') } : taken
  }
  const asked: string[][] = []
  const startedAnew = async (id: string, recipients: readonly string[]) => {
    await using memory = openRelayedMemory(options)
    await using box = await gateway({ memory }, answer)
    await using transport = box.home(box.known)
    const results = await relayedAs(id, transport)(envelopeTo(recipients), message, signal())
    asked.push(box.sent.flatMap(({ envelope }) => envelope.recipients.map(({ address }) => address)))
    return results.map(({ status, reply, remote }) => `${status} ${printReply(reply)} ${remote}`)
  }
  const all = ['a@internet.test', 'b@internet.test', 'c@internet.test']
  const first = await startedAnew('home-out.5.1', all)
  assert.deepEqual(await startedAnew('home-out.5.1', all), first, 'the words are those of the first time')
  await startedAnew('home-out.5.2', ['a@internet.test'])
  assert.deepEqual(asked, [all, ['c@internet.test'], ['a@internet.test']])
  const file = await readFile(options.file)
  assert.equal(file.includes('a@internet.test'), false, 'addresses stand there as keyed hashes only')
})
