import assert from 'node:assert/strict'
import test from 'node:test'
import { runSuites } from './run.ts'

for (const result of await runSuites())
  test(`vectors: ${result.suite}`, () => {
    assert.ok(result.total > 0)
    const problems = result.failed.flatMap(({ name, problems }) => problems.map(problem => `${name}: ${problem}`))
    assert.deepEqual(problems, [])
  })
