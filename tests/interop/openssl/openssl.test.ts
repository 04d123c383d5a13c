// openssl s_client looks at the TLS of every port. See README.md.
import assert from 'node:assert/strict'
import test, { after, before, describe } from 'node:test'
import { missing } from '../../support/debian.ts'
import { run } from '../../support/peers.ts'
import { type InteropDemo, startInteropDemo } from '../demo.ts'

const skip = await missing('openssl')

const services = [
  ['mx', 'smtp'],
  ['submission', 'smtp'],
  ['submissions', undefined],
  ['imap', 'imap'],
  ['imaps', undefined],
  ['pop3', 'pop3'],
  ['pop3s', undefined],
  ['lmtp', 'lmtp'],
] as const

describe('openssl s_client', { skip, timeout: 60_000 }, () => {
  const scope = new AsyncDisposableStack()
  let at: InteropDemo

  before(async () => {
    at = await startInteropDemo(scope)
  })
  after(() => scope.disposeAsync())

  function connect(service: string, starttls: string | undefined, ...args: string[]) {
    const to = ['-connect', `127.0.0.1:${at.port(service)}`, '-servername', 'localhost']
    const how = starttls === undefined ? [] : ['-starttls', starttls]
    return run('/usr/bin/openssl', ['s_client', ...to, ...how, '-CAfile', at.ca, '-brief', ...args], { input: '' })
  }

  for (const [service, starttls] of services) {
    test(`${service}: TLS 1.3, verified by name`, async () => {
      const { output, code } = await connect(service, starttls, '-verify_return_error', '-verify_hostname', 'localhost')
      assert.equal(code, 0, output)
      assert.match(output, /Protocol version: TLSv1\.3/)
      assert.match(output, /Verification: OK/)
      assert.match(output, /Verified peername: localhost/)
    })

    test(`${service}: TLS 1.2 with ECDSA and forward secrecy, for older clients`, async () => {
      const suite = ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-GCM-SHA256', '-verify_return_error']
      const { output, code } = await connect(service, starttls, ...suite)
      assert.equal(code, 0, output)
      assert.match(output, /Protocol version: TLSv1\.2/)
      assert.match(output, /Ciphersuite: ECDHE-ECDSA-AES128-GCM-SHA256/)
    })
  }

  for (const [name, args] of Object.entries({
    'TLS 1.1': ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'],
    'CBC with SHA-1': ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0'],
    'no forward secrecy': ['-tls1_2', '-cipher', 'AES128-GCM-SHA256:@SECLEVEL=0'],
  }))
    test(`imaps refuses ${name}`, async () => {
      const { output, code } = await connect('imaps', undefined, ...args)
      assert.notEqual(code, 0)
      assert.match(output, /alert|handshake failure|protocol version/i)
    })

  test('after a refused handshake the port goes on', async () => {
    assert.equal((await connect('imaps', undefined)).code, 0)
  })
})
