import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { createLog } from './log.ts'

test('the level can be turned while the log is in use, for loggers that were made before, too', t => {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-log-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'log')
  const fileDescriptor = openSync(file, 'w')
  const log = createLog({ level: 'info', fields: { role: 'home' }, fileDescriptor })
  const child = log.with({ session: 'a' })
  child.debug('first')
  child.info('second', { count: 2 })
  log.setLevel('debug')
  child.debug('third')
  log.setLevel('error')
  child.warn('fourth')
  child.error('fifth')
  closeSync(fileDescriptor)
  const lines = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>)
  assert.deepEqual(
    lines.map(({ level, msg, role, session }) => [level, msg, role, session]),
    [
      ['info', 'second', 'home', 'a'],
      ['debug', 'third', 'home', 'a'],
      ['error', 'fifth', 'home', 'a'],
    ],
  )
  assert.equal(lines[0]?.['count'], 2)
})
