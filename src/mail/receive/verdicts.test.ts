// Pure parts of the gateway's verdict: one reply for several recipients, and what of home's words a stranger hears.
import assert from 'node:assert/strict'
import test from 'node:test'
import { printReply, smtpReply } from '#formats/smtp-reply.ts'
import type { DeliveryId } from '../ids.ts'
import { createAttemptTable } from './attempts.ts'
import { combine, type Outcome } from './combine.ts'
import { createDeliveryIds } from './delivery-ids.ts'
import { createConfirmedHolds } from './hold.ts'
import { replyForStranger } from './reply-for-stranger.ts'

const stored: Outcome = { status: 'delivered', reply: smtpReply(250, '2.0.0', 'Saved') }
const full: Outcome = { status: 'deferred', reply: smtpReply(452, '4.2.2', 'Full') }
const no: Outcome = { status: 'failed', reply: smtpReply(550, '5.7.1', 'No') }

test('one reply for several recipients', () => {
  const table: readonly (readonly [string, readonly Outcome[], string])[] = [
    ['all stored', [stored, stored], 'answer 250 2.0.0 Saved'],
    ['all deferred', [full, full], 'answer 452 4.2.2 Full'],
    ['all refused', [no, no], 'answer 550 5.7.1 No'],
    ['one', [full], 'answer 452 4.2.2 Full'],
    ['some deferred, some refused, none stored: the sender keeps it', [no, full], 'answer 452 4.2.2 Full'],
    ['some stored, some deferred', [full, stored, full], 'hold 0,2'],
    ['some stored, some refused', [no, stored], 'hold 0'],
    ['stored, deferred, refused', [stored, full, no], 'hold 1,2'],
    ['all unsure', ['unsure', 'unsure'], 'hold 0,1'],
    ['unsure and deferred', ['unsure', full], 'hold 0,1'],
    ['unsure and refused', ['unsure', no], 'hold 0,1'],
    ['unsure and stored', [stored, 'unsure'], 'hold 1'],
  ]
  for (const [name, outcomes, expected] of table) {
    const combined = combine(outcomes)
    const what = combined.kind === 'answer' ? `answer ${printReply(combined.reply)}` : `hold ${combined.indexes.join()}`
    assert.equal(what, expected, name)
  }
})

test('our fault is never a stranger s bounce', () => {
  const table: readonly (readonly [
    code: number,
    enhanced: string | undefined,
    at: 'recipient' | 'message',
    heard: number,
  ])[] = [
    [250, '2.1.5', 'recipient', 250],
    [451, '4.3.0', 'recipient', 451],
    [550, '5.1.1', 'recipient', 550],
    [550, '5.2.1', 'recipient', 550],
    [552, '5.2.2', 'recipient', 552],
    [550, undefined, 'recipient', 550],
    [552, '5.3.4', 'message', 552],
    [554, '5.4.6', 'message', 554],
    [550, '5.7.1', 'message', 550], // a verdict about content
    [554, '5.6.0', 'message', 554],
    [550, '5.7.1', 'recipient', 451], // home will not relay: the two boxes disagree about a domain
    [554, '5.7.1', 'recipient', 451],
    [554, undefined, 'recipient', 451],
    [500, '5.5.1', 'recipient', 451], // SMTP spoken to LMTP, or the other way round
    [500, undefined, 'message', 451],
    [501, '5.5.4', 'recipient', 451],
    [502, '5.5.1', 'recipient', 451],
    [503, '5.5.1', 'message', 451],
    [530, '5.7.0', 'recipient', 451],
    [535, '5.7.8', 'recipient', 451],
    [550, '5.7.0', 'message', 451],
    [555, '5.5.4', 'recipient', 451],
    [554, '5.3.0', 'message', 451], // home itself is broken
    [554, '5.3.5', 'message', 451],
    [550, '5.4.4', 'message', 451],
  ]
  for (const [code, enhanced, stage, heard] of table) {
    const reply = { code, ...(enhanced && { enhanced }), lines: ['x'] }
    assert.equal(replyForStranger(reply, stage).code, heard, `${printReply(reply)} at ${stage}`)
  }
})

const id = (text: string) => text as DeliveryId
const print = (octet: number) => new Uint8Array(32).fill(octet)
const finished = Promise.resolve()

test('vanished attempts: newest first, forgotten one by one, bounded', () => {
  const table = createAttemptTable(3)
  table.gone({ id: id('g.1.1'), finished }, [print(1), print(2)])
  table.gone({ id: id('g.1.2'), finished }, [print(1)])
  assert.deepEqual(
    table.match([print(1), print(2)]).map(attempt => attempt.id),
    ['g.1.2', 'g.1.1'],
  )
  table.forget(id('g.1.1'), [print(1)])
  table.forget(id('g.1.2'), [print(1)])
  assert.deepEqual(table.match([print(1)]), [])
  assert.equal(table.match([print(2)]).length, 1)
  for (const octet of [3, 4, 5, 6]) table.gone({ id: id(`g.1.${octet}`), finished }, [print(octet)])
  assert.equal(table.rows, 3)
  assert.deepEqual(table.match([print(2), print(3)]), [])
  for (let count = 0; count < 200; count++) table.gone({ id: id(`g.2.${count}`), finished }, [print(6)])
  assert.equal(table.match([print(6)]).length, 64)
})

test('what lies in the hold is claimed by one retry at a time', () => {
  const table = createAttemptTable()
  assert.equal(table.claim(id('g.1.1')), true)
  assert.equal(table.claim(id('g.1.1')), false)
  assert.equal(table.isClaimed(id('g.1.1')), true)
  table.unclaim(id('g.1.1'))
  assert.equal(table.claim(id('g.1.1')), true)
})

test('an entry of the hold that was named for one recipient is known as named for that one only', () => {
  const table = createAttemptTable()
  table.gone({ id: id('g.1.1'), finished }, [print(1), print(2)])
  table.gone({ id: id('g.1.1'), named: true, finished }, [print(1)])
  assert.deepEqual([...table.named([print(2), print(1)])], ['g.1.1'])
  assert.deepEqual([...table.named([print(2)])], [])
})

test('delivery ids', () => {
  const next = createDeliveryIds('gateway-2', 37)
  assert.deepEqual([next(), next()], ['gateway-2.11.1', 'gateway-2.11.2'])
  for (const name of ['', 'Gateway', 'a.b', 'a b', 'x'.repeat(64)]) assert.throws(() => createDeliveryIds(name, 1))
})

test('confirmed holds are bounded', () => {
  const holds = createConfirmedHolds(2)
  for (const text of ['a', 'b', 'c']) holds.add(id(text))
  assert.deepEqual(
    ['a', 'b', 'c'].map(text => holds.has(id(text))),
    [false, true, true],
  )
})
