// dkimpy verifies what we sign, with RSA and Ed25519, and we verify what it signs and seals. See README.md.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import { memorySource } from '#formats/message-source.ts'
import { verifyArc } from '#mail/authenticity/arc/verify.ts'
import { readMessage } from '#mail/authenticity/message.ts'
import { missing } from '../../support/debian.ts'
import { mustRun, temporaryFolder } from '../../support/peers.ts'
import { domain, ed25519, letters, names, records, rsa, signedByUs, verifiedByUs } from '../signed-letters.ts'

const skip = await missing('dkimpy')
type Job = { readonly what: 'verify' | 'rsa' | 'ed25519' | 'seal'; readonly letter: Uint8Array }

describe('dkimpy', { skip, timeout: 60_000 }, () => {
  const scope = new AsyncDisposableStack()
  let folder: string
  before(() => {
    folder = temporaryFolder(scope, 'dkimpy')
    const seed = ed25519.privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32).toString('base64')
    const pem = String(rsa.privateKey.export({ format: 'pem', type: 'pkcs1' }))
    writeFileSync(join(folder, 'settings.json'), JSON.stringify({ domain, records, pem, seed }))
  })
  after(() => scope.disposeAsync())

  async function dkimpy(jobs: readonly Job[]): Promise<unknown[]> {
    const input = JSON.stringify(
      jobs.map(({ what, letter }) => ({ what, letter: Buffer.from(letter).toString('base64') })),
    )
    const args = [join(import.meta.dirname, 'dkimpy.py'), join(folder, 'settings.json')]
    const { stdout } = await mustRun('/usr/bin/python3', args, { input })
    return JSON.parse(stdout.toString()) as unknown[]
  }

  test('verifies our signatures of each letter, RSA and Ed25519', async () => {
    const signed = await Promise.all(Object.values(letters).map(letter => signedByUs(letter, 'r', 'e')))
    const verified = await dkimpy(signed.map(letter => ({ what: 'verify', letter })))
    for (const [index, name] of Object.keys(letters).entries()) assert.deepEqual(verified[index], [true, true], name)
  })

  for (const what of ['rsa', 'ed25519'] as const)
    test(`is verified by us: ${what}`, async () => {
      const fields = await dkimpy(Object.values(letters).map(letter => ({ what, letter })))
      for (const [index, [name, letter]] of Object.entries(letters).entries()) {
        const field = Buffer.from(String(fields[index]), 'base64')
        assert.deepEqual(await verifiedByUs(Buffer.concat([field, letter])), ['pass'], name)
      }
    })

  test('chains of three seals: whole, and broken by a change', async () => {
    let letter: Uint8Array = letters['UTF-8 in 8bit'] ?? new Uint8Array()
    const verify = async (bytes: Uint8Array) => {
      const message = await readMessage(memorySource(bytes))
      return await verifyArc(message, { names, now: Date.now() })
    }
    for (let count = 1; count <= 3; count++) {
      const arc = count === 1 ? 'none' : 'pass'
      const results = `Authentication-Results: ${domain}; arc=${arc}; spf=pass; dmarc=pass header.from=${domain}\r\n`
      // It reads what to seal from there; two of them would be one too many
      const [fields] = await dkimpy([{ what: 'seal', letter: Buffer.concat([Buffer.from(results), letter]) }])
      letter = Buffer.concat([Buffer.from(String(fields), 'base64'), letter])
      const { finding, links } = await verify(letter)
      assert.deepEqual(finding, { result: 'pass', sealers: Array<string>(count).fill(domain) })
      assert.equal(links[0]?.dmarc, 'pass')
    }
    const changed = Buffer.from(letter)
    changed[changed.length - 4] = (changed.at(-4) ?? 0) ^ 1
    assert.equal((await verify(changed)).finding.result, 'fail')
  })
})
