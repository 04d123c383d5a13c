import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Selection } from './selection.ts'

const listed =
  (threads: readonly string[]) =>
  (at: number): string | undefined =>
    threads[at]

test('a range goes from the conversation that was ticked, wherever that stands by now', () => {
  const selection = new Selection()
  selection.toggle('b', 1)
  selection.extend(4, listed(['new', 'a', 'b', 'c', 'd']))
  assert.deepEqual([...selection.ticked.value], ['b', 'c', 'd'])
  selection.clear()
  selection.toggle('d', 4)
  selection.extend(1, listed(['a', 'b', 'c', 'd']))
  assert.deepEqual([...selection.ticked.value].toSorted(), ['b', 'c', 'd'])
})

test('a range from a conversation that is gone is the one that was clicked', () => {
  const selection = new Selection()
  selection.toggle('b', 1)
  selection.extend(2, listed(['a', 'c', 'd']))
  assert.deepEqual([...selection.ticked.value], ['b', 'd'])
})
