// How full the account is: asked once, again when news say so, and not for each letter.
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'
import type { HearNews, Mail } from './mail.ts'
import { filledPart, isTight, MailRoom } from './room.ts'

function openBed(list: readonly object[]) {
  const news = new Set<HearNews>()
  const server = { state: 1, asked: 0, list }
  const client = {
    batch: () => ({ call: () => 0 }),
    send: () => {
      server.asked++
      return Promise.resolve({ of: () => ({ state: String(server.state), list: server.list }) })
    },
  }
  const room = new MailRoom({ client, news } as unknown as Pick<Mail, 'client' | 'news'>, 10)
  const tell = (state: number) => {
    server.state = state
    for (const hear of news) hear({ Quota: String(state) })
  }
  return { room, server, tell, news }
}

const quota = (used: number, hardLimit = 1_000) => ({ resourceType: 'octets', used, hardLimit })

test('it follows the news, many of them by one question', async () => {
  const { room, server, tell, news } = openBed([quota(100)])
  await sleep(1)
  assert.deepEqual([room.value.value?.used, server.asked], [100, 1])
  server.list = [quota(950)]
  for (let state = 2; state < 50; state++) tell(state)
  await sleep(30)
  assert.deepEqual([room.value.value?.used, server.asked], [950, 2])
  tell(49)
  await sleep(30)
  assert.equal(server.asked, 2)
  room.close()
  assert.equal(news.size, 0)
})

test('where there is no limit nothing is shown; what counts letters is no room', async () => {
  for (const list of [[], [{ resourceType: 'count', used: 5, hardLimit: 10 }], [quota(5, 0)]]) {
    const { room } = openBed(list)
    await sleep(1)
    assert.equal(room.value.value, undefined)
    room.close()
  }
})

test('nine tenths are tight, and more than all is all', () => {
  assert.deepEqual(
    [899, 900, 1_500].map(used => [filledPart(quota(used)), isTight(quota(used))]),
    [
      [0.899, false],
      [0.9, true],
      [1, true],
    ],
  )
})
