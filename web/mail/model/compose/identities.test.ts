import assert from 'node:assert/strict'
import test from 'node:test'
import { Answers, Batch } from '../../jmap/batch.ts'
import type { Client } from '../../jmap/client.ts'
import { Fault } from '../../jmap/fault.ts'
import type { HearNews } from '../mail.ts'
import { Identities } from './identities.ts'

function openBed() {
  const server = { state: '1', signature: 'Hanako', asked: 0, isAway: false }
  const client = {
    batch: () => new Batch('A1'),
    send: (calls: Batch) => {
      server.asked++
      if (server.isAway) return Promise.reject(new Fault('unreachable'))
      const list = [{ id: 'I1', textSignature: server.signature }]
      const answer = { accountId: 'A1', state: server.state, list, notFound: [] }
      return Promise.resolve(new Answers(calls.calls.map(([name, , id]) => [name, answer, id])))
    },
  } as unknown as Client
  const news = new Set<HearNews>()
  return { server, news, identities: new Identities({ client, news }) }
}

const signature = ({ list }: Identities) => list.peek()[0]?.textSignature

test('names and signatures are read once, and again when they have changed', async () => {
  const { server, news, identities } = openBed()
  const hear = (states: Parameters<HearNews>[0]) => news.forEach(one => one(states))
  await identities.load()
  await identities.load()
  hear({ Email: '9', Identity: '1' })
  await identities.load()
  assert.deepEqual([server.asked, signature(identities)], [1, 'Hanako'])
  Object.assign(server, { state: '2', signature: 'Hanako, back on Monday' })
  hear({ Identity: '2' })
  await identities.load()
  assert.deepEqual([server.asked, signature(identities)], [2, 'Hanako, back on Monday'])
  // after a time without news
  hear(undefined)
  await identities.load()
  assert.equal(server.asked, 3)
})

test('without an answer those that are known stand; with none known the letter is not begun', async () => {
  const { server, news, identities } = openBed()
  server.isAway = true
  await assert.rejects(identities.load(), Fault)
  server.isAway = false
  await identities.load()
  server.isAway = true
  news.forEach(hear => hear({ Identity: '2' }))
  await identities.load()
  assert.equal(signature(identities), 'Hanako')
  Object.assign(server, { isAway: false, state: '2', signature: 'H.' })
  await identities.load()
  assert.equal(signature(identities), 'H.')
})
