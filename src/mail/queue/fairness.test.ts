import assert from 'node:assert/strict'
import test from 'node:test'
import { Flows } from './flows.ts'
import { Pace } from './pace.ts'
import type { Job, Schedule } from './schedule.ts'
import { scheduleOf } from './schedule.testbed.ts'

type TestJob = Job & { readonly name: string }

const options = { parallelPerDestination: 4, parallelOverall: 8, restMs: () => 60_000 }

function job(name: string, destination: string, key: string, bulk = false): TestJob {
  return {
    name,
    destination,
    flow: { key, bulk },
    receivedAt: 0,
    attempts: 0,
    releaseAt: -Infinity,
    dueAt: 0,
    state: 'waiting',
    startedAt: 0,
    unreachable: false,
  }
}

/** Each started job takes `tookMs`; names in the order of their starts. */
function run(schedule: Schedule<TestJob>, starts: number, tookMs = 10): string[] {
  const names: string[] = []
  let running: TestJob[] = []
  for (let now = 0; names.length < starts; now += tookMs) {
    for (const done of running) schedule.finished(done, 'gone', true, now)
    running = schedule.start(now)
    assert.ok(running.length > 0, 'something goes on')
    names.push(...running.map(({ name }) => name))
  }
  return names
}

test('a newsletter of 5,000 through one upstream does not delay another’s letter, nor the writer’s own', () => {
  const schedule = scheduleOf<TestJob>(options)
  for (let n = 0; n < 5000; n++) schedule.add(job(`news${n}`, 'upstream', 'shop@home.test', true), 0)
  schedule.add(job('other', 'upstream', 'hanako@home.test'), 0)
  schedule.add(job('own', 'upstream', 'shop@home.test'), 0)
  const names = run(schedule, 12)
  assert.ok(names.indexOf('other') >= 0 && names.indexOf('other') < 4, names.join(' '))
  assert.ok(names.indexOf('own') >= 0 && names.indexOf('own') < 4, names.join(' '))
})

test('nor when it goes to 5,000 destinations', () => {
  const schedule = scheduleOf<TestJob>(options)
  for (let n = 0; n < 5000; n++) schedule.add(job(`news${n}`, `d${n}`, 'shop@home.test', true), 0)
  schedule.add(job('other', 'd17', 'hanako@home.test'), 0)
  assert.ok(run(schedule, 8).includes('other'))
})

test('bulk goes on while letters keep coming: a turn of four', () => {
  const schedule = scheduleOf<TestJob>(options)
  for (let n = 0; n < 400; n++) {
    schedule.add(job(`bulk${n}`, `b${n}`, 'shop@home.test', true), 0)
    schedule.add(job(`letter${n}`, `l${n}`, 'hanako@home.test'), 0)
  }
  const bulk = run(schedule, 200).filter(name => name.startsWith('bulk')).length
  assert.equal(bulk, 50)
})

test('submitters take turns, whoever has how much', () => {
  const schedule = scheduleOf<TestJob>(options)
  for (let n = 0; n < 100; n++) schedule.add(job(`a${n}`, 'upstream', 'a@home.test'), 0)
  for (let n = 0; n < 10; n++) schedule.add(job(`b${n}`, 'upstream', 'b@home.test'), 0)
  const names = run(schedule, 20)
  assert.equal(names.filter(name => name.startsWith('b')).length, 10)
})

test('slow destinations give their places back: quick ones behind them are not delayed', () => {
  const schedule = scheduleOf<TestJob>({ ...options, parallelOverall: 4 })
  for (let n = 0; n < 40; n++) schedule.add(job(`slow${n}`, `s${n}`, 'a'), 0)
  for (let n = 0; n < 10; n++) schedule.add(job(`quick${n}`, `q${n}`, 'b'), 0)
  let quick = 0
  for (let now = 0; now < 60_000 && quick < 10; ) {
    for (let batch = schedule.start(now); batch.length > 0; batch = schedule.start(now))
      for (const started of batch.filter(({ name }) => name.startsWith('quick'))) {
        quick++
        schedule.finished(started, 'gone', true, now)
      }
    const at = schedule.nextAt()
    if (at === undefined) break
    now = Math.max(now + 1, at)
  }
  assert.equal(quick, 10)
})

test('three hundred silent destinations delay a healthy one by seconds at most, also on first contact', () => {
  const schedule = scheduleOf<TestJob>({ ...options, parallelOverall: 64 })
  for (let n = 0; n < 300; n++) schedule.add(job(`silent${n}`, `s${n}`, 'a'), 0)
  schedule.add(job('well', 'w', 'a'), 0)
  let now = 0
  for (let found = false; !found; now = schedule.nextAt() ?? Infinity) {
    assert.ok(now < 5000, `${now} ms`)
    found = schedule.start(now).some(({ name }) => name === 'well')
  }
})

test('slow start: the window doubles a round until the limit; a rate answer halves it and brings a gap', () => {
  const pace = new Pace()
  const limit = { parallel: 20 }
  assert.equal(pace.window(limit), 2)
  for (let n = 0; n < 2; n++) pace.succeeded(limit)
  assert.equal(pace.window(limit), 4)
  for (let n = 0; n < 40; n++) pace.succeeded(limit)
  assert.equal(pace.window(limit), 20)
  pace.started(1000, limit)
  assert.ok(pace.pausedUntil <= 1000, 'no gap')
  pace.slowDown(1000, 2000)
  pace.slowDown(1500, 2100)
  assert.equal(pace.slowedTimes, 1, 'answers side by side are one event')
  assert.equal(pace.window(limit), 10)
  assert.equal(pace.pausedUntil, 17_000)
  pace.started(17_000, limit)
  assert.equal(pace.pausedUntil, 17_500)
  for (let n = 0; n < 11; n++) pace.succeeded(limit)
  assert.equal(pace.window(limit), 11, 'it grows by one a round from there')
  pace.started(20_000, limit)
  assert.ok(pace.pausedUntil < 20_060, 'the gap is gone')
})

test('messages a minute: starts keep their distance, also on the first day', () => {
  const schedule = scheduleOf<TestJob>({
    ...options,
    limitOf: key => (key === 'narrow' ? { perMinute: 30, parallel: 1 } : undefined),
  })
  for (let n = 0; n < 5; n++) schedule.add(job(`n${n}`, 'narrow', 'a'), 0)
  const at: number[] = []
  for (let now = 0; at.length < 5; now = schedule.nextAt() ?? now + 1)
    for (const started of schedule.start(now)) {
      at.push(now)
      schedule.finished(started, 'gone', true, now)
    }
  assert.deepEqual(at, [0, 2000, 4000, 6000, 8000])
})

test('a rate answer rests the destination; the next success brings back those that were sent away', () => {
  const schedule = scheduleOf<TestJob>(options)
  const jobs = ['a', 'b', 'c'].map((name, receivedAt) => ({ ...job(name, 'd', 'x'), receivedAt }))
  for (const one of jobs) schedule.add(one, 0)
  const started = schedule.start(0)
  assert.equal(started.length, 2)
  for (const one of started) {
    one.attempts++
    schedule.finished(one, { dueAt: 300_000 }, 'slowed', 100)
  }
  assert.deepEqual(schedule.start(200), [])
  assert.equal(schedule.nextAt(), 15_100)
  const [probe, ...more] = schedule.start(15_100)
  assert.equal(probe?.name, 'c')
  assert.deepEqual(more, [], 'one goes first')
  assert.ok(probe)
  schedule.finished(probe, 'gone', true, 15_200)
  const rest: string[] = []
  for (let now = 15_200; rest.length < 2 && now < 20_000; now += 100)
    for (const next of schedule.start(now)) {
      rest.push(next.name)
      schedule.finished(next, 'gone', true, now)
    }
  assert.deepEqual(rest, ['a', 'b'])
})

test('what is bulk: many recipients, many octets, many messages within a minute; a minute later a letter is one again', () => {
  const flows = new Flows()
  const facts = { submitter: 'a@home.test', reversePath: 'a@home.test', sizeBytes: 1000, receivedAt: 0 }
  const of = (change: Partial<{ recipients: number; sizeBytes: number; receivedAt: number; submitter: string }>) =>
    flows.of({ ...facts, ...change, recipients: { length: change.recipients ?? 1 } }).bulk
  assert.equal(of({}), false)
  assert.equal(of({ recipients: 21 }), true)
  assert.equal(of({ sizeBytes: 3_000_000 }), true)
  for (let n = 0; n < 40; n++) of({ receivedAt: n })
  assert.equal(of({ receivedAt: 50 }), true)
  assert.equal(of({ receivedAt: 50, submitter: 'b@home.test' }), false)
  assert.equal(of({ receivedAt: 61_000 }), false)
})
