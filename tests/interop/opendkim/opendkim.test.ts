// OpenDKIM verifies what we sign, and we verify what it signs. See README.md.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import { missing } from '../../support/debian.ts'
import { run, temporaryFolder } from '../../support/peers.ts'
import { domain, letters, oddFields, records, rsa, signedByUs, verifiedByUs } from '../signed-letters.ts'

const skip = await missing('opendkim')

describe('OpenDKIM', { skip, timeout: 60_000 }, () => {
  const scope = new AsyncDisposableStack()
  let folder: string
  before(() => {
    folder = temporaryFolder(scope, 'opendkim')
    const write = (name: string, text: string) => writeFileSync(join(folder, name), text, { mode: 0o600 })
    write(
      'dns',
      Object.entries(records)
        .map(([name, record]) => `${name} ${record}\n`)
        .join(''),
    )
    write('key.pem', String(rsa.privateKey.export({ format: 'pem', type: 'pkcs1' })))
    write('verify.conf', `Mode v\nTestDNSData ${folder}/dns\nSyslog no\n`)
    for (const form of ['simple/simple', 'relaxed/relaxed', 'simple/relaxed', 'relaxed/simple'])
      write(
        `sign-${form.replace('/', '-')}.conf`,
        `Mode s\nDomain ${domain}\nSelector r\nKeyFile ${folder}/key.pem\nCanonicalization ${form}\nRequireSafeKeys no\nSyslog no\n`,
      )
  })
  after(() => scope.disposeAsync())

  async function opendkim(config: string, letter: Uint8Array, ...args: readonly string[]): Promise<string> {
    const file = join(folder, `${config}.eml`)
    writeFileSync(file, letter)
    const { output } = await run('/usr/sbin/opendkim', ['-x', join(folder, `${config}.conf`), '-t', file, ...args])
    return output
  }

  for (const [name, letter] of Object.entries(letters))
    test(`verifies ours: ${name}`, async () => {
      const ours = await signedByUs(letter, 'r')
      assert.match(await opendkim('verify', ours, '-v'), /verification .*2048-bit key\) succeeded/)
      const changed = Buffer.from(ours)
      const at = changed.indexOf('Subject:') + 10
      changed[at] = (changed[at] ?? 0) ^ 1
      assert.match(await opendkim('verify', changed, '-v'), /verification .*failed/)
    })

  for (const form of ['simple-simple', 'relaxed-relaxed', 'simple-relaxed', 'relaxed-simple'])
    test(`is verified by us: ${form}`, async () => {
      for (const [name, letter] of Object.entries(letters)) {
        // A milter is told values without their leading blanks: `-t` signs another Subject than the file has
        if (form.startsWith('simple') && name === oddFields) continue
        const output = await opendkim(`sign-${form}`, letter, '-vvv')
        const [, value] = /hname='DKIM-Signature' hvalue='([^']*)'/.exec(output) ?? []
        assert.ok(value !== undefined, output.slice(-2_000))
        const field = `DKIM-Signature: ${value.replace(/\r?\n/g, '\r\n')}\r\n`
        assert.deepEqual(await verifiedByUs(Buffer.concat([Buffer.from(field), letter])), ['pass'], name)
      }
    })
})
