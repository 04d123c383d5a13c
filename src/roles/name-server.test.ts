import assert from 'node:assert/strict'
import test from 'node:test'
import type { Resolver } from '#net/dns.ts'
import { nameServerOf } from './name-server.ts'

const never: Promise<never> = new Promise(() => undefined)
const resolver: Resolver = {
  mx: () => never,
  addresses: () => never,
  a: async name => ({ kind: 'found', value: [name] }),
  aaaa: () => never,
  txt: () => never,
  ptr: () => never,
}

test('a signal ends the waiting with a temporary answer; one that is silent changes nothing', async () => {
  const names = nameServerOf(resolver)
  const stop = new AbortController()
  assert.deepEqual(await names.a('a.test', stop.signal), { kind: 'found', value: ['a.test'] })
  const waiting = [
    names.ptr('192.0.2.1', stop.signal),
    names.txt('a.test', stop.signal),
    names.mx('a.test', stop.signal),
  ]
  stop.abort()
  for (const answer of await Promise.all(waiting)) assert.deepEqual(answer, { kind: 'temporary', reason: 'ABORTED' })
  assert.deepEqual(await names.aaaa('a.test', stop.signal), { kind: 'temporary', reason: 'ABORTED' })
})
