// A letter's way in words: what is said of each step, in both languages, and what is not said twice.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { EmailTrace, TraceEvent, TraceRecipient } from '#protocols/jmap/wire-trace.ts'
import { trackEn } from '../../texts/track-en.ts'
import { trackJa } from '../../texts/track-ja.ts'
import { sentState, shownSteps } from './summary.ts'
import { asText, boxText, headText, recipientText, stepNotes, stepText, type Wording } from './words.ts'

const time = (date: Date) => date.toISOString().slice(11, 19)
const en: Wording = { words: trackEn, language: 'en', mailbox: role => role.toUpperCase(), time, moment: time }
const ja: Wording = { words: trackJa, language: 'ja', mailbox: role => `〈${role}〉`, time, moment: time }

const event = (more: Partial<TraceEvent>): TraceEvent => ({
  at: '2026-11-27T09:00:00.000Z',
  box: 'home@mail.home.test',
  role: 'home',
  kind: 'sent',
  recipient: 'aki@internet.test',
  server: null,
  reply: null,
  attempts: null,
  nextAttempt: null,
  verdicts: null,
  filed: null,
  delay: null,
  secondHand: false,
  ...more,
})
const recipient = (more: Partial<TraceRecipient>): TraceRecipient => ({
  email: 'aki@internet.test',
  state: 'delivered',
  reply: null,
  server: null,
  attempts: 1,
  nextAttempt: null,
  since: '2026-11-27T09:00:01.400Z',
  ...more,
})
const trace = (more: Partial<EmailTrace>): EmailTrace => ({
  accountId: 'A1',
  emailId: 'E1',
  direction: 'sent',
  foundBy: 'delivery',
  storedAt: null,
  recipients: [recipient({})],
  list: [event({ kind: 'submitted' })],
  omitted: false,
  boxes: [],
  ...more,
})
const mx = { name: 'mx.internet.test', address: '192.0.2.7', tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384' }
const said = (step: Partial<TraceEvent>, wording: Wording) =>
  stepText({ ...event(step), count: 1, incoming: false }, wording)

test('each kind of step has words in both languages', () => {
  const filed = { mailboxes: ['inbox', 'Bills'], by: 'script', score: null, reasons: [], effect: null }
  const steps: readonly (readonly [Partial<TraceEvent>, english: string, japanese: string])[] = [
    [
      { kind: 'received', role: 'gateway', server: { ...mx, address: '192.0.2.1' } },
      'Your gateway received it from mx.internet.test (192.0.2.1) over TLS 1.3.',
      'ゲートウェイがmx.internet.test (192.0.2.1)からTLS 1.3で受け取りました。',
    ],
    [{ kind: 'received', role: 'both' }, 'Your server received it.', 'サーバーが受け取りました。'],
    [
      { kind: 'held', role: 'gateway' },
      'Your home was away: your gateway keeps it until your home is back.',
      '自宅のサーバーが応答しないため、ゲートウェイが預かっています。応答しだい届けます。',
    ],
    [
      { kind: 'attempt-deferred', server: mx, reply: '451 4.7.1 try again later', nextAttempt: '2026-11-27T18:20:00Z' },
      'The mail server of internet.test (mx.internet.test, 192.0.2.7) said: 451 4.7.1 try again later — next attempt at 18:20:00',
      'internet.test のメールサーバー(mx.internet.test、192.0.2.7)の返答: 451 4.7.1 try again later。次の試行は18:20:00',
    ],
    [
      { kind: 'attempt-deferred', reply: '451 4.4.1 Cannot reach mx.internet.test' },
      'The mail server of internet.test could not be reached: 451 4.4.1 Cannot reach mx.internet.test',
      'internet.test のメールサーバーに接続できませんでした: 451 4.4.1 Cannot reach mx.internet.test',
    ],
    [
      { kind: 'attempt-failed', server: mx, reply: '550 5.1.1 Nobody' },
      'The mail server of internet.test (mx.internet.test, 192.0.2.7) refused it: 550 5.1.1 Nobody',
      'internet.test のメールサーバー(mx.internet.test、192.0.2.7)が受け取りを断りました: 550 5.1.1 Nobody',
    ],
    [{ kind: 'sent' }, 'It is in the mailbox of aki@internet.test.', 'aki@internet.testのメールボックスに入りました。'],
    [
      { kind: 'delivered', filed },
      'Your home put it into INBOX and BILLS, as your filter says.',
      '自宅のサーバーが「〈inbox〉」「〈Bills〉」に入れました(フィルターの指定)。',
    ],
    [
      {
        kind: 'sent-on',
        recipient: 'me@internet.test',
        filed: { ...filed, mailboxes: [], by: '', effect: 'redirect' },
      },
      'Your filter sent it on to me@internet.test.',
      'フィルターがme@internet.testに転送しました。',
    ],
  ]
  for (const [step, english, japanese] of steps) {
    assert.equal(said(step, en), english)
    assert.equal(said(step, ja), japanese)
  }
  const kinds = ['passed-on', 'refused', 'repeated', 'submitted', 'expired', 'removed', 'dsn-made'] as const
  for (const kind of kinds) {
    const [english, japanese] = [said({ kind }, en), said({ kind }, ja)]
    assert.match(english, /^[\x20-\x7e]+$/)
    assert.match(japanese, /[ぁ-ん]/)
  }
})

test('one word of both catalogues is in both languages, and none is left as it is', () => {
  const names = Object.keys(trackEn) as (keyof typeof trackEn)[]
  assert.deepEqual(Object.keys(trackJa), names)
  for (const name of names) if (typeof trackEn[name] === 'string') assert.notEqual(trackEn[name], trackJa[name], name)
  assert.deepEqual([1_400, 65_000, 3_600_000, 100_000_000].map(trackEn.duration), [
    '1.4 s',
    '1 min 5 s',
    '1 h',
    '1 d 3 h',
  ])
  assert.deepEqual([1_400, 65_000, 3_600_000].map(trackJa.duration), ['1.4秒', '1分5秒', '1時間'])
})

test('what both boxes have heard is told once, and handing in is one step', () => {
  const list = [
    event({ kind: 'submitted', recipient: 'a@internet.test' }),
    event({ kind: 'submitted', recipient: 'b@internet.test' }),
    event({ kind: 'sent', role: 'gateway', server: mx }),
    event({ kind: 'sent', role: 'home', server: mx, at: '2026-11-27T09:00:00.200Z' }),
    event({ kind: 'delivered', role: 'home', recipient: 'me@home.test' }),
    event({ kind: 'passed-on', role: 'gateway', recipient: 'me@home.test' }),
    event({ kind: 'passed-on', role: 'gateway', recipient: 'away@home.test' }),
    event({ kind: 'attempt-deferred', role: 'home', recipient: 'full@home.test', reply: '452 4.2.2 Mailbox full' }),
    event({ kind: 'attempt-deferred', role: 'gateway', recipient: 'full@home.test', reply: '452 4.2.2 Mailbox full' }),
  ]
  const steps = shownSteps({ direction: 'sent', list })
  assert.deepEqual(
    steps.map(({ count, kind, role }) => `${role} ${kind} ${count}`),
    ['home submitted 2', 'gateway sent 1', 'home delivered 1', 'gateway passed-on 1', 'home attempt-deferred 1'],
  )
  assert.equal(stepText(steps[0] ?? { ...event({}), count: 0, incoming: false }, en), 'You sent it to 2 recipients.')
  const [, full] = shownSteps({ direction: 'received', list: list.slice(-3) })
  assert.equal(full && stepText(full, en), 'Your home did not take it yet: 452 4.2.2 Mailbox full')
})

test('the head says how it stands, and how long it took', () => {
  const now = Date.parse('2026-11-27T09:10:00Z')
  assert.equal(headText(trace({}), en, now), 'Delivered in 1.4 s')
  assert.equal(headText(trace({}), ja, now), '1.4秒で配達しました')
  const waiting = recipient({ state: 'waiting', since: null })
  assert.equal(headText(trace({ recipients: [waiting] }), en, now), 'On its way for 10 min')
  assert.equal(
    headText(trace({ recipients: [recipient({}), waiting] }), ja, now),
    '2件中1件を配達済み · 送信を始めて10分',
  )
  assert.equal(headText(trace({ recipients: [recipient({ state: 'failed' })] }), en, now), 'Not delivered')
  assert.equal(headText(trace({ recipients: [recipient({ state: 'unknown' })] }), en, now), undefined)
  assert.equal(headText(trace({ direction: 'stored', recipients: [], list: [] }), en, now), undefined)
  assert.equal(headText(trace({ direction: 'received', omitted: true }), en, now), 'Arrived')
})

test('the state beside a sent letter is that of all its recipients', () => {
  const of = (...states: readonly Partial<TraceRecipient>[]) => sentState(states.map(recipient))
  assert.equal(of({}, {}), 'delivered')
  assert.equal(of({}, { state: 'failed' }), 'partly')
  assert.equal(of({ state: 'failed' }, { state: 'removed' }), 'failed')
  assert.equal(of({}, { state: 'waiting', attempts: 1 }), 'waiting')
  assert.equal(of({ state: 'waiting', attempts: 0, nextAttempt: null }), 'sending')
  assert.equal(of({ state: 'waiting', attempts: 0, nextAttempt: '2999-01-01T00:00:00Z' }), 'waiting')
  assert.equal(of({ state: 'held' }), 'held')
  assert.equal(of({ state: 'unknown' }), undefined)
})

test('notes: how long between the boxes, by whose word, why it is junk; who is away', () => {
  const filed = { mailboxes: ['junk'], by: 'junk filter', score: 7, reasons: ['WORDS'], effect: null }
  const step = { ...event({ kind: 'delivered', delay: 7_200_000, secondHand: true, filed }), count: 1, incoming: true }
  const [after, told, why] = stepNotes(step, en)
  assert.equal(after, 'That was 2 h after the gateway had taken it in.')
  assert.equal(told, 'Told with the mail; this server was not asked now.')
  assert.match(why ?? '', /^Why it looks like junk: /)
  const away = { box: 'gateway@mx.home.test', role: 'gateway', state: 'away', asOf: '2026-11-27T08:00:00Z' } as const
  assert.match(
    boxText(away, ja) ?? '',
    /^ゲートウェイ \(gateway@mx\.home\.test\)が今は応答しません\(最後の応答は08:00:00\)/,
  )
  assert.match(boxText({ ...away, state: 'unknown', asOf: null }, en) ?? '', /has not been asked/)
  assert.equal(boxText({ ...away, state: 'asked' }, en), undefined)
})

test('as text: our words in the page’s language, everybody else’s as they were', () => {
  const reply = '451 4.7.1 Greylisted <aki@internet.test>'
  const waiting = recipient({ state: 'waiting', attempts: 2, reply, nextAttempt: '2026-11-27T09:05:00Z', since: null })
  const list = [event({ kind: 'attempt-deferred', server: mx, reply, nextAttempt: '2026-11-27T09:05:00Z' })]
  const text = asText(trace({ recipients: [waiting], list }), ja, Date.parse('2026-11-27T09:01:00Z'))
  assert.equal(
    text,
    `送信を始めて1分
aki@internet.test: 待機中 · 次の試行は09:05:00 · 試行2回
    > ${reply}

09:00:00 home@mail.home.test <aki@internet.test> internet.test のメールサーバー(mx.internet.test、192.0.2.7)の返答: ${reply}。次の試行は09:05:00
    mx.internet.test [192.0.2.7] TLSv1.3 TLS_AES_256_GCM_SHA384
    > ${reply}`,
  )
  assert.equal(recipientText(waiting, en), 'waiting · next attempt at 09:05:00 · 2 attempts')
})

test('no server’s reply turns round what is said of it', () => {
  for (const kind of ['attempt-failed', 'attempt-deferred', 'refused'] as const) {
    const text = said({ kind, server: mx, reply: '550 \u202edeviled' }, en)
    assert.ok(text.includes('550 deviled'), text)
  }
})
