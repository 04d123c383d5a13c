import assert from 'node:assert/strict'
import test from 'node:test'
import { systemClock } from '#base/clock.ts'
import type { StoredEvent } from '../events.ts'
import type { AccountId } from '../ids.ts'
import { receivedSteps, sentSteps } from './letter-steps.ts'
import { createTracing, type TracingOptions } from './tracing.ts'

const account = 'aaaaaaaaaaaaaaaa' as AccountId
const event = (more: Partial<StoredEvent>): StoredEvent => ({
  box: 'home@mail.home.test',
  at: 1_000,
  kind: 'sent',
  delivery: 'home-out.1.1',
  ...more,
})

function tracing(own: readonly StoredEvent[], told: readonly StoredEvent[], more: Partial<TracingOptions> = {}) {
  const asked: string[] = []
  const made = createTracing({
    box: 'home@mail.home.test',
    role: 'home',
    events: { find: async () => own },
    questions: {
      async ask(gateway, delivery) {
        asked.push(`${gateway} ${delivery}`)
        return told
      },
      lastHeard: () => 500,
    },
    gateways: () => [
      { name: 'tokyo', hostname: 'mx.home.test' },
      { name: 'osaka', hostname: undefined },
    ],
    sendsThroughGateway: () => false,
    clock: systemClock,
    ...more,
  })
  return { ...made, asked }
}

test('a delivery is asked of the gateway that took it in, and own mail of those through which it leaves', async () => {
  const bed = tracing([event({})], [])
  await bed.delivery('tokyo.1.5', 'in')
  assert.deepEqual(bed.asked, ['tokyo tokyo.1.5'])
  await bed.delivery('home-out.1.1', 'out')
  assert.equal(bed.asked.length, 1, 'it left without a gateway')
  const through = tracing([event({})], [], { sendsThroughGateway: () => true })
  assert.deepEqual(
    (await through.delivery('home-out.1.1', 'out')).boxes.map(({ box, state }) => `${box} ${state}`),
    ['gateway@mx.home.test asked', 'osaka asked', 'home@mail.home.test asked'],
  )
})

test('own mail through the gateway: both boxes’ steps, all its recipients, and nothing of what happened in other accounts', async () => {
  const own = [
    event({ kind: 'submitted', to: 'a@internet.test', detail: { account } }),
    event({ kind: 'submitted', to: 'taro@home.test', detail: { account } }),
    event({ at: 1_200, to: 'a@internet.test', detail: { queue: 'outbound', attempts: 2, remote: 'mx.internet.test' } }),
    event({
      at: 1_300,
      kind: 'delivered',
      to: 'taro@home.test',
      detail: { account: 'taro', mailboxes: 'Secret', by: 'script' },
    }),
    event({ at: 1_300, kind: 'sent-on', to: 'taro@work.test', detail: { account: 'taro', effect: 'redirect' } }),
    event({ at: 1_400, to: 'taro@home.test', reply: '250 2.0.0 Saved', detail: { queue: 'outbound' } }),
    // the same id in another box's words counts only where it is this delivery's
    event({ at: 1_500, delivery: 'home-out.1.2', to: 'other@internet.test', detail: { queue: 'outbound' } }),
  ]
  const relayed = event({
    box: 'gateway@mx.home.test',
    at: 1_100,
    kind: 'attempt-deferred',
    to: 'a@internet.test',
    reply: '451 4.7.1 later',
    detail: { relayFor: 'osaka', remote: 'mx.internet.test', address: '192.0.2.7', tls: 'TLSv1.3 X' },
  })
  const bed = tracing(own, [relayed], {
    sendsThroughGateway: () => true,
    gateways: () => [{ name: 'tokyo', hostname: undefined }],
  })
  const { events } = await bed.delivery('home-out.1.1', 'out')
  const recipients = new Set(['hidden@internet.test'])
  const steps = sentSteps(events, { account, recipients })
  assert.deepEqual(
    steps.map(({ kind, recipient, role }) => `${role} ${kind} ${recipient}`),
    [
      'home submitted a@internet.test',
      'home submitted taro@home.test',
      'gateway attempt-deferred a@internet.test',
      'home sent a@internet.test',
      'home sent taro@home.test',
    ],
  )
  assert.deepEqual(steps[2]?.peer, { name: 'mx.internet.test', address: '192.0.2.7', tls: 'TLSv1.3 X' })
  assert.equal(steps[3]?.attempts, 2)
  assert.deepEqual([...recipients], ['hidden@internet.test', 'a@internet.test', 'taro@home.test'])
  // somebody else's submission under an id that was learnt otherwise
  assert.equal(
    sentSteps(events, { account: 'b' as AccountId, recipients: new Set() }).some(({ kind }) => kind === 'submitted'),
    false,
  )
})

test('gateway and home in one box: one trace, nobody else is asked', async () => {
  const own = [
    event({
      delivery: 'both.1.1',
      kind: 'delivered',
      to: 'me@home.test',
      at: 1_100,
      detail: { account, mailboxes: 'inbox', by: 'default' },
    }),
    event({
      delivery: 'both.1.1',
      kind: 'received',
      client: '192.0.2.1',
      at: 1_150,
      detail: { begun: 1_000, helo: 'mx.internet.test' },
    }),
  ]
  const bed = tracing(own, [], { role: 'both', gateways: () => [] })
  const { boxes, events } = await bed.delivery('both.1.1', 'in')
  assert.deepEqual(bed.asked, [])
  assert.equal(boxes.length, 1)
  const steps = receivedSteps(events, { account, recipients: new Set(['me@home.test']) })
  assert.deepEqual(
    steps.map(({ at, kind, role }) => `${at} ${role} ${kind}`),
    ['1000 both received', '1100 both delivered'],
  )
  assert.deepEqual(steps[1]?.filed?.mailboxes, ['inbox'])
})

test('words of servers that name somebody else are not told; long ones are looked at once', () => {
  const me = 'me@home.test'
  const told = (reply: string) => {
    const [step] = receivedSteps([{ ...event({ kind: 'delivered', to: me, reply }), role: 'home' }], {
      account,
      recipients: new Set([me]),
    })
    return step?.reply !== undefined
  }
  assert.equal(told(`250 2.0.0 <${me}> Saved for ${me}.`), true)
  assert.equal(told('250 2.0.0 at @ home, a@ and @b'), true)
  for (const other of ['<you@home.test>', 'you@home.test!', `${me},you@home.test`, 'a@b@home.test'])
    assert.equal(told(`250 2.0.0 ${other} Saved`), false, other)
  const replies = ['x'.repeat(2_500), `a@${'.'.repeat(2_400)}b`, `a@b${'!'.repeat(2_400)}`]
  const begun = performance.now()
  const many = Array.from({ length: 500 }, (_, at) => ({
    ...event({ kind: 'delivered', to: me, reply: replies[at % 3] ?? '' }),
    role: 'gateway' as const,
  }))
  receivedSteps(many, { account, recipients: new Set([me]) })
  assert.ok(performance.now() - begun < 1_000, `${performance.now() - begun} ms`)
})

test('numbers that are no time, in another box’s words, are passed over', () => {
  const me = 'me@home.test'
  const detail = { begun: 1e300, next: -1e200, takenInAt: 1e17 }
  const steps = receivedSteps([{ ...event({ kind: 'delivered', to: me, detail }), role: 'home' }], {
    account,
    recipients: new Set([me]),
  })
  assert.deepEqual(
    steps.map(({ at, kind, nextAttemptAt }) => [kind, at, nextAttemptAt]),
    [
      ['received', 1_000, undefined],
      ['delivered', 1_000, undefined],
    ],
  )
})
