import assert from 'node:assert/strict'
import test from 'node:test'
import { systemClock } from '#base/clock.ts'
import type { StoredEvent } from '../events.ts'
import { createGatewayQuestions } from './gateway-questions.ts'
import { printToldEvents, readToldEvents } from './told-events.ts'

const event = (more: Partial<StoredEvent> = {}): StoredEvent => ({
  box: 'gateway@mx.home.test',
  at: 1_000,
  kind: 'received',
  delivery: 'gw.1.1',
  ...more,
})
const soon = () => AbortSignal.timeout(2_000)

test('a gateway that waits is asked, and what it tells is what home hears', async () => {
  const questions = createGatewayQuestions(systemClock)
  const waiting = questions.next('gw', soon())
  const asked = questions.ask('gw', 'gw.1.1')
  const question = await waiting
  assert.equal(question?.delivery, 'gw.1.1')
  const told = [event(), event({ at: 2_000, kind: 'passed-on', detail: { held: true, spf: 'pass' } })]
  // long replies: several parts
  const long = told.concat(Array.from({ length: 20 }, () => event({ reply: 'x'.repeat(2_000) })))
  const parts = [...printToldEvents(long)]
  assert.ok(parts.length > 3 && parts.every(part => part.length < 11_000))
  for (const [at, part] of parts.entries())
    assert.equal(questions.told('gw', question?.number ?? 0, part, at === parts.length - 1), true)
  assert.deepEqual(await asked, long)
})

test('who is not there, or does not answer in time, is away; its late answer is for nobody', async () => {
  const questions = createGatewayQuestions(systemClock, 50)
  assert.equal(await questions.ask('gw', 'gw.1.1'), undefined, 'it has never been here')
  const waiting = questions.next('gw', soon())
  const asked = questions.ask('gw', 'gw.1.1')
  const question = await waiting
  assert.equal(await asked, undefined)
  assert.equal(questions.told('gw', question?.number ?? 0, [...printToldEvents([event()])][0] ?? '', true), false)
  // what nobody waits for any more is not asked
  const ended = new AbortController()
  const next = questions.next('gw', ended.signal)
  ended.abort()
  assert.equal(await next, undefined)
  assert.ok((questions.lastHeard('gw') ?? 0) > 0)
})

test('one gateway does not answer for another, and none asks for ever', async () => {
  const questions = createGatewayQuestions(systemClock, 50)
  void questions.next('gw', soon())
  const asked = questions.ask('gw', 'gw.1.1')
  const [part = ''] = printToldEvents([event()])
  assert.equal(questions.told('other', 1, part, true), false)
  assert.equal(await asked, undefined)
})

test('what a gateway tells is bounded, of that delivery alone, and looked at', () => {
  const read = (value: unknown) => readToldEvents([Buffer.from(JSON.stringify(value)).toString('base64')], 'gw.1.1')
  assert.equal(read({ at: 1 }), undefined, 'no list')
  assert.equal(readToldEvents(['%%%'], 'gw.1.1'), undefined)
  assert.deepEqual(
    read([event({ delivery: 'gw.1.2' }), { ...event(), kind: 'no such' }, null, 7, { ...event(), at: 'x' }]),
    [],
  )
  const [one] =
    read([{ ...event(), detail: { good: 1, nested: {}, nothing: null }, reply: 'x'.repeat(99_999), more: 1 }]) ?? []
  assert.deepEqual(one?.detail, { good: 1 })
  assert.equal(one?.reply?.length, 2_500)
  assert.equal(one && 'more' in one, false)
  const hostile = readToldEvents(
    [
      Buffer.from('[{"at":1,"kind":"sent","box":"b","delivery":"gw.1.1","detail":{"__proto__":{"a":1}}}]').toString(
        'base64',
      ),
    ],
    'gw.1.1',
  )
  assert.deepEqual(hostile?.[0]?.detail, {})
  // a number that is no time
  assert.deepEqual(readToldEvents([...printToldEvents([event({ at: 9e15 }), event({ at: -8.64e15 })])], 'gw.1.1'), [
    event({ at: -8.64e15 }),
  ])
  // the newest are kept
  const many = Array.from({ length: 2_000 }, (_, at) => event({ at }))
  const kept = readToldEvents([...printToldEvents(many)], 'gw.1.1')
  assert.equal(kept?.length, 500)
  assert.equal(kept?.at(-1)?.at, 1_999)
  const large = [
    ...printToldEvents(
      Array.from({ length: 500 }, (_, at) => event({ at, reply: '<'.repeat(2_000) })),
      100_000,
    ),
  ]
  assert.ok(large.join('').length < 140_000)
  assert.equal(readToldEvents(large, 'gw.1.1')?.at(-1)?.at, 499)
})
