// What the connection stage says at RCPT, what of it travels home, and who is learnt.
import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import type { MessageToJudge } from './judging.ts'
import { deliverNow, letter, send, startFlow, storedText } from './receive/mail-flow.testbed.ts'
import type { ConnectionFindings } from './verdicts.ts'
import type { ConnectionRefusal, Visit } from './visitors.ts'

const hanako = 'hanako@home.test'
const taro = 'taro@home.test'
const findings: ConnectionFindings = {
  reverse: { result: 'fail', name: 'liar.test' },
  lists: [{ zone: 'bl.test', kind: 'deny', answers: ['127.0.0.2'], points: 3 }],
  remarks: ['early-talker'],
}

async function bench(t: TestContext, refusals: Readonly<Record<string, ConnectionRefusal>> = {}) {
  const asked: string[] = []
  const learnt: string[] = []
  const judged: MessageToJudge[] = []
  const visit: Visit = {
    greetingDue: async () => undefined,
    spokeEarly: () => undefined,
    recipientUnknown: () => ({ pauseMs: 0, isEnough: false }),
    async recipient(_session, reversePath, recipient) {
      asked.push(`${reversePath} ${recipient}`)
      return refusals[recipient]
    },
    findings: async () => findings,
    delivered: (reversePath, recipients) => void learnt.push(`${reversePath} ${recipients.join()}`),
    leave: () => undefined,
  }
  const flow = await startFlow(t, {
    gateway: { visitors: { visit: id => (id === 'session-mx' ? visit : undefined) } },
    home: {
      async judge(message) {
        judged.push(message)
        return { verdict: 'clean', score: 0, junkFrom: 5, reasons: [], spamtest: 1, virustest: 0 }
      },
    },
  })
  return { flow, asked, learnt, judged }
}

const wait: ConnectionRefusal = {
  reply: smtpReply(451, '4.7.1', 'Later'),
  detail: { check: 'greylist', seconds: 60 },
}

test('findings are at home with the message; its sender is learnt once it has its answer', async t => {
  const { flow, learnt, judged } = await bench(t)
  const sent = await send(flow.gateway, [hanako], letter())
  assert.match(sent.reply, /^250 /)
  assert.deepEqual(learnt, [])
  sent.transaction.settle('confirmed')
  assert.deepEqual(learnt, [`aki@internet.test ${hanako}`])
  assert.deepEqual(judged[0]?.verdicts.connection, findings)
  await deliverNow(flow.gateway, [hanako], letter(), 'gone')
  assert.equal(learnt.length, 1)
})

test('findings wait in the hold with the message', async t => {
  const { flow, judged } = await bench(t)
  flow.link.fault = 'away'
  assert.match(await deliverNow(flow.gateway, [hanako], letter()), /^250 .* Accepted/)
  await flow.restartGateway()
  flow.link.fault = 'none'
  await flow.drain()
  assert.deepEqual(judged[0]?.verdicts.connection, findings)
})

test('a recipient that is to wait is not asked of home, and the others go through; the trace has the reason', async t => {
  const { flow } = await bench(t, { [taro]: wait })
  const sent = await send(flow.gateway, [taro, hanako], letter())
  assert.deepEqual(
    sent.recipients.map(reply => reply.slice(0, 9)),
    ['451 4.7.1', '250 2.1.5'],
  )
  assert.match(sent.reply, /^250 /)
  sent.transaction.settle('confirmed')
  assert.equal(await flow.count(hanako), 1)
  assert.equal(await flow.count(taro), 0)
  const refused = flow.events.find(({ kind }) => kind === 'recipient-refused')
  assert.deepEqual([refused?.to, refused?.detail], [taro, { check: 'greylist', seconds: 60 }])
})

test('names that are not ours or not there are answered without the connection stage', async t => {
  const { flow, asked } = await bench(t)
  const sent = await send(flow.gateway, ['a@elsewhere.test', 'nobody@home.test', 'no address', hanako], letter())
  sent.transaction.settle('confirmed')
  assert.deepEqual(
    sent.recipients.map(reply => reply.slice(0, 9)),
    ['550 5.7.1', '550 5.1.1', '501 5.1.3', '250 2.1.5'],
  )
  assert.deepEqual(asked, [`aki@internet.test ${hanako}`])
})

test('old docomo addresses: as sender, in From and as recipient of ours, dots wherever they stand', async t => {
  const known = { domains: ['home.test'], ageMs: () => 0, look: () => ({ kind: 'known' as const }) }
  const flow = await startFlow(t, { list: () => known })
  for (const local of ['abc..def.', '.abc', 'a...b.c..']) {
    const address = `${local}@home.test`
    await flow.directory.addUser({ address })
    const sender = `${local}@docomo.test`
    const message = memorySource(utf8(`From: ${sender}\r\nTo: ${address}\r\nSubject: x\r\n\r\ntext\r\n`))
    const sent = await send(flow.gateway, [address], message, { reversePath: sender })
    assert.match(sent.reply, /^250 /, local)
    sent.transaction.settle('confirmed')
    assert.ok((await storedText(flow, address)).startsWith(`Return-Path: <${sender}>\r\nDelivered-To: ${address}\r\n`))
  }
})
