// Debian's Rspamd judges what we sign: SPF, DKIM (RSA and Ed25519) and DMARC by its own code, with names from a DNS server here.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import { startNameServer } from '#demo/internet/name-server.ts'
import type { ZoneRecord } from '#demo/internet/zone.ts'
import { createTransport } from 'nodemailer'
import type { ShownDkimKey } from '#mail/signing/dkim-key.ts'
import { pretendRelay } from '../../scenarios/pretend-relay.ts'
import { makeCertificates, startBox } from '../../support/box.ts'
import { missing } from '../../support/debian.ts'
import { eventually, fill, freePort, freePorts, temporaryFolder } from '../../support/peers.ts'
import { startDaemon } from '../daemon.ts'
import { domain, letters, records, signedByUs } from '../signed-letters.ts'

const skip = await missing('rspamd')
const ours = '192.0.2.7'
const others = '192.0.2.99'
const password = 'sakura-no-michi-7'

const zone = new Map<string, readonly ZoneRecord[]>([
  [domain, [{ type: 'TXT', data: `v=spf1 ip4:${ours} -all` }]],
  [`_dmarc.${domain}`, [{ type: 'TXT', data: 'v=DMARC1; p=reject' }]],
  ...Object.entries(records).map(([name, data]) => [name, [{ type: 'TXT', data }]] as const),
])

describe('Rspamd judges what we sign', { skip, timeout: 60_000, concurrency: 8 }, () => {
  const scope = new AsyncDisposableStack()
  let port: number
  let folder: string
  let dns: number

  before(async () => {
    folder = temporaryFolder(scope, 'rspamd-verdicts')
    dns = await freePort()
    port = await freePort()
    scope.use(await startNameServer({ port: dns, zone }))
    writeFileSync(join(folder, 'tlds.dat'), 'test\n')
    const config = join(folder, 'verdicts.conf')
    writeFileSync(config, fill(join(import.meta.dirname, 'verdicts.conf'), { folder, port, dns }))
    const isUp = () => symbolsOf(port, ours, Buffer.from('Subject: up?\r\n\r\n')).then(Boolean, () => false)
    await startDaemon(scope, ['/usr/bin/rspamd', '-f', '-i', '-c', config], folder, isUp)
  })
  after(() => scope.disposeAsync())

  for (const [name, letter] of Object.entries(letters))
    for (const selectors of [['r'], ['e'], ['r', 'e']] as const)
      test(`allowed, from an address that SPF does not know: ${name}, ${selectors.join(' and ')}`, async () => {
        const symbols = await symbolsOf(port, others, await signedByUs(letter, ...selectors))
        const signers = symbols.get('R_DKIM_ALLOW')?.toSorted()
        assert.deepEqual(signers, selectors.map(selector => `${domain}:s=${selector}`).toSorted())
        assert.deepEqual(symbols.get('DMARC_POLICY_ALLOW'), [domain, 'reject'])
        assert.ok(symbols.has('R_SPF_FAIL'))
        assert.ok(!symbols.has('R_DKIM_REJECT'))
      })

  test('allowed: what leaves home, signed by the keys that its commands made', async () => {
    const relay = await pretendRelay({ after: end => scope.defer(async () => end()) })
    const { submissions } = await freePorts('submissions')
    const { mail } = await makeCertificates(folder)
    const values = { folder, submissions, mail, dns, relay: relay.port }
    const yaml = fill(join(import.meta.dirname, 'home.yaml'), values)
    const home = await startBox(scope, { folder, name: 'home', yaml })
    await home.command(['domain', 'add', 'home.test'])
    await home.command(['user', 'add', 'hanako@home.test', '--password-stdin'], `${password}\n`)
    zone.set('_dmarc.home.test', [{ type: 'TXT', data: 'v=DMARC1; p=reject; adkim=s' }])
    const made = await home.command(['dkim', 'create', 'home.test', '--json'])
    const { result: keys } = JSON.parse(made) as { readonly result: readonly ShownDkimKey[] }
    for (const { name, record, selector } of keys) {
      zone.set(name, [{ type: 'TXT', data: record }])
      await home.command(['dkim', 'activate', 'home.test', selector])
    }
    const auth = { user: 'hanako@home.test', pass: password }
    const secure = { secure: true, tls: { rejectUnauthorized: false } }
    await createTransport({ host: '127.0.0.1', port: submissions, auth, ...secure }).sendMail({
      from: '花子 <hanako@home.test>',
      to: 'aki@internet.test',
      bcc: 'himitsu@internet.test',
      subject: '手紙',
      text: 'こんにちは\n.\nend',
    })
    const [letter] = await eventually('it has left', () => relay.received.length > 0 && relay.received)
    const symbols = await symbolsOf(port, others, Buffer.from(letter?.text ?? '', 'latin1'))
    const wanted = keys.map(({ selector }) => `home.test:s=${selector}`).toSorted()
    assert.equal(wanted.length, 2)
    assert.deepEqual(symbols.get('R_DKIM_ALLOW')?.toSorted(), wanted)
    assert.deepEqual(symbols.get('DMARC_POLICY_ALLOW'), ['home.test', 'reject'])
  })

  test('SPF alone, by the address that it names', async () => {
    const symbols = await symbolsOf(port, ours, letters['UTF-8 in 8bit'] ?? Buffer.alloc(0))
    assert.deepEqual(symbols.get('DMARC_POLICY_ALLOW'), [domain, 'reject'])
    assert.ok(symbols.has('R_SPF_ALLOW'))
    assert.ok(!symbols.has('R_DKIM_ALLOW'))
  })

  for (const selector of ['r', 'e'] as const)
    test(`changed on its way: refused (${selector})`, async () => {
      const signed = Buffer.from(await signedByUs(letters['UTF-8 in 8bit'] ?? Buffer.alloc(0), selector))
      const symbols = await symbolsOf(port, others, Buffer.concat([signed, Buffer.from('one more line\r\n')]))
      assert.deepEqual(symbols.get('R_DKIM_REJECT'), [`${domain}:s=${selector}`])
      assert.ok(symbols.has('DMARC_POLICY_REJECT'))
      assert.ok(!symbols.has('DMARC_POLICY_ALLOW'))
    })
})

/** By name, with what each says of itself; as asked by a server to which `ip` has brought the letter. */
async function symbolsOf(port: number, ip: string, letter: Uint8Array): Promise<Map<string, readonly string[]>> {
  const headers = { ip, helo: `mx.${domain}`, from: `stranger@${domain}`, rcpt: 'hanako@home.test' }
  const text = await new Promise<string>((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/checkv2', method: 'POST', headers }, response => {
      let body = ''
      response.on('data', chunk => (body += String(chunk))).on('end', () => resolve(body))
    })
    asked.on('error', reject).end(letter)
  })
  type Told = { readonly symbols: Readonly<Record<string, { readonly options?: readonly string[] }>> }
  const { symbols } = JSON.parse(text) as Told
  return new Map(Object.entries(symbols).map(([name, { options }]) => [name, options ?? []]))
}
