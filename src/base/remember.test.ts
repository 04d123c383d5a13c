import assert from 'node:assert/strict'
import test from 'node:test'
import { remember } from './remember.ts'

test('what was computed for a text is not computed again; a long text is not kept; the memory is bounded', () => {
  const asked: string[] = []
  const length = remember(text => {
    asked.push(text)
    return text.length
  })
  assert.deepEqual([length('a'), length('a'), length('')], [1, 1, 0])
  assert.deepEqual(asked, ['a', ''])
  const long = 'x'.repeat(1000)
  length(long)
  length(long)
  assert.equal(asked.filter(text => text === long).length, 2)
  for (let count = 0; count < 1000; count++) length(`${count}`)
  length('a')
  assert.equal(asked.filter(text => text === 'a').length, 2, 'forgotten when others came')
})
