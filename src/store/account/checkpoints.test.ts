import assert from 'node:assert/strict'
import { beforeEach, mock, test, afterEach } from 'node:test'
import type { AccountWriter } from './account-writer.ts'
import { Checkpoints } from './checkpoints.ts'
import { checkpointDelayMs, checkpointPages, largeCommitPages, maxWalPages } from './limits.ts'

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }))
afterEach(() => mock.timers.reset())

function scene() {
  const course: string[] = []
  const wal = { pages: 0 }
  const account = {
    get walPages() {
      return wal.pages
    },
    checkpoint() {
      course.push('checkpoint')
      wal.pages = 0
    },
  } as unknown as AccountWriter
  let isOpen = true
  const checkpoints = new Checkpoints({ flush: () => course.push('answers'), isOpen: () => isOpen })
  return {
    course,
    close: () => (isOpen = false),
    commit(pages: number) {
      wal.pages += pages
      checkpoints.afterCommit(account)
    },
    checkpoints,
  }
}

test('small commits are written back when there are enough of them, once they have been answered', () => {
  const { course, commit } = scene()
  for (let pages = 0; pages < 3 * checkpointPages; pages += 10) commit(10)
  assert.deepEqual(course, Array(3).fill(['answers', 'checkpoint']).flat())
})

test('after a large commit the next commands go first', () => {
  const { course, commit } = scene()
  commit(checkpointPages)
  commit(10)
  commit(checkpointPages)
  assert.deepEqual(course, [])
  mock.timers.tick(checkpointDelayMs)
  assert.deepEqual(course, ['checkpoint'])
  mock.timers.tick(10 * checkpointDelayMs)
  assert.deepEqual(course, ['checkpoint'])
})

test('large commits without a pause do not let the WAL grow without end', () => {
  const { course, commit } = scene()
  for (let pages = 0; pages < maxWalPages; pages += 2 * largeCommitPages) commit(2 * largeCommitPages)
  assert.deepEqual(course, ['answers', 'checkpoint'])
  mock.timers.tick(checkpointDelayMs)
  assert.deepEqual(course, ['answers', 'checkpoint'])
})

test('a connection that was closed or given up meanwhile is not touched', () => {
  const { course, commit, close } = scene()
  commit(checkpointPages)
  close()
  mock.timers.tick(checkpointDelayMs)
  assert.deepEqual(course, [])
})

test('an account whose disk fails in between is left to its next commit', () => {
  const { checkpoints } = scene()
  const broken = {
    get walPages(): number {
      throw new Error('disk I/O error')
    },
  } as unknown as AccountWriter
  assert.doesNotThrow(() => checkpoints.afterCommit(broken))
})
