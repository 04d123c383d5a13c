// The transcripts, mutated and cut, against each profile: no crash, no hang, nothing kept, every transaction settled once.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import test from 'node:test'
import type { SmtpProfile } from '#mail/receiving.ts'
import { smtpBench } from './smtp.testbed.ts'

const seeds = globSync(path.join(import.meta.dirname, 'transcripts/*.txt')).flatMap(file => {
  const sent = [...readFileSync(file, 'utf8').matchAll(/^\d?C([:!]) (.*)$/gm)].map(([, kind, text = '']) =>
    kind === ':' ? `${text}\r\n` : text.replaceAll('\\r', '\r').replaceAll('\\n', '\n').replaceAll('\\0', '\0'),
  )
  return [sent.join(''), ...sent]
})
const spices = [
  '\r\n',
  '\n',
  '\r',
  '.',
  '\r\n.\r\n',
  '\0',
  'DATA\r\n',
  'BDAT 5\r\n',
  'BDAT 99999999999\r\n',
  'RSET\r\n',
  'ÿ'.repeat(40),
  'x'.repeat(5000),
]

/** A small generator of our own, so that a failure can be played again by its seed. */
function dice(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

function mutate(roll: (below: number) => number): Buffer {
  let text = ''
  for (let parts = 1 + roll(4); parts > 0; parts--) text += seeds[roll(seeds.length)] ?? ''
  for (let changes = roll(6); changes > 0; changes--) {
    const at = roll(text.length + 1)
    const cut = roll(3) === 0 ? roll(20) : 0
    text = text.slice(0, at) + (spices[roll(spices.length)] ?? '') + text.slice(at + cut)
  }
  return Buffer.from(text)
}

/** So that the states behind it are reached */
const loggedIn = 'EHLO x\r\nAUTH PLAIN AGhhbmFrb0Bob21lLnRlc3QAc2VjcmV0\r\n'

for (const profile of ['mx', 'lmtp', 'submission'] as const satisfies readonly SmtpProfile[])
  test(`${profile} stands mutated dialogues`, { timeout: 60_000 }, async () => {
    await using bench = await smtpBench(profile, {
      maxMessageBytes: 20_000,
      plaintextLogins: true,
      timeouts: { commandMs: 500, dataMs: 500 },
    })
    let begun = 0
    const { begin } = bench.receiver
    bench.receiver.begin = async (...args) => {
      begun++
      return await begin(...args)
    }
    const first = Date.now() & 0xffff
    const until = performance.now() + 2_000
    for (let seed = first; performance.now() < until; seed++) {
      const roll = dice(seed)
      const login = profile === 'submission' && roll(4) > 0 ? loggedIn : ''
      const wire = Buffer.concat([Buffer.from(login), mutate(roll)])
      const { client, ended } = bench.session()
      client.resume()
      const cut = roll(wire.length + 1)
      client.write(wire.subarray(0, cut))
      if (roll(2) === 0) await new Promise(resolve => setImmediate(resolve))
      client.write(wire.subarray(cut))
      if (roll(4) === 0) client.destroy(new Error('reset'))
      else client.end()
      const late = new Promise<string>(resolve => setTimeout(() => resolve('late'), 5_000).unref())
      assert.notEqual(
        await Promise.race([ended, late]),
        'late',
        `seed ${seed} hangs: ${JSON.stringify(wire.toString())}`,
      )
      assert.equal(bench.receiver.outcomes.length, begun, `seed ${seed}: each transaction is settled once`)
    }
    assert.ok(begun > 0)
  })
