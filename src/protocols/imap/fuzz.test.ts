// Mutated transcripts in each state of a session: no crash, no hang, no answer that is not IMAP.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import test from 'node:test'
import { silentLog, type Log } from '#base/log.ts'
import { testAddress, testPassword, withImap } from './imap.testbed.ts'
import { LineClient } from './transcript.testbed.ts'

/** Seconds; `HIKYAKU_FUZZ_SECONDS` for a long run */
const seconds = Number(process.env['HIKYAKU_FUZZ_SECONDS'] ?? 4)
const preludes = [
  [],
  [`LOGIN ${testAddress} ${testPassword}`],
  [`LOGIN ${testAddress} ${testPassword}`, 'SELECT INBOX'],
  [`LOGIN ${testAddress} ${testPassword}`, 'EXAMINE INBOX', 'ENABLE CONDSTORE'],
] as const

test(`mutated dialogues for ${seconds} s`, { timeout: seconds * 1000 + 60_000 }, async () => {
  const seeds = globSync(`${import.meta.dirname}/transcripts/*.txt`).flatMap(file =>
    readFileSync(file, 'utf8')
      .split('\n')
      .flatMap(line => /^\dC: (.*)|^C: (.*)/.exec(line)?.slice(1).find(Boolean) ?? []),
  )
  const faults: unknown[] = []
  const log: Log = { ...silentLog, error: (sentence, fields) => faults.push([sentence, fields]), with: () => log }
  await withImap(
    async bed => {
      const until = performance.now() + seconds * 1000
      for (let seed = 1; performance.now() < until; seed += 1) {
        const random = randomOf(seed)
        const client = new LineClient(bed.connect())
        await client.line()
        for (const [index, line] of (preludes[random(preludes.length)] ?? []).entries())
          await client.command(`p${index}`, line)
        for (let count = 0; count < 20; count += 1)
          client.stream.write(mutated(seeds[random(seeds.length)] ?? '', random))
        // whatever is open (a literal, IDLE) ends with the connection; the server must end too
        client.stream.end()
        for (let line = await client.line(); line !== '<end>'; line = await client.line())
          assert.ok(!line.startsWith('<nothing'), `the server hangs, seed ${seed}: ${line}`)
        assert.deepEqual(faults, [], `seed ${seed}`)
      }
    },
    { log },
  )
})

function mutated(line: string, random: (below: number) => number): Buffer {
  const bytes = Buffer.from(`f ${line.replace(/^\S+ /, '')}\r\n`)
  for (let times = random(3); times > 0; times -= 1) {
    const at = random(bytes.length)
    const byte = [0, 0x0a, 0x0d, 0x20, 0x22, 0x28, 0x29, 0x2a, 0x5c, 0x7b, 0x7d, 0xff][random(12)] ?? 0
    bytes[at] = random(2) === 0 ? byte : random(256)
  }
  const cut = random(8) === 0 ? random(bytes.length) : bytes.length
  return bytes.subarray(0, cut)
}

/** mulberry32: the same numbers for the same seed */
function randomOf(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
