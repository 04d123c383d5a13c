import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { aboutDestination, delayAfter, holdPolicy, outboundPolicy, retryDelay } from './policy.ts'
import type { Job } from './schedule.ts'
import { scheduleOf } from './schedule.testbed.ts'

type TestJob = Job & { readonly name: string }

const options = { parallelPerDestination: 2, parallelOverall: 4, restMs: (failures: number) => failures * 1000 }

function job(name: string, destination: string, change: Partial<TestJob> = {}): TestJob {
  const start = {
    attempts: 0,
    releaseAt: -Infinity,
    dueAt: 0,
    state: 'waiting',
    startedAt: 0,
    unreachable: false,
  } as const
  return { name, destination, flow: { key: '', bulk: false }, receivedAt: 0, ...start, ...change }
}

const names = (jobs: readonly TestJob[]) => jobs.map(({ name }) => name).join(' ')

test('a sick destination with a long line does not delay a healthy one', () => {
  const schedule = scheduleOf<TestJob>(options)
  for (let n = 0; n < 1000; n++) schedule.add(job(`sick${n}`, 'sick', { receivedAt: n }), 0)
  for (let n = 0; n < 3; n++) schedule.add(job(`well${n}`, 'well', { receivedAt: 5000 + n }), 0)
  const first = schedule.start(0)
  assert.equal(names(first), 'sick0 well0 sick1 well1', 'turn by turn')
  const [sick0, well0] = first
  assert.ok(sick0 && well0)
  sick0.attempts++
  schedule.finished(sick0, { dueAt: 10_000 }, false, 100)
  assert.equal(names(schedule.start(100)), '', 'it rests; the healthy one has its two')
  schedule.finished(well0, 'gone', true, 100)
  assert.equal(names(schedule.start(100)), 'well2')
})

test('after the rest one job probes; its failure lengthens the rest, its success frees all', () => {
  const schedule = scheduleOf<TestJob>(options)
  for (let n = 0; n < 6; n++) schedule.add(job(`j${n}`, 'd', { receivedAt: n }), 0)
  const fail = (failing: TestJob, now: number) => {
    failing.attempts++
    schedule.finished(failing, { dueAt: now + 60_000 }, false, now)
  }
  const [j0, j1] = schedule.start(0)
  assert.ok(j0 && j1)
  fail(j0, 10)
  fail(j1, 10)
  assert.equal(schedule.failures('d'), 1, 'attempts side by side are one failure')
  assert.equal(schedule.nextAt(), 1010)
  assert.equal(names(schedule.start(1009)), '')
  const [probe, ...others] = schedule.start(1010)
  assert.equal(probe?.name, 'j2')
  assert.deepEqual(others, [])
  assert.ok(probe)
  fail(probe, 1020)
  assert.equal(names(schedule.start(3019)), '')
  const [second] = schedule.start(3020)
  assert.ok(second)
  schedule.finished(second, 'gone', true, 3030)
  assert.equal(names(schedule.start(3030)), 'j4 j5', 'live mail first')
})

test('a success brings back those that only waited for the destination, oldest first', () => {
  const schedule = scheduleOf<TestJob>({ ...options, parallelPerDestination: 10, parallelOverall: 10 })
  schedule.add(job('first', 'd'), 0)
  const [first] = schedule.start(0)
  assert.ok(first)
  const jobs = ['a', 'b', 'c'].map((name, n) => job(name, 'd', { receivedAt: 3 - n }))
  for (const one of jobs) schedule.add(one, 0)
  assert.equal(names(schedule.start(0)), 'c', 'two at a time until it has answered')
  schedule.finished(first, 'gone', true, 0)
  const started = [...jobs.filter(({ state }) => state === 'trying'), ...schedule.start(0)]
  assert.equal(names(started), 'c b a', 'by age')
  for (const one of started) {
    one.attempts++
    // b has a reason of its own: its mailbox is full
    schedule.finished(one, { dueAt: 100_000 }, one.name === 'b' ? undefined : false, 1)
  }
  schedule.add(job('probe', 'd', { receivedAt: 9 }), 2)
  const [probe] = schedule.start(2000)
  assert.equal(probe?.name, 'probe')
  assert.ok(probe)
  schedule.finished(probe, 'gone', true, 2001)
  assert.equal(names(schedule.start(2001)), 'c a')
})

// A job of the model: what is known of it without any data structure.
type Model = { readonly job: TestJob; due: number; state: 'waiting' | 'trying' | 'held' | 'gone' }

const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), destination: fc.nat(3), delay: fc.nat(50) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(30) }),
  fc.record({
    kind: fc.constant('finish' as const),
    pick: fc.nat(20),
    next: fc.constantFrom('gone' as const, 'again' as const),
    reached: fc.constantFrom(true, false, undefined),
    delay: fc.integer({ min: 1, max: 60 }),
  }),
  fc.record({
    kind: fc.constantFrom('hold' as const, 'release' as const, 'remove' as const, 'retry' as const),
    pick: fc.nat(20),
  }),
  fc.record({ kind: fc.constant('wake' as const) }),
)

test('the schedule keeps its rules whatever happens, and nothing is forgotten', () => {
  const rest = 40
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), steps => {
      const schedule = scheduleOf<TestJob>({
        parallelPerDestination: 2,
        parallelOverall: 3,
        restMs: () => rest,
        unprovenPlaceMs: 10_000,
      })
      const all: Model[] = []
      let now = 0
      const running = () => all.filter(({ state }) => state === 'trying')
      const start = () => {
        for (const started of schedule.start(now)) {
          const model = all.find(({ job: known }) => known === started)
          assert.equal(model?.state, 'waiting', `${started.name} is started once, and never held or gone`)
          if (model) model.state = 'trying'
        }
        assert.ok(running().length <= 3)
        for (const destination of ['0', '1', '2', '3'])
          assert.ok(running().filter(model => model.job.destination === destination).length <= 2)
        const nextAt = schedule.nextAt()
        assert.ok(nextAt === undefined || nextAt > now, 'no alarm lies in the past')
      }
      for (const one of steps) {
        const picked = 'pick' in one && all.length > 0 ? all[one.pick % all.length] : undefined
        if (one.kind === 'add') {
          const added = job(`j${all.length}`, String(one.destination), { receivedAt: now, dueAt: now + one.delay })
          all.push({ job: added, due: now + one.delay, state: 'waiting' })
          schedule.add(added, now)
        } else if (one.kind === 'pass') now += one.ms
        else if (one.kind === 'wake') schedule.wake(now)
        else if (one.kind === 'finish' && picked?.state === 'trying') {
          picked.job.attempts++
          picked.state = one.next === 'gone' ? 'gone' : 'waiting'
          schedule.finished(picked.job, one.next === 'gone' ? 'gone' : { dueAt: now + one.delay }, one.reached, now)
        } else if (one.kind === 'hold' && picked?.state === 'waiting') {
          picked.state = 'held'
          schedule.hold(picked.job)
        } else if (one.kind === 'release' && picked?.state === 'held') {
          picked.state = 'waiting'
          schedule.release(picked.job, now)
        } else if (one.kind === 'remove' && picked && picked.state !== 'trying') {
          picked.state = 'gone'
          schedule.remove(picked.job, now)
        } else if (one.kind === 'retry' && picked?.state === 'waiting') assert.ok(schedule.retry(picked.job, now))
        start()
      }
      // To the end: every job that is neither held nor gone is tried, following only the schedule's own alarms.
      for (let rounds = 0; rounds < 2000; rounds++) {
        for (const model of running()) {
          model.state = 'gone'
          schedule.finished(model.job, 'gone', true, now)
        }
        start()
        if (running().length > 0) continue
        const nextAt = schedule.nextAt()
        if (nextAt === undefined) break
        now = nextAt
        start()
      }
      for (const { job: left, state } of all)
        assert.ok(state === 'gone' || state === 'held', `${left.name} is ${state}`)
    }),
    { numRuns: 500 },
  )
})

test('pauses grow to their limit, with jitter within its bounds', () => {
  const plain = (policy: typeof holdPolicy) => [1, 2, 3, 4, 5, 20].map(n => retryDelay(policy, n, () => 0.5) / 1000)
  assert.deepEqual(plain(holdPolicy), [10, 20, 40, 80, 160, 900])
  assert.deepEqual(plain(outboundPolicy), [60, 300, 1500, 7500, 14_400, 14_400])
  assert.equal(
    retryDelay(holdPolicy, 1, () => 0),
    8000,
  )
  assert.equal(
    retryDelay(holdPolicy, 1, () => 1),
    12_000,
  )
})

test('a greylisting host is asked again early, but not for ever', () => {
  const grey = { code: 450, enhanced: '4.7.1', lines: ['Greylisted, see you in 5 minutes'] }
  const full = { code: 452, enhanced: '4.2.2', lines: ['Mailbox full'] }
  const mid = () => 0.5
  assert.equal(delayAfter(outboundPolicy, 3, [grey], mid), 120_000)
  assert.equal(delayAfter(outboundPolicy, 5, [grey], mid), 14_400_000)
  assert.equal(delayAfter(outboundPolicy, 3, [full], mid), 1_800_000)
  assert.equal(delayAfter(holdPolicy, 3, [grey], mid), 40_000)
})

// answer, what it says of the whole destination
const answers: readonly (readonly [number, string | undefined, string, 'unreachable' | 'slowed' | undefined])[] = [
  [421, undefined, 'Shutting down', 'unreachable'],
  [421, '4.7.0', 'Try again later', 'slowed'],
  [421, '4.4.5', 'Too many connections from your address', 'slowed'],
  [450, '4.7.28', 'Our system has detected an unusual rate of mail', 'slowed'],
  [451, '4.7.650', 'The mail server has been temporarily rate limited', 'slowed'],
  [451, '4.4.1', 'No connection', 'unreachable'],
  [451, '4.4.3', 'DNS does not answer', 'unreachable'],
  [451, '4.4.7', 'Expired', undefined],
  [450, '4.2.1', 'Mailbox busy', undefined],
  [450, '4.7.1', 'Greylisted, too many unknown senders', undefined],
  [452, '4.3.1', 'Full', undefined],
  [550, '5.4.1', 'No such host', undefined],
  [550, '5.7.1', 'Too many messages, blocked', undefined],
  [535, '5.7.8', 'Login refused', 'unreachable'],
  [451, undefined, 'Maximum credits exceeded', 'unreachable'],
]
for (const [code, enhanced, text, expected] of answers)
  test(`${code} ${enhanced ?? ''} ${text}: ${expected ?? 'only this message waits'}`, () =>
    assert.equal(aboutDestination({ code, ...(enhanced && { enhanced }), lines: [text] }), expected))
