import assert from 'node:assert/strict'
import test from 'node:test'
import { signal } from '@preact/signals'
import type { ToWorker } from '../../worker/told.ts'
import type { HearNews } from '../mail.ts'
import { archive, email, inbox, openBed } from '../mail.testbed.ts'
import { followNews } from './news.ts'
import { isNews } from './letters.ts'

async function openNews() {
  const bed = openBed([email(1)])
  await bed.sync.begin()
  const news = new Set<HearNews>()
  const told: ToWorker[] = []
  const wants = signal(true)
  const user = { username: 'hanako@home.test', name: '', expires: '' }
  const stop = followNews({ ...bed, news, user }, { wants: () => wants.peek(), tell: one => told.push(one) })
  const arrive = async (id: number, given: Parameters<typeof email>[1] = {}) => {
    bed.server.emails = [email(id, given), ...bed.server.emails]
    bed.server.touch()
    await bed.sync.now()
  }
  const deliver = () => {
    for (const hear of news) hear({ EmailDelivery: '2' })
  }
  return { bed, told, wants, stop, arrive, deliver }
}

test('what is delivered is told of, in whichever order it is heard; what is only made is not', async () => {
  const { told, arrive, deliver, stop } = await openNews()
  await arrive(2)
  assert.deepEqual(told, [])
  deliver()
  assert.deepEqual(told.splice(0), [
    { kind: 'new', letters: [{ id: 'E2', threadId: 'T2', from: 'Sender 2', subject: 'Subject 2' }] },
  ])
  await arrive(3)
  assert.equal(told.splice(0).length, 1)
  stop()
  deliver()
  await arrive(4)
  assert.deepEqual(told, [])
})

test('read, moved or destroyed somewhere: it is taken away', async () => {
  const { bed, told, arrive, deliver } = await openNews()
  deliver()
  await arrive(2)
  await arrive(3)
  told.length = 0
  bed.server.emails = bed.server.emails.flatMap(row =>
    row.id === 'E2' ? [] : row.id === 'E3' ? [{ ...row, keywords: { $seen: true as const } }] : [row],
  )
  bed.server.touch()
  await bed.sync.now()
  assert.deepEqual(told.flatMap(one => (one.kind === 'gone' ? one.ids : [])).toSorted(), ['E2', 'E3'])
})

test('nobody is told who does not want it', async () => {
  const { told, wants, arrive, deliver } = await openNews()
  wants.value = false
  deliver()
  await arrive(2)
  assert.deepEqual(told, [])
})

test('news are unread letters of others in the inbox', () => {
  const own = 'hanako@home.test'
  for (const [given, expected] of [
    [{}, true],
    [{ keywords: { $seen: true } }, false],
    [{ keywords: { $junk: true } }, false],
    [{ mailboxIds: { [archive]: true } }, false],
    [{ from: [{ name: null, email: 'Hanako@HOME.test' }] }, false],
    [{ from: null }, true],
  ] as const)
    assert.equal(isNews(email(1, given), inbox, own), expected, JSON.stringify(given))
})
