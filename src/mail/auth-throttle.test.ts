import assert from 'node:assert/strict'
import test from 'node:test'
import { networkOf } from '#base/network-of.ts'
import { LoginThrottle, isLoopback } from './auth-throttle.ts'

function throttle(isShared?: (address: string) => boolean) {
  const time = { now: 0 }
  const clock = { now: () => time.now, monotonic: () => time.now }
  return { time, limits: isShared ? new LoginThrottle(clock, isShared) : new LoginThrottle(clock) }
}

test('the network that an address stands for', () => {
  assert.equal(networkOf('192.0.2.1'), '192.0.2.1')
  assert.equal(networkOf('::ffff:192.0.2.1'), '192.0.2.1')
  assert.equal(networkOf('2001:db8:1:2:3:4:5:6'), networkOf('2001:DB8:1:2::'))
  assert.notEqual(networkOf('2001:db8:1:2::1'), networkOf('2001:db8:1:3::1'))
  assert.equal(networkOf('unix'), 'unix')
  assert.ok(isLoopback('127.0.0.9') && isLoopback('::1') && isLoopback('::ffff:127.0.0.1') && !isLoopback('192.0.2.1'))
})

test('delays of a pair double up to five minutes, and melt', () => {
  const { time, limits } = throttle()
  const waits: number[] = []
  for (let guess = 0; guess < 18; guess++) {
    limits.failed('192.0.2.1', 'yuki', undefined)
    waits.push(limits.waitMs('192.0.2.1', 'yuki'))
  }
  assert.deepEqual(waits.slice(0, 9), [0, 0, 0, 0, 0, 1000, 2000, 4000, 8000])
  assert.equal(waits.at(-1), 5 * 60_000)
  time.now += 60 * 60_000
  assert.equal(limits.waitMs('192.0.2.1', 'yuki'), 0)
  limits.failed('192.0.2.1', 'yuki', undefined)
  assert.equal(limits.waitMs('192.0.2.1', 'yuki'), 0)
})

test('many names from one place, unless the place is shared', () => {
  const open = throttle()
  for (let n = 0; n < 30; n++) open.limits.failed('2001:db8::1', `user${n}`, undefined)
  assert.ok(open.limits.waitMs('2001:db8::ffff', 'somebody') > 0)
  assert.equal(open.limits.waitMs('2001:db8:0:1::1', 'somebody'), 0)
  const shared = throttle()
  for (let n = 0; n < 300; n++) shared.limits.failed('127.0.0.1', `user${n}`, undefined)
  assert.equal(shared.limits.waitMs('127.0.0.1', 'somebody'), 0)
  for (let n = 0; n < 8; n++) shared.limits.failed('127.0.0.1', 'yuki', undefined)
  assert.ok(shared.limits.waitMs('127.0.0.1', 'yuki') > 0)
})

test('an account of one’s own does not buy guesses at others', () => {
  const { limits } = throttle()
  for (let n = 0; n < 30; n++) {
    limits.failed('192.0.2.1', `user${n}`, undefined)
    limits.succeeded('192.0.2.1', 'mine')
  }
  assert.ok(limits.waitMs('192.0.2.1', 'user99') > 0)
  assert.equal(limits.waitMs('192.0.2.1', 'mine'), 0)
})

test('the tables keep their bound under a flood of names and addresses', () => {
  const { limits } = throttle()
  for (let n = 0; n < 25_000; n++) limits.failed(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, `user${n}`, undefined)
  const before = process.memoryUsage().heapUsed
  for (let n = 0; n < 60_000; n++) limits.failed(`10.9.${(n >> 8) & 255}.${n & 255}`, `name${n}`, undefined)
  assert.ok(process.memoryUsage().heapUsed - before < 64 * 1024 * 1024)
})
