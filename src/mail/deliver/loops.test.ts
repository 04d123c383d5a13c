import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { maxHops } from './limits.ts'
import { whereItTravelled } from './loops.ts'

test('markers of final delivery, also of addresses that ASCII cannot write. RFC 6532 §3.2', () => {
  const { deliveredTo, tooManyHops } = whereItTravelled(
    utf8('Delivered-To: 花子@home.test\r\nDelivered-To: <nobody\r\nDelivered-To:\r\n Hanako@Home.test\r\n\r\n'),
  )
  assert.deepEqual([...deliveredTo], ['花子@home.test', 'hanako@home.test'])
  assert.equal(tooManyHops, false)
})

test('too many hops', () => {
  const hops = (count: number) => whereItTravelled(utf8(`${'Received: by x\r\n'.repeat(count)}\r\n`)).tooManyHops
  assert.deepEqual([hops(maxHops - 1), hops(maxHops)], [false, true])
})
