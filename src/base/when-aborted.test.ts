import assert from 'node:assert/strict'
import test from 'node:test'
import { whenAborted } from './when-aborted.ts'

test('everybody is told once, except who has left', () => {
  const abort = new AbortController()
  const told: string[] = []
  const same = () => told.push('same')
  whenAborted(abort.signal, same)
  whenAborted(abort.signal, same)
  const left = whenAborted(abort.signal, () => told.push('left'))
  const leaves = whenAborted(abort.signal, () => told.push('leaves'))
  left[Symbol.dispose]()
  left[Symbol.dispose]()
  whenAborted(abort.signal, () => leaves[Symbol.dispose]())
  abort.abort()
  abort.abort()
  assert.deepEqual(told, ['same', 'same', 'leaves'])
  leaves[Symbol.dispose]()
})

test('who comes too late is not told', () => {
  whenAborted(AbortSignal.abort(), () => assert.fail('told'))
})
