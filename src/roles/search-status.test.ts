import assert from 'node:assert/strict'
import test from 'node:test'
import { searchLeg } from './search-status.ts'

test('the lag of searching is told in both languages, and is no trouble while it is small', () => {
  const well = searchLeg({ accounts: 0, emails: 0, documents: 0 })
  assert.deepEqual(well, {
    id: 'search',
    health: 'well',
    says: { en: 'All letters are indexed.', ja: 'すべてのメールを索引済みです。' },
  })
  const little = searchLeg({ accounts: 1, emails: 1, documents: 2 })
  assert.equal(little.health, 'well')
  assert.equal(
    little.says.en,
    '1 letter is not indexed yet, searches read them instead; attached documents of 2 letters still to be read.',
  )
  assert.match(little.says.ja, /1通が索引待ち.*2通/)
  assert.equal(searchLeg({ accounts: 1, emails: 50_000, documents: 0 }).health, 'waiting')
  assert.equal(searchLeg({ accounts: 1, emails: 0, documents: 100 }).health, 'waiting')
})
