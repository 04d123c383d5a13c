import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { memorySource } from '#formats/message-source.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import type { DeliveryFacts } from '#mail/downstream.ts'
import type { StoredEvent } from '#mail/events.ts'
import { openFacts } from '#mail/facts.ts'
import type { DeliveryId } from '#mail/ids.ts'
import { createGatewayQuestions } from '#mail/trace/gateway-questions.ts'
import { printToldEvents } from '#mail/trace/told-events.ts'
import { envelopeTo, message, signal, toBench } from './client.testbed.ts'
import type { TlsPolicy } from './client.ts'
import { lmtpDownstream } from './lmtp-downstream.ts'
import type { SmtpServerOptions } from './options.ts'
import { smtpBench, type SmtpBench } from './smtp.testbed.ts'

const facts: DeliveryFacts = {
  attempt: { id: 'gw.1.1' as DeliveryId, origin: 'gw', boot: 1, gone: [], confirmed: false },
  clientAddress: '192.0.2.1',
  helo: 'stranger.example',
  tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384',
  receivedAt: Date.now(),
  held: false,
}

async function homeAndGateway(
  bench: SmtpBench,
  proof: 'certificate' | 'password' = 'certificate',
  more: Partial<SmtpServerOptions> = {},
) {
  const client = await bench.ca.issueClient('gw')
  const fingerprint = new X509Certificate(client.cert).fingerprint256.replaceAll(':', '').toLowerCase()
  const listener = await bench.listen({
    peers: {
      certificates: new Map(proof === 'certificate' ? [[fingerprint, 'gw']] : []),
      passwords: new Map([['gw', 'secret']]),
      allowUnauthenticated: false,
    },
    ...more,
  })
  const tls: TlsPolicy = {
    mode: 'required',
    from: 'starttls',
    ca: bench.ca.certificatePem,
    serverName: 'mx.home.test',
    ...(proof === 'certificate' && client),
  }
  const factsKey = Buffer.alloc(32, 7)
  return {
    ...(proof === 'password' && { login: { username: 'gw', password: 'secret' } }),
    server: { host: '127.0.0.1', port: listener.port },
    helo: 'gw',
    tls,
    origin: 'gw',
    boot: 3,
    factsKey,
    log: silentLog,
  }
}

test('the way home: recipients at once, facts signed, settlements told', async () => {
  await using bench = await smtpBench('lmtp')
  const options = await homeAndGateway(bench)
  await using home = lmtpDownstream(options)
  const transaction = await home.open(envelopeTo([]), facts, 100, signal())
  assert.equal((await transaction?.recipient({ address: 'b@home.test' }, signal()))?.code, 250)
  assert.equal((await transaction?.recipient({ address: 'unknown@home.test' }, signal()))?.code, 550)
  assert.equal((await transaction?.recipient({ address: 'full@home.test' }, signal()))?.code, 250)
  const trace = Buffer.from('Received: by gw\r\n')
  const results = await transaction?.message(trace, message, signal())
  assert.deepEqual(
    results?.map(result => (result === 'unsure' ? result : result.status)),
    ['delivered', 'deferred'],
  )
  transaction?.close()
  assert.deepEqual(bench.receiver.hellos, ['gw 3'])
  const body = bench.receiver.taken[0]?.body ?? Buffer.alloc(0)
  const opened = openFacts(body, options.factsKey)
  assert.equal(opened.kind, 'good')
  if (opened.kind !== 'good') return
  assert.deepEqual(opened.facts, facts)
  assert.ok(opened.boundTo(['b@home.test', 'full@home.test']) && opened.boundToTrace(trace))
  home.settle([{ id: 'gw.1.1' as DeliveryId, recipient: 'b+x@home.test' }])
  home.settle(Array.from({ length: 1000 }, (_, at) => ({ id: `gw.1.${at}` as DeliveryId, recipient: 'b@home.test' })))
  while (bench.receiver.settledNews.length < 1001) await sleep(20)
  assert.equal(bench.receiver.settledNews[0]?.recipient, 'b+x@home.test')
})

test('a gateway that proves itself by a password, not a certificate, tells its facts and its start as well', async () => {
  await using bench = await smtpBench('lmtp')
  const options = await homeAndGateway(bench, 'password')
  await using home = lmtpDownstream(options)
  const transaction = await home.open(envelopeTo([]), facts, undefined, signal())
  await transaction?.recipient({ address: 'b@home.test' }, signal())
  await transaction?.message(Buffer.from('Received: by gw\r\n'), message, signal())
  transaction?.close()
  assert.deepEqual(bench.receiver.hellos, ['gw 3'])
  assert.equal(openFacts(bench.receiver.taken[0]?.body ?? Buffer.alloc(0), options.factsKey).kind, 'good')
})

test('a peer without XHIKYAKU (Dovecot) gets the trace block and the message, and no facts', async () => {
  await using bench = await smtpBench('lmtp')
  const options = { ...(await toBench(bench)), origin: 'gw', boot: 1, factsKey: Buffer.alloc(32), log: silentLog }
  await using home = lmtpDownstream(options)
  const transaction = await home.open(envelopeTo([]), facts, undefined, signal())
  await transaction?.recipient({ address: 'b@home.test' }, signal())
  await transaction?.message(Buffer.from('Received: by gw\r\n'), memorySource(Buffer.from('x\r\n')), signal())
  transaction?.close()
  assert.equal(bench.receiver.taken[0]?.body.toString(), 'Received: by gw\r\nx\r\n')
})

test('home asks its gateway about a delivery, over the connection on which that waits; when it has left, it is away', async () => {
  await using bench = await smtpBench('lmtp')
  const questions = createGatewayQuestions(systemClock, 1_000)
  const options = await homeAndGateway(bench, 'certificate', { questions })
  const events: StoredEvent[] = Array.from({ length: 30 }, (_, at) => ({
    box: 'gateway@mx.home.test',
    at,
    kind: 'attempt-deferred',
    delivery: 'gw.1.1',
    reply: `451 4.4.1 ${'ま'.repeat(900)}`,
  }))
  const asked: string[] = []
  {
    const answer = async (delivery: string) => {
      asked.push(delivery)
      return printToldEvents(delivery === 'gw.1.1' ? events : [])
    }
    await using _ = lmtpDownstream({ ...options, answer })
    while (questions.lastHeard('gw') === undefined) await sleep(10)
    assert.deepEqual(await questions.ask('gw', 'gw.1.1'), events, 'in several lines')
    assert.deepEqual(
      await Promise.all([questions.ask('gw', 'gw.1.2'), questions.ask('gw', 'gw.1.3')]),
      [[], []],
      'one after the other',
    )
    assert.deepEqual(asked, ['gw.1.1', 'gw.1.2', 'gw.1.3'])
  }
  assert.equal(await questions.ask('gw', 'gw.1.1'), undefined)
})

test('a home that asks nothing is not waited at', async () => {
  await using bench = await smtpBench('lmtp')
  const options = await homeAndGateway(bench)
  await using home = lmtpDownstream({ ...options, answer: async () => [] })
  while (bench.receiver.hellos.length === 0) await sleep(10)
  const transaction = await home.open(envelopeTo([]), facts, undefined, signal())
  assert.equal((await transaction?.recipient({ address: 'b@home.test' }, signal()))?.code, 250)
  transaction?.close()
})

test('home is away, goes away with the message, was away in between', async () => {
  await using bench = await smtpBench('lmtp')
  const options = await homeAndGateway(bench)
  await using nobody = lmtpDownstream({ ...options, server: { host: '127.0.0.1', port: 1 } })
  assert.equal(await nobody.open(envelopeTo([]), facts, undefined, signal()), undefined)

  await using home = lmtpDownstream(options)
  bench.receiver.verdict = () => new Promise(() => {})
  const lost = await home.open(envelopeTo([]), facts, undefined, signal())
  await lost?.recipient({ address: 'b@home.test' }, signal())
  const results = await lost?.message(Buffer.alloc(0), message, AbortSignal.timeout(100))
  assert.deepEqual(results, ['unsure'])
  lost?.close()

  bench.receiver.verdict = async () => smtpReply(250, '2.6.0', 'Taken')
  for (let round = 0; round < 3; round++) {
    const transaction = await home.open(envelopeTo([]), facts, undefined, signal())
    assert.equal((await transaction?.recipient({ address: 'b@home.test' }, signal()))?.code, 250)
    transaction?.close()
    await sleep(50) // RSET, and the connection is used again
  }
  assert.equal(bench.receiver.hellos.length, 2)
})
