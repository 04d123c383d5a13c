// Visits: what is found out about a connection, what stands in the way of a recipient, and what never does.
import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Log, silentLog } from '#base/log.ts'
import { printReply } from '#formats/smtp-reply.ts'
import type { AttemptAnswer } from '#store/senders/senders-store.ts'
import type { MailEvent } from '../events.ts'
import type { SessionFacts } from '../receiving.ts'
import type { Visit } from '../visitors.ts'
import { type Names, movedClock, stranger, tableNameServer } from './checks.testbed.ts'
import { createConnectionChecks } from './connection.ts'
import { isLocalAddress } from './exempt.ts'
import { maxWaitingGreetings } from './limits.ts'
import type { SenderMemory } from './sender-memory.ts'
import type { ConnectionSettings } from './settings.ts'
import { isRemark, listText, remarkText, reverseText, zoneText } from './texts.ts'

const defaults: ConnectionSettings = {
  exempt: ['203.0.113.0/24'],
  lists: [],
  helo: 'score',
  earlyTalkers: 'score',
  greetingDelayMs: 0,
  connectionsPerNetwork: 100,
  connectionsPerMinute: 100,
  unknownRecipients: 2,
  greylist: 'off',
  greylistDelayMs: 60_000,
  greylistWindowMs: 3_600_000,
  dnsTimeoutMs: 500,
}
const named: Names = { 'PTR 192.0.2.1': ['mx.internet.test'], 'A mx.internet.test': ['192.0.2.1'] }
const deny = { zone: 'bl.test', kind: 'deny', action: 'reject', points: 3, answers: [] } as const
const allow = { zone: 'wl.test', kind: 'allow', action: 'score', points: -1, answers: [] } as const
const listed: Names = { ...named, 'A 2.0.0.127.bl.test': ['127.0.0.2'], 'A 1.2.0.192.bl.test': ['127.0.0.2'] }

type Memory = SenderMemory & {
  known: boolean | undefined
  answer: AttemptAnswer | undefined
  readonly learnt: string[]
}

function memoryOf(): Memory {
  const learnt: string[] = []
  return {
    known: false,
    answer: { kind: 'wait', waitMs: 59_001 },
    learnt,
    async isKnownNetwork() {
      return this.known
    },
    async isKnownSender() {
      return this.known
    },
    async attempt() {
      return this.answer
    },
    learn: (address, reversePath) => void learnt.push(`${address} ${reversePath}`),
    sizes: { attempts: 0, known: 0 },
    isReadable: true,
    async [Symbol.asyncDispose]() {},
  }
}

function bench(table: Names = named, settings: Partial<ConnectionSettings> = {}) {
  const memory = memoryOf()
  const events: MailEvent[] = []
  const counted: string[] = []
  const warnings: string[] = []
  const log: Log = { ...silentLog, warn: sentence => void warnings.push(sentence) }
  const current = { ...defaults, ...settings }
  const checks = createConnectionChecks({
    settings: () => current,
    names: tableNameServer(table),
    memory,
    isOurs: name => name === 'home.test' || name === 'mx.home.test',
    clock: movedClock(),
    log,
    events: { record: event => void events.push(event) },
    count: (check, verdict) => void counted.push(`${check} ${verdict}`),
  })
  const visit = (session: SessionFacts): Visit => {
    const arrival = checks.arrive(session)
    assert.ok(arrival.kind === 'open')
    return arrival.visit
  }
  const ask = async (session: SessionFacts, to = 'hanako@home.test', from = 'aki@internet.test') => {
    const refusal = await visit(session).recipient(session, from, to)
    return refusal && printReply(refusal.reply)
  }
  return { checks, memory, events, counted, warnings, visit, ask }
}

test('all that is found travels: reverse name, lists with the owner’s points, remarks', async () => {
  const { visit } = bench(listed, { lists: [{ ...deny, action: 'score' }] })
  const session = stranger('192.0.2.1', { helo: 'localhost' })
  const one = visit(session)
  one.spokeEarly()
  assert.deepEqual(await one.findings(session), {
    reverse: { result: 'pass', name: 'mx.internet.test' },
    lists: [{ zone: 'bl.test', kind: 'deny', answers: ['127.0.0.2'], points: 3 }],
    remarks: ['helo-not-a-name', 'early-talker'],
  })
  assert.deepEqual((await one.findings({ ...session, helo: 'mx.internet.test' })).remarks, ['early-talker'])
})

test('a deny list refuses all but postmaster and abuse; nobody of ours, no network that is exempt', async () => {
  const { ask, visit } = bench({ ...listed, 'A 1.113.0.203.bl.test': ['127.0.0.2'] }, { lists: [deny] })
  assert.equal(await ask(stranger('192.0.2.1')), '554 5.7.1 192.0.2.1 is on the list bl.test')
  for (const to of ['postmaster@home.test', 'Abuse@home.test'])
    assert.equal(await ask(stranger('192.0.2.1'), to), undefined)
  assert.equal(await ask(stranger('192.0.2.1', { gateway: 'tokyo' })), undefined)
  assert.equal(await ask(stranger('203.0.113.1')), undefined)
  const exempt = stranger('203.0.113.1', { helo: 'localhost' })
  assert.deepEqual(await visit(exempt).findings(exempt), { reverse: { result: 'none' }, lists: [], remarks: [] })
})

test('HELO: told, refused, or not looked at', async () => {
  const session = stranger('192.0.2.1', { helo: 'MX.Home.test' })
  assert.equal(await bench().ask(session), undefined)
  assert.match((await bench(named, { helo: 'reject' }).ask(session)) ?? '', /^550 5\.7\.1 .*MX\.Home\.test/)
  const off = bench(named, { helo: 'off' })
  assert.equal(await off.ask(session), undefined)
  assert.deepEqual((await off.visit(session).findings(session)).remarks, [])
})

test('greylisting: the seconds are said; not on an allow list, not when passed, not while the memory cannot be read', async () => {
  const table = { ...named, 'A 1.2.0.192.wl.test': ['127.0.5.1'] }
  const { ask, memory, counted } = bench({}, { greylist: 'suspicious' })
  const words = '451 4.7.1 You are not known here yet; please try again in 60 seconds (greylisting)'
  assert.equal(await ask(stranger('192.0.2.1')), words)
  assert.equal(await ask(stranger('192.0.2.1'), 'postmaster@home.test'), undefined)
  memory.known = undefined
  assert.equal(await ask(stranger('192.0.2.1')), undefined)
  memory.known = true
  assert.equal(await ask(stranger('192.0.2.1')), undefined)
  memory.known = false
  memory.answer = { kind: 'passed', now: true }
  assert.equal(await ask(stranger('192.0.2.1')), undefined)
  assert.deepEqual(counted, ['greylist deferred', 'greylist passed'])
  assert.equal(
    await bench(named, { greylist: 'suspicious' }).ask(stranger('192.0.2.1')),
    undefined,
    'nothing is suspicious',
  )
  assert.equal(await bench(named, { greylist: 'unknown' }).ask(stranger('192.0.2.1')), words)
  assert.equal(await bench(table, { greylist: 'unknown', lists: [allow] }).ask(stranger('192.0.2.1')), undefined)
  assert.equal(
    await bench({}, { greylist: 'unknown' }).ask(stranger('10.0.0.1')),
    undefined,
    'a local address says nothing',
  )
})

test('the greeting: at once for who is known, exempt, local or allowed, and when nothing can be known; else after the time set', async () => {
  const dueAfter = async (address: string, known: boolean | undefined, settings: Partial<ConnectionSettings> = {}) => {
    const { visit, memory } = bench(
      { ...named, 'A 1.2.0.192.wl.test': ['127.0.5.1'] },
      { greetingDelayMs: 150, ...settings },
    )
    memory.known = known
    const since = performance.now()
    await visit(stranger(address)).greetingDue()
    return performance.now() - since
  }
  assert.ok((await dueAfter('192.0.2.1', false)) >= 149)
  for (const [address, known, settings] of [
    ['192.0.2.1', true, {}],
    ['192.0.2.1', undefined, {}],
    ['192.0.2.1', false, { greetingDelayMs: 0 }],
    ['192.0.2.1', false, { lists: [allow] }],
    ['203.0.113.1', false, {}],
    ['127.0.0.1', false, {}],
    ['10.1.2.3', false, {}],
  ] as const)
    assert.ok((await dueAfter(address, known, settings)) < 120, `${address} ${known}`)
})

test('a greeting waits for no DNS, ends with the visit, and only so many wait', async () => {
  const silent: Names = { 'PTR 192.0.2.1': 'silent', 'A 1.2.0.192.wl.test': 'silent', 'A 1.0.0.127.wl.test': 'silent' }
  const { visit } = bench(silent, { greetingDelayMs: 30, dnsTimeoutMs: 60_000, lists: [allow] })
  const started = performance.now()
  const one = visit(stranger('192.0.2.1'))
  await one.greetingDue()
  one.leave()
  assert.ok(performance.now() - started < 1_000)
  const many = bench({}, { greetingDelayMs: 60_000 })
  const waiting = Array.from({ length: maxWaitingGreetings }, (_, index) =>
    many.visit(stranger(`192.${index >> 8}.${index & 255}.1`)),
  )
  const due = Promise.all(waiting.map(one => one.greetingDue()))
  await sleep(5)
  const since = performance.now()
  await many.visit(stranger('198.51.100.1')).greetingDue()
  assert.ok(performance.now() - since < 1_000, 'one too many does not wait')
  for (const one of waiting) one.leave()
  await due
  assert.ok(performance.now() - since < 5_000)
  assert.equal(many.checks.sizes['visits'], 1)
})

test('early talkers: a remark, or the end', () => {
  assert.equal(bench().visit(stranger('192.0.2.1')).spokeEarly(), undefined)
  const reply = bench(named, { earlyTalkers: 'reject' }).visit(stranger('192.0.2.1')).spokeEarly()
  assert.equal(reply && printReply(reply), '554 5.5.1 You spoke before you were greeted')
  assert.equal(bench(named, { earlyTalkers: 'reject' }).visit(stranger('127.0.0.1')).spokeEarly(), undefined)
})

test('unknown recipients: slower and slower, then enough; a remark for home', async () => {
  const { visit } = bench()
  const session = stranger('192.0.2.1')
  const one = visit(session)
  const answers = Array.from({ length: 4 }, () => one.recipientUnknown())
  assert.deepEqual(
    answers.map(({ pauseMs, isEnough }) => (isEnough ? 'enough' : pauseMs)),
    [0, 1_000, 2_000, 'enough'],
  )
  assert.deepEqual((await one.findings(session)).remarks, ['unknown-recipients'])
})

test('too many of a network: 421 and one event a minute; they are let in again when others leave', () => {
  const { checks, visit, events, warnings } = bench(named, { connectionsPerNetwork: 2 })
  const first = visit(stranger('192.0.2.1'))
  visit(stranger('192.0.2.2'))
  for (let round = 0; round < 3; round++) {
    const arrival = checks.arrive(stranger('192.0.2.3'))
    assert.ok(arrival.kind === 'refused')
    assert.equal(printReply(arrival.reply), '421 4.7.0 Too many connections from 192.0.2.0/24; try again later')
  }
  assert.deepEqual(
    events.map(({ kind, client, detail }) => ({ kind, client, detail })),
    [
      {
        kind: 'refused',
        client: '192.0.2.3',
        detail: { check: 'rate', why: 'too-many-open', network: '192.0.2.0/24' },
      },
    ],
  )
  assert.equal(warnings.length, 1)
  first.leave()
  visit(stranger('192.0.2.3'))
  for (let round = 0; round < 5; round++) visit(stranger('127.0.0.1'))
  for (let round = 0; round < 5; round++) visit(stranger('203.0.113.9'))
})

test('a load balancer that speaks for itself is neither counted nor wondered about', () => {
  const { visit, warnings } = bench(named, { connectionsPerNetwork: 2 })
  for (let round = 0; round < 5; round++) visit(stranger('10.0.0.5', { via: '10.0.0.5' }))
  assert.deepEqual(warnings, [])
})

test('mail that seems to come from inside is told of once: perhaps a load balancer that does not say whom it brings', () => {
  const { visit, warnings } = bench()
  visit(stranger('127.0.0.1'))
  visit(stranger('10.0.0.9', { via: '10.0.0.5' }))
  assert.deepEqual(warnings, [])
  for (let round = 0; round < 3; round++) visit(stranger('10.0.0.5'))
  assert.equal(warnings.length, 1)
  assert.match(warnings[0] ?? '', /^MX-LOCAL: .*listen\[\]\.proxy/)
  for (const local of ['10.1.2.3', '192.168.0.1', 'fd00::1', 'fe80::1', '100.64.0.1', '::1', '', '::ffff:10.0.0.1'])
    assert.ok(isLocalAddress(local), local)
  for (const other of ['192.0.2.1', '8.8.8.8', '2001:db8::1']) assert.ok(!isLocalAddress(other), other)
})

test('what a trusted proxy has found out of the reverse name is believed and not asked again', async () => {
  const { visit } = bench({})
  const session = stranger('192.0.2.1', {
    reverse: { result: 'pass', name: 'spike.porcupine.example' },
    via: '127.0.0.1',
  })
  assert.deepEqual((await visit(session).findings(session)).reverse, {
    result: 'pass',
    name: 'spike.porcupine.example',
  })
})

test('who had mail delivered is learnt; who only wrote to postmaster, and who is exempt, is not', () => {
  const { visit, memory } = bench()
  visit(stranger('192.0.2.1')).delivered('aki@internet.test', ['hanako@home.test', 'postmaster@home.test'])
  visit(stranger('192.0.2.2')).delivered('aki@internet.test', ['postmaster@home.test'])
  visit(stranger('203.0.113.1')).delivered('aki@internet.test', ['hanako@home.test'])
  assert.deepEqual(memory.learnt, ['192.0.2.1 aki@internet.test'])
})

test('everything found has words in both languages', () => {
  assert.ok(isRemark('early-talker') && !isRemark('constructor') && remarkText('of a newer release') === undefined)
  const list = { zone: 'l.test', answers: ['127.0.0.2'] }
  for (const text of [
    remarkText('helo-is-us'),
    reverseText({ result: 'pass', name: 'a.test' }),
    reverseText({ result: 'fail', name: 'a.test' }),
    reverseText({ result: 'permerror' }),
    reverseText({ result: 'temperror' }),
    listText({ ...list, kind: 'deny' }),
    listText({ ...list, kind: 'allow' }),
    ...(['silent', 'lists-everything', 'lists-nothing', 'complains', 'sound'] as const).map(state =>
      zoneText('l.test', state),
    ),
  ]) {
    assert.match(text?.ja ?? '', /[ぁ-んァ-ン一-龠]/)
    assert.match(text?.en ?? '', /^[ -~’]+\.$/)
  }
})
