// What is refused, and who is told.
import assert from 'node:assert/strict'
import test from 'node:test'
import { asciiText, utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { printReply } from '#formats/smtp-reply.ts'
import { keptVerdict, readJunkField } from './content/field.ts'
import type { ForwardedMessage, RefusedMessage } from './deliver/options.ts'
import type { Filed, MessageToFile } from './filing.ts'
import type { DeliveryId } from './ids.ts'
import type { QueueReport } from './queue/report.ts'
import { collect, envelopeFrom, letter, noSignal, send, startFlow, storedText } from './receive/mail-flow.testbed.ts'
import {
  hanako,
  taro,
  aki,
  srs,
  kept,
  discarded,
  redirect,
  clean,
  judgedAs,
  filing,
  deliver,
  outboxOf,
  verdictsOf,
  take,
} from './deliver-filing.testbed.ts'

test('what is refused for its content is answered 550 and handed on to be kept; from the hold it is junk', async t => {
  const refused: RefusedMessage[] = []
  const flow = await startFlow(t, {
    home: { judge: judgedAs('reject'), keepRefused: async about => void refused.push(about) },
  })
  assert.match((await deliver(flow)).reply, /^550 5\.7\.1 /)
  assert.equal(refused.length, 1)
  assert.deepEqual([refused[0]?.recipient, refused[0]?.reply.code], [hanako, 550])
  assert.match(await take(flow, { held: true }), /^250 /)
  assert.deepEqual([await flow.count(hanako), await flow.count(hanako, 'Junk'), refused.length], [0, 1, 1])
})

// The sender heard 550 and nobody had the letter.
test('what cannot be kept is not refused: the letter comes again', async t => {
  let broken = true
  const refused: RefusedMessage[] = []
  const keepRefused = async (about: RefusedMessage) => {
    if (broken) throw Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR' })
    refused.push(about)
  }
  const flow = await startFlow(t, { home: { judge: judgedAs('reject'), keepRefused } })
  assert.match(await take(flow, {}, [hanako], 'gw.1.kept'), /^45[12] /)
  assert.deepEqual([await flow.count(hanako), await flow.count(hanako, 'Junk'), refused.length], [0, 0, 0])
  broken = false
  assert.match(await take(flow, {}, [hanako], 'gw.1.kept'), /^550 5\.7\.1 /)
  assert.equal(refused.length, 1)
})

test('a script’s run that is broken off: 451, nothing is kept, and it runs anew when the letter comes again', async t => {
  const over = new AbortController()
  let runs = 0
  const filerFor = async () => async (message: MessageToFile, signal: AbortSignal) => {
    if (runs++ === 0) over.abort(new Error('the server stops'))
    signal.throwIfAborted()
    return { ...kept, effects: [redirect('x@internet.test', message)] }
  }
  const flow = await startFlow(t, { home: { srs, filerFor } })
  assert.match(await take(flow, {}, [hanako], 'gw.1.cut', letter(), over.signal), /^451 /)
  assert.deepEqual([await flow.count(hanako), (await outboxOf(flow)).length], [0, 0])
  assert.match(await take(flow, {}, [hanako], 'gw.1.cut'), /^250 /)
  assert.deepEqual([await flow.count(hanako), (await outboxOf(flow)).length, runs], [1, 1, 2])
})

// A gateway that was set up anew counts its ids from the beginning again.
test('another letter under the same delivery id makes Message-IDs of its own, a repeat the same', async t => {
  const heard: string[] = []
  const flow = await filing(t, ({ deliveryId }) => (heard.push(deliveryId), discarded))
  const [one, two] = [letter('one'), letter('two')]
  for (const message of [one, two, one]) await take(flow, {}, [hanako], 'gw.1.same', message)
  assert.equal(heard.length, 3)
  assert.notEqual(heard[0], heard[1])
  assert.equal(heard[0], heard[2])
})

test('a message whose first line is a folded one adds nothing to what we say of it', async t => {
  const flow = await startFlow(t, { home: { judge: judgedAs('junk') } })
  const forged = memorySource(utf8(`\tscore=-9 virus=Eicar reason=allowed:-9\r\nFrom: ${aki}\r\n\r\nHello\r\n`))
  assert.match((await deliver(flow, [hanako], forged)).reply, /^250 /)
  const field = readJunkField(utf8(await storedText(flow, hanako, 0, 'Junk')))
  assert.deepEqual(field, keptVerdict({ ...clean, verdict: 'junk' }))
})

test('behind an alias of several accounts nothing is refused', async t => {
  const flow = await startFlow(t, { home: { judge: judgedAs('reject') } })
  assert.match((await deliver(flow, ['both@home.test'])).reply, /^250 /)
  assert.deepEqual([await flow.count(hanako, 'Junk'), await flow.count(taro, 'Junk')], [1, 1])
})

test('not judged for now: 451, and nothing is stored', async t => {
  const flow = await startFlow(t, { home: { judge: judgedAs('try-later') } })
  assert.match((await deliver(flow)).reply, /^451 4\.7\.1 /)
  assert.equal(await flow.count(hanako), 0)
})

test('a judge or a script that fails loses nothing', async t => {
  const fail = () => Promise.reject(new Error('planted'))
  const flow = await startFlow(t, { home: { judge: fail, filerFor: async () => fail } })
  assert.match((await deliver(flow)).reply, /^250 /)
  assert.equal(await flow.count(hanako), 1)
})

test('a script sees what was judged, and the letter as it will be stored', async t => {
  const seen: string[] = []
  const flow = await filing(
    t,
    async ({ content, message, recipient }) => {
      seen.push(`${recipient} ${content?.spamtest} ${asciiText(await collect(message)).slice(0, 30)}`)
      return kept
    },
    { judge: judgedAs('clean') },
  )
  await deliver(flow)
  assert.deepEqual(seen, ['hanako@home.test 1 Return-Path: <aki@internet.tes'])
})

// ---- refused by the script when nobody can be told at once

const refuses = (): Filed => ({ ...discarded, rejected: { kind: 'ereject', reason: 'いりません' } })

test('from the hold: a report to a sender whose address is proved, else Junk', async t => {
  const reports: QueueReport[] = []
  const flow = await filing(t, refuses, { report: async report => void reports.push(report) })
  assert.match(await take(flow, { held: true, verdicts: verdictsOf('pass') }), /^250 /)
  assert.deepEqual(
    reports.map(({ kind, recipients }) => [kind, recipients[0]?.result && printReply(recipients[0].result.reply)]),
    [['failed', '550 5.7.1 The recipient refuses this message']],
  )
  assert.match(await take(flow, { held: true, verdicts: verdictsOf('fail') }), /^250 /)
  assert.deepEqual([reports.length, await flow.count(hanako), await flow.count(hanako, 'Junk')], [1, 0, 1])
})

test('refused while the sender waited, and then held all the same: not lost', async t => {
  const flow = await filing(t, refuses)
  const attempt = { id: 'gw.1.held' as DeliveryId, origin: 'gw', boot: 1, gone: [], confirmed: false }
  const facts = { attempt, clientAddress: '', helo: '', tls: undefined, receivedAt: 5 }
  const message = letter()
  const replies: string[] = []
  for (const held of [false, true]) {
    const transaction = flow.home.take({ ...facts, held }, envelopeFrom(aki), undefined)
    await transaction.recipient({ address: hanako })
    replies.push(printReply((await transaction.deliver(new Uint8Array(0), message, noSignal)).reply).slice(0, 3))
  }
  assert.deepEqual([replies, await flow.count(hanako, 'Junk')], [['550', '250'], 1])
})

test('reject with words that are not ASCII: a letter says them to a proved sender, all others are refused', async t => {
  const rules: Filed[] = []
  const flow = await filing(t, () => rules.shift() ?? kept)
  const rejects = (kind: 'reject' | 'ereject', reason: string): Filed => {
    const message = utf8(`Subject: Rejected\r\n\r\n${reason}\r\n`)
    const effects = [{ kind: 'reply' as const, index: 0, envelope: envelopeFrom(''), message }]
    return { ...discarded, effects, rejected: { kind, reason } }
  }
  const replies: string[] = []
  for (const [kind, reason, spf] of [
    ['reject', 'いりません', 'pass'],
    ['reject', 'いりません', 'fail'],
    ['reject', 'No thanks', 'pass'],
    ['ereject', 'いりません', 'pass'],
  ] as const) {
    rules.push(rejects(kind, reason))
    replies.push((await take(flow, { verdicts: verdictsOf(spf) })).slice(0, 30))
  }
  const outbox = await outboxOf(flow)
  assert.match(replies.shift() ?? '', /^250 /)
  assert.deepEqual(replies, ['550 5.7.1 The recipient refuse', '550 5.7.1 No thanks', '550 5.7.1 The recipient refuse'])
  assert.deepEqual([outbox.length, await flow.count(hanako), await flow.count(hanako, 'Junk')], [1, 0, 0])
  assert.ok(outbox[0] && Buffer.from(await collect(outbox[0].message)).includes('いりません'))
})

// ---- what comes back

test('a report to a rewritten reverse-path goes on to the sender; nothing else does', async t => {
  const forwarded: ForwardedMessage[] = []
  const flow = await filing(t, () => kept, { forward: async message => void forwarded.push(message) })
  const address = srs.forward(aki, 'home.test', Date.now())
  const report = letter('Undelivered')
  const sent = await deliver(flow, [address], report, '')
  assert.match(sent.reply, /^250 /)
  const [one] = forwarded
  assert.ok(one)
  assert.deepEqual(one.envelope, { reversePath: '', recipients: [{ address: aki }], body: '8BITMIME', smtpUtf8: false })
  assert.match(asciiText(one.trace), /^Delivered-To: srs0=/)
  const sentOn = flow.events.filter(({ kind }) => kind === 'sent-on')
  assert.deepEqual(
    sentOn.map(({ detail, to }) => [to, detail]),
    [[aki, { effect: 'forward', as: one.id }]],
  )
  assert.equal(sentOn[0]?.delivery, flow.events.find(({ kind }) => kind === 'delivered')?.delivery)
  const others = [
    await deliver(flow, [address], letter(), 'spam@internet.test'),
    await deliver(flow, [address.replace('aki', 'kei')], letter(), ''),
    await deliver(flow, [address.replace('home.test', 'example.org')], letter(), ''),
  ]
  assert.deepEqual(
    others.map(({ recipients }) => recipients[0]?.slice(0, 9)),
    ['550 5.7.1', '550 5.1.1', '550 5.7.1'],
  )
  assert.equal(forwarded.length, 1)
})

test('while home is away nobody can tell what it has rewritten: a bounce waits at its sender', async t => {
  const flow = await startFlow(t)
  flow.link.fault = 'away'
  const address = srs.forward(aki, 'home.test', Date.now())
  const sent = await send(flow.gateway, [address, 'nobody@home.test'], letter(), { reversePath: '' })
  assert.deepEqual(
    sent.recipients.map(reply => reply.slice(0, 9)),
    ['451 4.3.0', '550 5.1.1'],
  )
})
