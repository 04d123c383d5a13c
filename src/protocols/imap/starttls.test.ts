// Commands slipped in behind STARTTLS in plaintext were run after the handshake by several servers ("NO STARTTLS", 2021):
// somebody in between could choose what the victim's session does first. RFC 2595 §3, RFC 9051 §6.2.1
import assert from 'node:assert/strict'
import test from 'node:test'
import { connect as tlsConnect } from 'node:tls'
import { testAddress, testPassword, withImap } from './imap.testbed.ts'
import { LineClient } from './line-client.testbed.ts'
import { withTls } from './tls.testbed.ts'

test('STARTTLS: what was sent before the handshake is thrown away, then passwords are taken', async () => {
  await withTls(async (tls, ca) => {
    await withImap(
      async bed => {
        const stream = bed.connect()
        const plain = new LineClient(stream)
        assert.match(await plain.line(), /ID ENABLE LITERAL- STARTTLS LOGINDISABLED\]/)
        stream.write('a STARTTLS\r\nb CREATE Injected\r\n')
        assert.equal(await plain.line(), 'a OK Begin TLS negotiation now')
        stream.removeAllListeners('data')
        const secure = tlsConnect({ socket: stream, ca, servername: 'home.test' })
        const client = new LineClient(secure)
        const [capability, done] = await client.command('c', 'CAPABILITY')
        assert.equal(capability, '* CAPABILITY IMAP4rev1 IMAP4rev2 SASL-IR ID ENABLE LITERAL- AUTH=PLAIN AUTH=LOGIN')
        assert.equal(done, 'c OK CAPABILITY completed', 'nothing was answered to b')
        assert.deepEqual(await client.command('d', 'STARTTLS'), ['d BAD [CLIENTBUG] TLS is already active'])
        assert.match((await client.command('e', `LOGIN ${testAddress} ${testPassword}`)).at(-1) ?? '', /^e OK/)
        assert.deepEqual(await client.command('f', 'LIST "" Injected'), ['f OK LIST completed'])
        secure.destroy()
      },
      { tls: () => tls, allowPlaintextLogin: false },
    )
  })
})
