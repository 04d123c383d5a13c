import assert from 'node:assert/strict'
import test from 'node:test'
import { movedClock } from './checks.testbed.ts'
import { NetworkLimits, networkName, networksOf } from './network-limits.ts'

const settings = { connectionsPerNetwork: 3, connectionsPerMinute: 6 }

test('networks: /24, /64 and /48, by one name however the address is written', () => {
  assert.deepEqual(networksOf('192.0.2.77'), [{ name: '192.0.2.0/24', share: 1 }])
  assert.equal(networkName('::ffff:192.0.2.77'), '192.0.2.0/24')
  assert.deepEqual(
    networksOf('2001:DB8:1:2::5').map(({ name }) => name),
    ['2001:db8:1:2::/64', '2001:db8:1::/48'],
  )
  assert.equal(networkName(''), '')
})

test('so many at a time from one network, and as many again when they leave', () => {
  const limits = new NetworkLimits(movedClock())
  const here = ['192.0.2.1', '192.0.2.2', '192.0.2.250'].map(address => limits.enter(address, settings))
  assert.ok(here.every(({ kind }) => kind === 'open'))
  const fourth = limits.enter('192.0.2.9', settings)
  assert.deepEqual(fourth, { kind: 'refused', why: 'too-many-open', network: '192.0.2.0/24', isFirst: true })
  const fifth = limits.enter('192.0.2.9', settings)
  assert.ok(fifth.kind === 'refused' && !fifth.isFirst, 'a flood is told of once a minute')
  assert.equal(limits.enter('192.0.3.9', settings).kind, 'open', 'others are let in')
  if (here[0]?.kind === 'open') here[0].leave()
  assert.equal(limits.enter('192.0.2.9', settings).kind, 'open')
})

test('so many in a minute, also of those that leave at once', () => {
  const clock = movedClock()
  const limits = new NetworkLimits(clock)
  const visit = () => {
    const entrance = limits.enter('192.0.2.1', settings)
    if (entrance.kind === 'open') entrance.leave()
    return entrance.kind
  }
  assert.deepEqual(Array.from({ length: 7 }, visit), [...Array<string>(6).fill('open'), 'refused'])
  clock.passMs += 10_000 // one of six
  assert.deepEqual([visit(), visit()], ['open', 'refused'])
  clock.passMs += 3_600_000
  assert.equal(Array.from({ length: 7 }, visit).filter(kind => kind === 'open').length, 6, 'no more is saved up')
})

test('a /48 may do as much as four of its /64, however many it has', () => {
  const limits = new NetworkLimits(movedClock())
  const kinds = Array.from({ length: 14 }, (_, index) => limits.enter(`2001:db8:1:${index}::1`, settings).kind)
  assert.equal(kinds.filter(kind => kind === 'open').length, 12)
  assert.equal(limits.enter('2001:db8:2::1', settings).kind, 'open')
})

test('whoever misbehaves uses up what its network may do', () => {
  const limits = new NetworkLimits(movedClock())
  const entrance = limits.enter('192.0.2.1', settings)
  assert.ok(entrance.kind === 'open')
  for (let name = 0; name < 5; name++) entrance.misbehaved()
  const next = limits.enter('192.0.2.2', settings)
  assert.ok(next.kind === 'refused' && next.why === 'too-fast')
})

test('strangers decide how many networks there are, not how many are kept; those that are here are not forgotten', () => {
  const limits = new NetworkLimits(movedClock(), 100)
  for (let times = 0; times < 3; times++) limits.enter('192.0.2.1', settings)
  for (let index = 0; index < 5_000; index++) {
    const entrance = limits.enter(`10.${index >> 8}.${index & 255}.1`, settings)
    if (entrance.kind === 'open') entrance.leave()
  }
  assert.ok(limits.size <= 101, `${limits.size}`)
  assert.equal(limits.enter('192.0.2.1', settings).kind, 'refused')
})
