// Scripts × letters through Pigeonhole's sieve-test and through ours: the same actions. See README.md.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import { checkScript } from '#formats/sieve/check.ts'
import { fileLetter, testNow } from '#mail/sieve/sieve.testbed.ts'
import { missing } from '../../support/debian.ts'
import { actionsOf } from './actions.ts'
import { cases, stricter, unusedDifferences, wrongScripts } from './cases.ts'
import { letters } from './letters.ts'
import { prepare, sieveTest } from './sieve-test.ts'

const skip = await missing('pigeonhole')

describe('pigeonhole', { skip, timeout: 300_000, concurrency: 3 }, () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hikyaku-pigeonhole-'))
    prepare(folder)
  })
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))

  for (const [index, { name, letter, script, differs }] of cases.entries())
    test(name, async () => {
      const theirs = await sieveTest(folder, `case-${index}`, script, letters[letter])
      const filed = await fileLetter(script, { text: letters[letter] }, { now: testNow })
      const ours = filed.problem ? 'failed' : actionsOf(filed)
      const expected = theirs.failed ? 'failed' : theirs.actions
      if (!differs) return assert.deepEqual(ours, expected, theirs.output)
      assert.deepEqual(ours, differs.ours, differs.why)
      assert.notDeepEqual(ours, expected, 'they agree now: no difference to explain')
    })

  test('every difference is one of a case', () => assert.deepEqual(unusedDifferences, []))

  for (const [index, script] of stricter.entries())
    test(`refused by ours: ${script}`, async () => {
      const theirs = await sieveTest(folder, `strict-${index}`, script, letters.plain)
      assert.match(theirs.output, /line \d+: (?:warning|error):/)
      assert.ok(checkScript(script, { maxScriptBytes: 65_536 }).length > 0)
    })

  for (const [index, script] of wrongScripts.entries())
    test(`refused: ${script}`, async () => {
      const theirs = await sieveTest(folder, `wrong-${index}`, script, letters.plain)
      assert.ok(theirs.failed, theirs.output)
      assert.ok(checkScript(script, { maxScriptBytes: 65_536 }).length > 0)
    })
})
