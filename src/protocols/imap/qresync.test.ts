// Where tombstones are gone, VANISHED (EARLIER) is made from the UIDs that are missing. RFC 7162 §3.2.5
import assert from 'node:assert/strict'
import test from 'node:test'
import type { MailboxView } from '#mail/account-view.ts'
import type { Uid } from '#mail/ids.ts'
import { intactTo, writeVanishedSince } from './qresync.ts'
import type { SelectedMailbox } from './selected-mailbox.ts'

const present = [2, 3, 7, 10]

function mailbox(uids: readonly number[], complete: boolean, there = present): SelectedMailbox {
  const view = {
    uidNext: 21 as Uid,
    length: there.length,
    uid: (index: number) => there[index] as Uid,
    indexOf: (uid: number) => there.indexOf(uid),
    lowerBound: (uid: number) => there.filter(other => other < uid).length,
  } as Partial<MailboxView> as MailboxView
  const account = { expungedSince: () => Promise.resolve({ uids: uids as Uid[], complete }) }
  return { view, account, mailbox: { id: 1 } } as unknown as SelectedMailbox
}

async function vanished(
  selected: SelectedMailbox,
  known: readonly (readonly [number, number])[],
  after = 0,
): Promise<readonly string[]> {
  const lines: string[] = []
  const output = {
    write: (line: string | Uint8Array) => void lines.push(String(line)),
    writeRange: () => assert.fail('These lines have no octets'),
    isFull: false,
    room: async () => undefined,
  }
  const ranges = known.map(([first, last]) => ({ first, last }))
  await writeVanishedSince(selected, ranges, 5, output, after)
  return lines.map(line => line.replace('* VANISHED (EARLIER) ', '').trimEnd())
}

test('from the gaps below UIDNEXT when tombstones are gone', async () => {
  const gone = mailbox([], false)
  assert.deepEqual(await vanished(gone, [[1, Infinity]]), ['1,4:6,8:9,11:20'])
  assert.deepEqual(
    await vanished(gone, [
      [3, 5],
      [9, 9],
      [12, 40],
    ]),
    ['4:5,9,12:20'],
  )
  assert.deepEqual(
    await vanished(gone, [
      [9, 12],
      [1, 2],
    ]),
    ['1,9,11:12'],
    'in any order',
  )
  assert.deepEqual(await vanished(gone, [[2, 3]]), [], 'nothing is missing')
  assert.deepEqual(await vanished(gone, [[30, 40]]), [], 'nothing above UIDNEXT')
  assert.deepEqual(await vanished(gone, [[1, Infinity]], 7), ['8:9,11:20'], 'what is known to be intact is left out')
})

test('from tombstones while they reach so far: those that were asked for and are not in the view', async () => {
  const exact = mailbox([9, 4, 5, 7, 15], true)
  assert.deepEqual(await vanished(exact, [[1, Infinity]]), ['4:5,9,15'])
  assert.deepEqual(await vanished(exact, [[5, 9]]), ['5,9'])
})

test('numbers and UIDs that still belong together show what is intact', () => {
  const set = (...numbers: number[]) => numbers.map(number => ({ first: number, last: number }))
  const intact = (numbers: number[], uids: number[]) =>
    intactTo(mailbox([], false), { numbers: set(...numbers), uids: set(...uids) })
  assert.equal(intact([1, 3], [2, 7]), 7)
  assert.equal(intact([1, 3, 4], [2, 7, 9]), 7)
  assert.equal(intact([1], [1]), 0)
  assert.equal(intact([9], [30]), 0)
  assert.equal(
    intactTo(mailbox([], false), { numbers: [{ first: 1, last: 4e9 }], uids: [{ first: 2, last: 4e9 + 1 }] }),
    3,
  )
})

test('a mailbox with very many gaps is told in lines that clients can read', async () => {
  const odd = Array.from({ length: 10_000 }, (_, at) => at * 2 + 1)
  const selected = mailbox([], false, odd)
  Object.assign(selected.view, { uidNext: 20_001 })
  const lines = await vanished(selected, [[1, Infinity]])
  assert.equal(lines.length, 25)
  assert.ok(lines.every(line => line.length < 4096))
})
