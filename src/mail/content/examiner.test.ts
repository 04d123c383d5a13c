// A message that ends its thread takes nobody with it, and is delivered unjudged.
import assert from 'node:assert/strict'
import test from 'node:test'
import { silentLog } from '#base/log.ts'
import { memorySource } from '#formats/message-source.ts'
import { openContentStore } from '#store/content/content-store.ts'
import { owner, crlf } from './content.testbed.ts'
import { Examiner } from './examiner.ts'

const deadly = { judges: new URL('./deadly-thread.child.ts', import.meta.url), heapMb: 24 }

async function withExaminer(
  limitMs: number,
  act: (examine: (text: string) => Promise<string>) => Promise<void>,
): Promise<readonly string[]> {
  const lines: string[] = []
  const note = (message: string) => void lines.push(message)
  await using store = openContentStore('/nowhere', 1, deadly)
  await using careful = openContentStore('/nowhere', 1, deadly)
  const examiner = new Examiner(store, careful, { ...silentLog, warn: note, error: note }, limitMs)
  await act(async text => {
    const message = memorySource(crlf(text))
    const examined = await examiner.examine({ account: owner, key: text, message, receivedAt: 0, shorteners: [] })
    return examined ? 'examined' : 'not examined'
  })
  return lines
}

test('one that hangs: stopped, tried alone, given up; those beside it are examined', async () => {
  const lines = await withExaminer(1000, async examine => {
    const texts = ['a', 'HANG', 'b', 'c']
    assert.deepEqual(await Promise.all(texts.map(examine)), ['examined', 'not examined', 'examined', 'examined'])
    assert.equal(await examine('d'), 'examined')
  })
  assert.equal(lines.filter(line => line.includes('cannot be examined')).length, 1)
})

test('one that needs more memory than it may have: the same', async () => {
  await withExaminer(20_000, async examine => {
    assert.deepEqual(await Promise.all(['a', 'FILL', 'b'].map(examine)), ['examined', 'not examined', 'examined'])
    assert.equal(await examine('FILL'), 'not examined')
    assert.equal(await examine('c'), 'examined')
  })
})
