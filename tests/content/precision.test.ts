// How good the built-in filter is: untrained, after 20 and after 100 letters, on made letters and on the real ones of the corpora.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import test from 'node:test'
import { ownBytes } from '#base/bytes.ts'
import { sha256 } from '#base/hmac.ts'
import { memorySource } from '#formats/message-source.ts'
import { type Bench, messageToJudge, owner, withContent } from '#mail/content/content.testbed.ts'
import { type MadeLetter, makeLetters } from '../support/letter-generator.ts'

const judged = 400

type Figures = { readonly precision: number; readonly recall: number; readonly goodInJunk: number }

async function trainBy({ content }: Bench, letters: readonly MadeLetter[]): Promise<void> {
  for (const { kind, text } of letters) {
    const bytes = ownBytes(Buffer.from(text))
    await content.learning.train(owner, { hash: sha256(bytes), junk: kind === 'junk', bytes })
  }
}

async function measure({ content }: Bench, letters: readonly MadeLetter[]): Promise<Figures> {
  let found = 0
  let wrong = 0
  const junk = letters.filter(({ kind }) => kind === 'junk').length
  await Promise.all(
    letters.map(async ({ kind, text }) => {
      const bytes = Buffer.from(text)
      const message = { message: memorySource(bytes), receivedHash: sha256(bytes) }
      const { verdict } = await content.judge(messageToJudge('', message), new AbortController().signal)
      if (verdict !== 'junk') return
      if (kind === 'junk') found++
      else wrong++
    }),
  )
  return { precision: found + wrong === 0 ? 1 : found / (found + wrong), recall: found / junk, goodInJunk: wrong }
}

for (const seed of [1, 2])
  test(`made letters, seed ${seed}: precision and recall before and after training`, t =>
    withContent(async bench => {
      const letters = makeLetters(1000 + seed, judged)
      const lessons = makeLetters(2000 + seed, 100)
      const before = await measure(bench, letters)
      await trainBy(bench, lessons.slice(0, 20))
      const after20 = await measure(bench, letters)
      await trainBy(bench, lessons.slice(20))
      const after100 = await measure(bench, letters)
      const line = (name: string, { precision, recall, goodInJunk }: Figures) =>
        `${name}: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)}, ${goodInJunk} good ones in Junk`
      t.diagnostic(line('untrained', before))
      t.diagnostic(line('after 20', after20))
      t.diagnostic(line('after 100', after100))
      assert.equal(before.goodInJunk, 0)
      assert.ok(after20.precision >= 0.99 && after20.recall >= 0.5)
      assert.ok(after100.precision >= 0.99 && after100.recall >= 0.9)
    }))

test('no letter of the corpora goes to Junk untrained', async t => {
  const patterns = ['japanese/*.eml', 'mail-parser/**/*.eml', 'mail-auth/**/*.eml']
  const files = patterns.flatMap(pattern => globSync(`tests/corpus/${pattern}`))
  assert.ok(files.length > 60, `${files.length} letters`)
  await withContent(async ({ content }) => {
    const inJunk: string[] = []
    for (const file of files) {
      const bytes = readFileSync(file)
      const message = { message: memorySource(bytes), receivedHash: sha256(bytes) }
      const { verdict, score, reasons } = await content.judge(messageToJudge('', message), new AbortController().signal)
      if (verdict === 'junk') inJunk.push(`${file}: ${score} ${JSON.stringify(reasons)}`)
    }
    t.diagnostic(`${files.length} letters, ${inJunk.length} in Junk`)
    assert.deepEqual(inJunk, [])
  })
})
