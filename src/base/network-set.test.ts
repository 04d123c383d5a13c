import assert from 'node:assert/strict'
import test from 'node:test'
import { networkSet, parseNetwork } from './network-set.ts'

test('networks are written in one way; what is none is refused', () => {
  const parsed = (text: string) => {
    const read = parseNetwork(text)
    return read.kind === 'network' ? read.network : read.kind
  }
  assert.equal(parsed('192.0.2.0/24'), '192.0.2.0/24')
  assert.equal(parsed('192.0.2.7'), '192.0.2.7/32')
  assert.equal(parsed('2001:DB8::/32'), '2001:db8::/32')
  assert.equal(parsed('::1'), '::1/128')
  assert.equal(parsed('192.0.2.7/24'), 'host-bits')
  assert.equal(parsed('2001:db8::1/32'), 'host-bits')
  assert.equal(parsed('192.0.2.128/25'), '192.0.2.128/25')
  assert.equal(parsed('0.0.0.0/0'), '0.0.0.0/0')
  for (const wrong of ['', '10/8', '10.0.0.0/33', '10.0.0.0/-1', '::/129', 'mx.home.test', '0x0a.0.0.0/8', '1.2.3.4/'])
    assert.equal(parsed(wrong), 'wrong', wrong)
})

test('an address is in a network of its own kind, mapped ones as IPv4', () => {
  const set = networkSet(['192.0.2.0/24', '10.1.2.3/32', '2001:db8::/32'])
  for (const inside of ['192.0.2.0', '192.0.2.255', '10.1.2.3', '::ffff:192.0.2.9', '2001:db8:ffff::1'])
    assert.ok(set.has(inside), inside)
  for (const outside of ['192.0.3.0', '10.1.2.4', '2001:db9::', '::1', '', 'unix', '192.0.2'])
    assert.ok(!set.has(outside), outside)
  assert.ok(networkSet([]).isEmpty)
  assert.ok(!networkSet([]).has('127.0.0.1'))
  assert.ok(networkSet(['0.0.0.0/0']).has('198.51.100.1'))
  assert.ok(!networkSet(['0.0.0.0/0']).has('2001:db8::1'))
})
