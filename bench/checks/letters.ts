/**
 * `mb genletters … | node letters.ts KEYS OUT`: the generator's letters, each with a DKIM signature of its sender's domain in front. Signed before anything is
 * measured: a signature costs the generator half a millisecond.
 */
import { createWriteStream, renameSync } from 'node:fs'
import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { memorySource } from '#formats/message-source.ts'
import { dkimSign } from '#mail/authenticity/dkim/sign.ts'
import { keyOf, selector } from './world.ts'

const [keys = '', file = ''] = process.argv.slice(2)
const signers = new Map<string, Parameters<typeof dkimSign>[1]>()
const input = await buffer(process.stdin)
const out = createWriteStream(`${file}.new`)
for (let at = 0; at < input.length; ) {
  const lineEnd = input.indexOf(10, at)
  const [from = '', to = '', octets = ''] = input.toString('latin1', at, lineEnd).split(' ')
  at = lineEnd + 1 + Number(octets)
  const letter = input.subarray(lineEnd + 1, at)
  const field = await dkimSign(memorySource(letter), signersOf(from.slice(from.indexOf('@') + 1)), { at: Date.now() })
  out.write(`${from} ${to} ${field.length + letter.length}\n`)
  out.write(field)
  if (!out.write(letter)) await once(out, 'drain')
}
out.end()
await once(out, 'close')
renameSync(`${file}.new`, file)

function signersOf(domain: string): Parameters<typeof dkimSign>[1] {
  const known = signers.get(domain) ?? [{ domain, selector, key: keyOf(keys, domain) }]
  signers.set(domain, known)
  return known
}
