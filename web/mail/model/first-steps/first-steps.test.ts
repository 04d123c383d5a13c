// What somebody new is invited to try: done by what they do, once for all, and not by what they did before.
import assert from 'node:assert/strict'
import { setImmediate as turn } from 'node:timers/promises'
import { after, test } from 'node:test'
import { signal } from '@preact/signals'
import type { JsonObject } from '#protocols/jmap/wire.ts'
import type { HearNews } from '../mail.ts'
import type { Route } from '../route.ts'
import { FirstSteps, type FirstStepsParts } from './first-steps.ts'

const search = { search: '請求' }
const toTaro = { writeTo: 'taro@home.test' }
const toOneself = { writeTo: 'Hanako@home.test' }

/** Sent has letters to these people, each with the time when it was sent. */
const ends: (() => void)[] = []
after(() => ends.forEach(end => end()))

function openBed(kept = new Map<string, string>()) {
  const sent: { to: string; at: number }[] = []
  const asked: JsonObject[] = []
  const route = signal<Route>({ place: 'inbox', search: undefined, thread: undefined })
  const news = new Set<HearNews>()
  type Call = { readonly filter: { readonly to: string; readonly after: string } }
  const client = {
    batch: () => ({ call: (_name: string, given: Call) => (asked.push(given as never), given) }),
    send: () =>
      Promise.resolve({
        of: ({ filter }: Call) => ({
          ids: sent.filter(({ to, at }) => to === filter.to && at >= Date.parse(filter.after)).map((_, at) => `E${at}`),
        }),
      }),
  }
  const parts = {
    user: { username: 'hanako@home.test', firstSteps: [search, toTaro, toOneself] },
    client,
    mailboxes: { role: () => ({ id: 'M3' }) },
    news,
    route,
    storage: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, to: string) => kept.set(key, to),
    },
  } as unknown as FirstStepsParts
  const tell = async () => {
    for (const hear of news) hear({ Email: 'other' })
    for (let i = 0; i < 5; i++) await turn()
  }
  const steps = new FirstSteps(parts)
  ends.push(() => steps.close())
  return { steps, parts, sent, asked, route, tell, news }
}

test('a step is done by searching for its words, or by writing to its address, and nobody is sent to oneself', async () => {
  const { steps, sent, route, tell } = openBed()
  assert.deepEqual(steps.steps, [search, toTaro])
  route.value = { place: 'search', search: '請求書', thread: undefined }
  assert.equal(steps.isDone(search), false)
  route.value = { place: 'search', search: ' 請求 ', thread: undefined }
  assert.equal(steps.isDone(search), true)
  sent.push({ to: 'taro@home.test', at: Date.now() - 3_600_000 })
  await tell()
  assert.deepEqual([steps.isDone(toTaro), steps.isAllDone.value], [false, false])
  sent.push({ to: 'taro@home.test', at: Date.now() })
  await tell()
  assert.deepEqual([steps.isDone(toTaro), steps.isAllDone.value], [true, true])
})

test('what is done, and that it was closed, is known the next time; then nothing is asked any more', async () => {
  const kept = new Map<string, string>()
  const before = openBed(kept)
  before.route.value = { place: 'search', search: '請求', thread: undefined }
  before.steps.end()
  before.steps.close()
  assert.equal(before.news.size, 0)
  const { steps, asked, tell } = openBed(kept)
  await tell()
  assert.deepEqual(
    [steps.isDone(search), steps.isDone(toTaro), steps.isOver.value, asked.length],
    [true, false, true, 0],
  )
})

test('what a browser kept that is damaged, or keeps nothing at all, is as for somebody new', () => {
  for (const text of ['{', 'null', '{"done":7}', '{"isOver":true}']) {
    const { steps } = openBed(new Map([['hikyaku.firstSteps.hanako@home.test', text]]))
    assert.equal(steps.isOver.value, false)
  }
})
