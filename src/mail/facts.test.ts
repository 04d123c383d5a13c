import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { asciiText, concatBytes, utf8 } from '#base/bytes.ts'
import type { DeliveryFacts } from './downstream.ts'
import { factsFieldLength, isDeliveryFacts, isId, openFacts, signFacts } from './facts.ts'
import type { DeliveryId } from './ids.ts'

const key = new Uint8Array(32).fill(1)
const now = 1_790_000_000_000
const facts: DeliveryFacts = {
  attempt: {
    id: 'gateway.1.a' as DeliveryId,
    origin: 'gateway',
    boot: 1,
    gone: ['gateway.1.9' as DeliveryId],
    confirmed: false,
  },
  clientAddress: '192.0.2.7',
  helo: 'mx.internet.test',
  tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384',
  receivedAt: now,
  held: false,
}
const bound = {
  recipients: ['hanako@home.test'],
  hash: new Uint8Array(32).fill(2),
  sizeBytes: 1234,
  trace: utf8('Received: x\r\n'),
}

test('what was signed is read back, whatever strangers put into it', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'binary' }),
      fc.nat(),
      (helo, clientAddress, sizeBytes) => {
        const said = { ...facts, helo: helo.toWellFormed(), clientAddress: clientAddress.toWellFormed() }
        const field = signFacts(said, { ...bound, sizeBytes }, key, now)
        assert.match(asciiText(field), /^Hikyaku-Delivery: v1\r\n(?: [\w-]{1,76}\r\n)+$/)
        const opened = openFacts(concatBytes([field, utf8('Received: y\r\n\r\n')]), key, now)
        assert.ok(opened.kind === 'good')
        assert.deepEqual(opened.facts, said)
        assert.equal(opened.bound.sizeBytes, sizeBytes)
        assert.equal(opened.fieldLength, field.length)
      },
    ),
  )
})

test('no field, no facts', () => {
  for (const head of ['', 'Hikyaku', 'From: a\r\n\r\n', ' Hikyaku-Delivery: v1\r\n', 'Hikyaku-Deliveries: v1\r\n'])
    assert.deepEqual(openFacts(utf8(head), key, now), { kind: 'none' })
})

test('tampering: anything changed is noticed and named', () => {
  const field = asciiText(signFacts(facts, bound, key, now))
  const other = asciiText(signFacts({ ...facts, held: true }, bound, key, now))
  const macOf = (text: string) => text.trimEnd().split('\r\n').at(-1) ?? ''
  const table: readonly (readonly [name: string, head: string, problem: string])[] = [
    ['another key', asciiText(signFacts(facts, bound, new Uint8Array(32), now)), 'wrong-signature'],
    ['another field s signature', field.replace(macOf(field), macOf(other)), 'wrong-signature'],
    [
      'a changed character',
      field.replace(/\r\n (.)/, (_, first: string) => `\r\n ${first === 'a' ? 'b' : 'a'}`),
      'wrong-signature',
    ],
    ['signature cut short', `${field.slice(0, -4)}\r\n`, 'wrong-signature'],
    ['no signature', 'Hikyaku-Delivery: v1\r\n', 'malformed'],
    ['one part only', 'Hikyaku-Delivery: v1\r\n AAAA\r\n', 'malformed'],
    ['another version', field.replace('v1', 'v2'), 'malformed'],
    ['empty', 'Hikyaku-Delivery:\r\n', 'malformed'],
    ['endless', `Hikyaku-Delivery: v1\r\n${` ${'A'.repeat(70)}\r\n`.repeat(1000)}`, 'too-long'],
    ['without an end', 'Hikyaku-Delivery: v1', 'malformed'],
  ]
  for (const [name, head, problem] of table) {
    const opened = openFacts(utf8(head), key, now)
    assert.ok(opened.kind === 'bad', name)
    assert.equal(opened.problem, problem, name)
  }
})

test('it expires after a day', () => {
  const field = signFacts(facts, bound, key, now)
  assert.equal(openFacts(field, key, now + 86_399_000).kind, 'good')
  const late = openFacts(field, key, now + 86_400_000)
  assert.ok(late.kind === 'bad' && late.problem === 'expired')
})

test('it is bound to recipients in order and to the trace block', () => {
  const two = { ...bound, recipients: ['a@home.test', 'b@home.test'] }
  const opened = openFacts(signFacts(facts, two, key, now), key, now)
  assert.ok(opened.kind === 'good')
  const table: readonly (readonly [readonly string[], boolean])[] = [
    [['a@home.test', 'b@home.test'], true],
    [['b@home.test', 'a@home.test'], false],
    [['a@home.test'], false],
    [['a@home.test', 'b@home.test', 'c@home.test'], false],
    [['a@home.test,11:b@home.test'], false],
    [[], false],
  ]
  for (const [recipients, right] of table) assert.equal(opened.boundTo(recipients), right, recipients.join(' '))
  assert.equal(opened.boundToTrace(bound.trace), true)
  assert.equal(opened.boundToTrace(utf8('Received: z\r\n')), false)
})

test('the length of an imitation, for cutting it off', () => {
  const table: readonly (readonly [string, number])[] = [
    ['Hikyaku-Delivery: x\r\nFrom: a\r\n', 21],
    ['hikyaku-DELIVERY: x\r\n y\r\n\tz\r\nFrom: a\r\n', 29],
    ['Hikyaku-Delivery: x', 19],
    ['From: a\r\nHikyaku-Delivery: x\r\n', 0],
  ]
  for (const [head, length] of table) assert.equal(factsFieldLength(utf8(head)), length, head)
})

test('facts out of JSON are looked at', () => {
  assert.ok(isDeliveryFacts(structuredClone(facts)))
  for (const broken of [
    null,
    1,
    {},
    { ...facts, attempt: undefined },
    { ...facts, held: 'yes' },
    { ...facts, receivedAt: 'x' },
  ])
    assert.equal(isDeliveryFacts(broken), false)
  assert.equal(isDeliveryFacts({ ...facts, attempt: { ...facts.attempt, gone: ['../x'] } }), false)
  for (const id of ['gateway.1.a', 'home-lmtp.z9.10']) assert.ok(isId(id))
  for (const id of ['gateway.1', 'Gateway.1.a', 'gateway.1.a ', 'gateway.1.a.b', '.1.a', 'g w.1.a', 7])
    assert.ok(!isId(id))
})
