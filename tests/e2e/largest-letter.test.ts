// A letter of exactly the size that the gateway announces travels through both boxes: what they put before it counts for nobody.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type RunningDemo, startDemo } from '../support/demo.ts'
import { accountOf, awaitLetters, sendLetter } from '../support/mail-clients.ts'
import { freeOffset } from '../support/ports.ts'

const folder = mkdtempSync(join(tmpdir(), 'hikyaku-largest-'))
let demo: RunningDemo
before(async () => {
  demo = await startDemo({ folder, portOffset: await freeOffset(), plain: true })
})
after(async () => {
  await demo?.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
})

/** limits.messageSize, where the configuration does not say otherwise */
const limit = 50_000_000

/** `sizeBytes` octets in lines of 78 */
function letterOf(mark: string, sizeBytes: number): Buffer {
  const letter = Buffer.alloc(sizeBytes, `${'x'.repeat(76)}\r\n`)
  const head = Buffer.from(`From: aki@internet.test\r\nSubject: ${mark}\r\n`)
  // The lines after it keep their places
  letter.fill('x', 0, 780)
  head.copy(letter)
  letter.write('X: ', head.length)
  letter.write('\r\n\r\n', 776)
  letter.write('\r\n', sizeBytes - 4)
  letter.write('\r\n', sizeBytes - 2)
  return letter
}

test('exactly as large as announced: straight through; one octet more: refused', { timeout: 120_000 }, async () => {
  const send = (bytes: Buffer) =>
    sendLetter(demo.ready.ports['mx'] ?? 0, { from: 'aki@internet.test', to: ['taro@home.test'], bytes })
  assert.match((await send(letterOf('largest', limit))).reply, /^250 .*Saved/)
  assert.match((await send(letterOf('larger', limit + 1))).reply, /^552 5\.3\.4 /)
  const found = await awaitLetters(demo.ready, accountOf(demo.ready, 'taro'), 'Subject: largest')
  assert.equal(found.length, 1)
})
