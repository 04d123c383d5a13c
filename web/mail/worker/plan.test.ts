import assert from 'node:assert/strict'
import test from 'node:test'
import { planned, shownFor } from './plan.ts'
import type { NewLetter } from './told.ts'

const letter = (at: number): NewLetter => ({
  id: `E${at}`,
  threadId: `T${at}`,
  from: `Sender ${at}`,
  subject: `Subject ${at}`,
})
const how = { hides: false, language: 'en' } as const
const standing = (letters: readonly NewLetter[]) => shownFor(letters, how).map(({ tag, about }) => ({ tag, about }))

test('a letter says who and what, and leads to itself', () => {
  const [one] = planned([], { added: [letter(1)] }, how).show
  assert.deepEqual([one?.title, one?.body, one?.about.url], ['Sender 1', 'Subject 1', '/mail/inbox/T1'])
  const [hidden] = planned([], { added: [letter(1)] }, { hides: true, language: 'ja' }).show
  assert.deepEqual([hidden?.title, hidden?.body], ['新着メール', ''])
})

test('the fourth makes them one; the same letter again changes nothing', () => {
  const before = standing([letter(1), letter(2), letter(3)])
  const { close, show } = planned(before, { added: [letter(4)] }, how)
  assert.deepEqual(close, ['letter-E1', 'letter-E2', 'letter-E3'])
  assert.deepEqual(
    show.map(({ title, body }) => [title, body]),
    [['4 new letters', 'Sender 1, Sender 2, Sender 3, Sender 4']],
  )
  assert.deepEqual(planned(before, { added: [letter(2)] }, how), { close: [], show: [] })
})

test('what was read elsewhere is closed; a heap gets smaller', () => {
  const heap = standing([1, 2, 3, 4, 5].map(letter))
  assert.equal(planned(heap, { gone: ['E1'] }, how).show[0]?.title, '4 new letters')
  const { close, show } = planned(heap, { gone: ['E1', 'E2'] }, how)
  assert.deepEqual(close, ['letters'])
  assert.deepEqual(
    show.map(({ tag }) => tag),
    ['letter-E3', 'letter-E4', 'letter-E5'],
  )
  assert.deepEqual(planned(standing([letter(1)]), { gone: ['E1'] }, how), { close: ['letter-E1'], show: [] })
  assert.deepEqual(planned([{ tag: 'other', about: undefined }], { gone: ['E1'] }, how), { close: [], show: [] })
})
