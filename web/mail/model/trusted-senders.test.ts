import assert from 'node:assert/strict'
import test from 'node:test'
import type { JsonObject } from '#protocols/jmap/wire.ts'
import { Answers, Batch } from '../jmap/batch.ts'
import type { Client } from '../jmap/client.ts'
import { TrustedSenders } from './trusted-senders.ts'

/** Preferences as the server has them, of several pages */
function server() {
  const kept: { senders: Record<string, true>; state: number; isFull: boolean; asked: number } = {
    senders: {},
    state: 1,
    isFull: false,
    asked: 0,
  }
  const answer = (name: string, given: JsonObject): JsonObject => {
    if (name === 'Preferences/get') {
      kept.asked++
      return { state: String(kept.state), list: [{ id: 'singleton', trustedSenders: { ...kept.senders } }] }
    }
    assert.equal(name, 'Preferences/set')
    if (kept.isFull) return { newState: String(kept.state), notUpdated: { singleton: { type: 'overQuota' } } }
    const { singleton } = given['update'] as { readonly singleton: Record<string, true> }
    for (const path of Object.keys(singleton))
      kept.senders[path.replace('trustedSenders/', '').replaceAll('~1', '/').replaceAll('~0', '~')] = true
    return { newState: String(++kept.state), notUpdated: null }
  }
  const client = {
    batch: () => new Batch('A1'),
    send: (batch: Batch) =>
      Promise.resolve(new Answers(batch.calls.map(([name, given, id]) => [name, answer(name, given), id]))),
  } as unknown as Client
  return { kept, page: () => new TrustedSenders(client) }
}

test('one device trusts, another one hears of it', async () => {
  const { kept, page } = server()
  const [here, there] = [page(), page()]
  await Promise.all([here.load(), there.load()])
  await here.trust('News/~Desk@Shop.example')
  assert.deepEqual(kept.senders, { 'news/~desk@shop.example': true })
  assert.equal(here.has('NEWS/~desk@shop.example'), true)
  assert.equal(there.has('news/~desk@shop.example'), false)
  there.hear({ Email: '9' })
  here.hear({ Preferences: String(kept.state) })
  assert.equal(kept.asked, 2)
  there.hear({ Preferences: String(kept.state) })
  await new Promise(setImmediate)
  assert.equal(there.has('news/~desk@shop.example'), true)
  assert.equal(there.has(undefined), false)
})

test('what the server does not keep is not trusted', async () => {
  const { kept, page } = server()
  const here = page()
  await here.load()
  kept.isFull = true
  await assert.rejects(here.trust('a@shop.example'))
  assert.equal(here.has('a@shop.example'), false)
})

test('what a browser kept by itself goes to the account once', async t => {
  const stored = new Map([['hikyaku.trustedSenders', '["A@shop.example", 7, "nonsense"]']])
  const storage = {
    getItem: (key: string) => stored.get(key) ?? null,
    removeItem: (key: string) => void stored.delete(key),
  }
  Object.defineProperty(globalThis, 'localStorage', { value: storage, configurable: true })
  t.after(() => Reflect.deleteProperty(globalThis, 'localStorage'))
  const { kept, page } = server()
  const here = page()
  await here.load()
  assert.deepEqual(kept.senders, { 'a@shop.example': true })
  assert.equal(here.has('a@shop.example'), true)
  assert.equal(stored.size, 0)
})
