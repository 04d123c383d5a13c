// What judging costs: `node scripts/measure-content.ts`. Processor time of the main thread a message, and the time until the verdict, for letters
// of about 4 KB, in an account that knows nothing and in one that has learnt, alone and many at once. One line a case.
import { ownBytes } from '#base/bytes.ts'
import { sha256 } from '#base/hmac.ts'
import { memorySource } from '#formats/message-source.ts'
import { type Bench, messageToJudge, noSignal, owner, withContent } from '#mail/content/content.testbed.ts'
import { makeLetters } from '../tests/support/letter-generator.ts'

const messages = 2000
const ja =
  'お世話になっております。先日の打ち合わせの件でご連絡いたしました。見積書を添付しましたのでご確認をお願いいたします。'
const en = 'The minutes of the meeting are attached, and the figures on page three have changed since last week. '

/** No two alike: none is known by its hash. */
function lettersOf(text: string): readonly Uint8Array[] {
  const [made] = makeLetters(1, 1)
  const header = (made?.text ?? '').split('\r\n\r\n', 1)[0]
  return Array.from({ length: messages }, (_, index) => {
    const lines = `${text}${index}\r\n`.repeat(1 + Math.floor(3600 / Buffer.byteLength(text)))
    return Buffer.from(`${header}\r\n\r\n${lines}`)
  })
}

async function judgeAll({ content }: Bench, letters: readonly Uint8Array[], atOnce: number): Promise<string> {
  const work = letters.values()
  const cpu = process.threadCpuUsage()
  const begun = performance.now()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const bytes of work)
        await content.judge(messageToJudge('', { message: memorySource(bytes), receivedHash: sha256(bytes) }), noSignal)
    }),
  )
  const ms = performance.now() - begun
  const used = process.threadCpuUsage(cpu)
  const main = (used.user + used.system) / letters.length
  return `${atOnce} at once: ${main.toFixed(0)} µs of the main thread, ${((ms * atOnce) / letters.length).toFixed(3)} ms until the verdict, ${Math.round((1000 * letters.length) / ms)} a second`
}

await withContent(async bench => {
  const cases = [
    ['Japanese', lettersOf(ja)],
    ['English', lettersOf(en)],
  ] as const
  for (const what of ['nothing learnt', '200 letters learnt']) {
    if (what !== 'nothing learnt')
      for (const { kind, text } of makeLetters(2, 200)) {
        const bytes = ownBytes(Buffer.from(text))
        await bench.content.learning.train(owner, { hash: sha256(bytes), junk: kind === 'junk', bytes })
      }
    for (const [name, letters] of cases) {
      await judgeAll(bench, letters.slice(0, 200), 8)
      for (const atOnce of [1, 32])
        console.log(`${what}, ${name}: ${await judgeAll(bench, letters.slice(200), atOnce)}`)
    }
  }
})
