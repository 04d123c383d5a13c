// What leaves again because a script says so: once, by our reverse-path, and not in somebody else's name.
import assert from 'node:assert/strict'
import test from 'node:test'
import { asciiText, utf8 } from '#base/bytes.ts'
import type { Envelope } from '#formats/envelope.ts'
import type { DeliveryId } from './ids.ts'
import { again, collect, envelopeFrom, letter, noSignal, storedText } from './receive/mail-flow.testbed.ts'
import {
  hanako,
  taro,
  aki,
  postfix,
  kept,
  discarded,
  redirect,
  filing,
  deliver,
  accountOf,
  outboxOf,
} from './deliver-filing.testbed.ts'

test('a redirect waits in the outbox, with our reverse-path, our marker and without Return-Path', async t => {
  const flow = await filing(t, message => ({ ...discarded, effects: [redirect('kei@example.org', message)] }))
  assert.match((await deliver(flow)).reply, /^250 /)
  const [item, ...more] = await outboxOf(flow)
  assert.ok(item)
  assert.deepEqual([more.length, await flow.count(hanako)], [0, 0])
  const envelope = JSON.parse(item.envelope) as Envelope
  assert.match(envelope.reversePath, /^SRS0=.*=internet\.test=aki@home\.test$/)
  assert.deepEqual(envelope.recipients, [{ address: 'kei@example.org' }])
  assert.match(
    asciiText(await collect(item.message)),
    /^Delivered-To: hanako@home\.test\r\nReceived: [^]*\r\nFrom: Aki/,
  )
})

test('a gateway that counts anew: its redirect has an id of its own, a repeat the same', async t => {
  const flow = await filing(t, message => ({ ...discarded, effects: [redirect('kei@example.org', message)] }))
  const ids: string[] = []
  const one = letter('one')
  for (const message of [one, again(one), letter('two')]) {
    const attempt = { id: 'gw.1.anew' as DeliveryId, origin: 'gw', boot: 1, gone: [], confirmed: false }
    const facts = { attempt, clientAddress: '', helo: '', tls: undefined, receivedAt: 5, held: false }
    const transaction = flow.home.take(facts, envelopeFrom(aki), undefined)
    await transaction.recipient({ address: hanako })
    await transaction.deliver(new Uint8Array(0), message, noSignal)
    const items = await outboxOf(flow)
    ids.push(...items.map(({ id }) => id))
    // as if the queue had it: it knows the id for weeks
    await flow.accounts.outboxDone(
      await accountOf(flow, hanako),
      items.map(({ id }) => id),
    )
  }
  assert.deepEqual([ids.length, new Set(ids).size], [2, 2])
})

test('redirects of our own people and of reports keep their reverse-path', async t => {
  const flow = await filing(t, message => ({ ...kept, effects: [redirect('kei@example.org', message)] }))
  for (const reversePath of ['', taro]) await deliver(flow, [hanako], letter(), reversePath)
  const paths = (await outboxOf(flow)).map(item => (JSON.parse(item.envelope) as Envelope).reversePath)
  assert.deepEqual(paths, ['', taro])
})

test('NOTIFY and RET travel with a redirect; success has been told of by us', async t => {
  const flow = await filing(t, message => ({ ...kept, effects: [redirect('kei@example.org', message)] }))
  const envelope = envelopeFrom(aki, { dsnReturn: 'HDRS', dsnEnvelopeId: 'e1' })
  const begun = await flow.home.begin(postfix, envelope, undefined, noSignal)
  assert.equal(begun.kind, 'open')
  const notify = { success: true, failure: true, delay: false }
  await begun.transaction.recipient({ address: hanako, notify }, noSignal)
  await begun.transaction.message(letter(), noSignal)
  const sent = JSON.parse((await outboxOf(flow))[0]?.envelope ?? '{}') as Envelope
  assert.deepEqual(sent.recipients, [{ address: 'kei@example.org', notify: { ...notify, success: false } }])
  assert.deepEqual([sent.dsnReturn, sent.dsnEnvelopeId], ['HDRS', 'e1'])
})

test('an effect that an earlier letter has had is left out, and its copy with it', async t => {
  const message = utf8('Subject: away\r\n\r\n')
  const flow = await filing(t, () => ({
    ...kept,
    effects: [{ kind: 'reply', index: 1, envelope: envelopeFrom(''), message, once: 'vacation aki' }],
    copies: [{ index: 1, mailbox: { role: 'sent' }, flags: ['\\Seen'], message, once: 'vacation aki' }],
    remember: [{ key: 'vacation aki', until: Date.now() + 60_000 }],
  }))
  await deliver(flow)
  await deliver(flow)
  assert.deepEqual(
    [await flow.count(hanako), await flow.count(hanako, 'Sent'), (await outboxOf(flow)).length],
    [2, 1, 1],
  )
})

test('a large redirect is a file until it is in the queue', async t => {
  const flow = await filing(t, message => ({ ...discarded, effects: [redirect('kei@example.org', message)] }))
  await deliver(flow, [hanako], letter('x'.repeat(300_000)))
  const [item] = await outboxOf(flow)
  assert.ok(item && item.message.place.kind === 'file' && item.message.sizeBytes > 300_000)
  assert.equal((await collect(item.message)).length, item.message.sizeBytes)
  await flow.accounts.outboxDone(await accountOf(flow, hanako), [item.id])
  await assert.rejects(collect(item.message), { code: 'ENOENT' })
})

test('a script that fails: its owner is told, once a day', async t => {
  const problem = { script: '本番', line: 3, column: 7, text: { en: 'Too many steps', ja: '手数が多すぎます' } }
  const flow = await filing(t, () => ({ ...kept, problem }))
  await deliver(flow)
  await deliver(flow)
  assert.equal(await flow.count(hanako), 3)
  const notice = await storedText(flow, hanako, 1)
  assert.match(notice, /^From: Hikyaku <postmaster@home\.home\.test>\r\nTo: <hanako@home\.test>/)
  assert.match(notice.replaceAll('=\r\n', ''), /failed at line 3, column 7: Too many steps\r\n/)
})

// ---- judged
