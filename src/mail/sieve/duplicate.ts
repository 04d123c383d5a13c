/** RFC 7352 */
import { createHash } from 'node:crypto'
import type { Condition } from '#formats/sieve/program.ts'
import { maxRememberSeconds } from './limits.ts'
import { rawValue } from './letter.ts'
import type { Run } from './run.ts'
import { expand } from './values.ts'

export async function isDuplicate(run: Run, test: Extract<Condition, { kind: 'duplicate' }>): Promise<boolean> {
  const id = idOf(run, test)
  // §3.1: without an id no message is a duplicate, and nothing is remembered
  if (id === undefined || id === '') return false
  const whose = run.of === 'owner' ? [] : [run.of]
  const key = memoryKey('duplicate', expand(run, test.handle), id, ...whose)
  const now = run.now
  const seen = await run.ports.memory.knows(run.message.account, key, now)
  // §3.3: the time runs from the first message, or from the latest with :last
  if (!seen || test.last) {
    const until = now + Math.min(test.seconds, maxRememberSeconds) * 1000
    if (!run.outcome.remember.some(entry => entry.key === key)) run.outcome.remember.push({ key, until })
  }
  return seen
}

function idOf(run: Run, { id }: Extract<Condition, { kind: 'duplicate' }>): string | undefined {
  if ('text' in id) return expand(run, id.text)
  const field = run.letter.fields(expand(run, id.field).toLowerCase())[0]
  return field && Buffer.from(rawValue(field)).toString('latin1')
}

/** At most 64 characters, whatever goes in; parts are kept apart. */
export function memoryKey(...parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return hash.digest('base64url')
}
