import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { readClientClaim } from './xclient.ts'
import { encodeXtext } from './xtext.ts'

test('each attribute, and what stands for what the proxy does not know', () => {
  assert.deepEqual(
    readClientClaim(
      'NAME=Spike.Porcupine.example ADDR=168.100.189.2 PORT=25 PROTO=smtp HELO=spike REVERSE_NAME=other.example',
    ),
    {
      name: { name: 'spike.porcupine.example' },
      address: { address: '168.100.189.2' },
      port: 25,
      protocol: 'SMTP',
      helo: { domain: 'spike' },
      reverseName: { name: 'other.example' },
    },
  )
  assert.deepEqual(readClientClaim('addr=ipv6:2001:DB8:0::1'), { address: { address: '2001:db8::1' } })
  assert.deepEqual(readClientClaim('ADDR=2001:db8::1'), { address: { address: '2001:db8::1' } })
  assert.deepEqual(readClientClaim('ADDR=IPV6:::ffff:192.0.2.1'), { address: { address: '192.0.2.1' } })
  assert.deepEqual(readClientClaim('NAME=[tempunavail] REVERSE_NAME=[Unavailable] HELO=[UNAVAILABLE]'), {
    name: 'temporary',
    reverseName: 'unavailable',
    helo: 'unavailable',
  })
  assert.deepEqual(readClientClaim('HELO=[192.0.2.1]'), { helo: { domain: '[192.0.2.1]' } })
})

test('what is printed as xtext is read back; any text gives a claim or none', () => {
  const word = fc.stringMatching(/^[a-z0-9+=._-]{1,40}$/)
  fc.assert(
    fc.property(word, helo =>
      assert.deepEqual(readClientClaim(`HELO=${encodeXtext(helo)}`), { helo: { domain: helo } }),
    ),
  )
  fc.assert(
    fc.property(fc.constantFrom('', 'NAME=', 'ADDR=', 'HELO=x ', 'PORT='), fc.string(), (start, rest) => {
      const claim = readClientClaim(start + rest)
      const helo = typeof claim?.helo === 'object' ? claim.helo.domain : ''
      assert.ok(/^[!-~]*$/.test(helo), 'nothing that could end a header field comes in this way')
    }),
  )
})
