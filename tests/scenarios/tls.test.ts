// TLS-CIPHER, TLS-NAME, TLS-KEYPAIR: with openssl as the phone that cannot connect.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { openLocalCa, writePair } from '#net/tls/local-ca.ts'
import { folderOf, type Running, serve, until } from './running.ts'

const noOpenssl = spawnSync('openssl', ['version']).status === 0 ? false : 'openssl is not installed'

async function openssl(port: number, ...args: string[]): Promise<{ code: number | null; text: string }> {
  const child = spawn('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => void (text += chunk.toString('latin1')))
  child.stderr.on('data', (chunk: Buffer) => void (text += chunk.toString('latin1')))
  child.stdin.end('')
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  return { code, text }
}

/** Certificates `ecdsa` and `rsa` for mail.home.test in `folder/tls`, and the CA's path. */
async function certificates(folder: string): Promise<string> {
  const ca = await openLocalCa(join(folder, 'tls'))
  const at = (name: string) => ({ cert: join(folder, 'tls', `${name}.crt`), key: join(folder, 'tls', `${name}.key`) })
  await writePair(at('ecdsa'), await ca.issueServer(['mail.home.test']))
  await writePair(at('rsa'), await ca.issueServer(['mail.home.test'], { rsa: true }))
  return ca.certificatePath
}

function yamlWith(...names: string[]): string {
  const pairs = names.map(name => `    - { cert: ./tls/${name}.crt, key: ./tls/${name}.key }`)
  return `role: home
hostname: mail.home.test
data: ./data
listen:
  - { service: imaps, address: 127.0.0.1, port: 0 }
  - { service: imap, address: 127.0.0.1, port: 0 }
  - { service: submission, address: 127.0.0.1, port: 0 }
tls:
  certificates:
${pairs.join('\n')}
`
}

async function home(t: TestContext, ...names: string[]): Promise<{ running: Running; folder: string; ca: string }> {
  const folder = await folderOf(t)
  const ca = await certificates(folder)
  return { running: await serve(t, { folder, yaml: yamlWith(...names) }), folder, ca }
}

const rsaOnly = [
  '-tls1_2',
  '-cipher',
  'ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384',
  '-servername',
  'mail.home.test',
]

test('TLS-CIPHER: a phone with RSA suites of TLS 1.2 only connects where an RSA certificate stands beside the ECDSA one', {
  skip: noOpenssl,
}, async t => {
  const { running } = await home(t, 'ecdsa', 'rsa')
  const old = await openssl(running.port('imaps'), ...rsaOnly)
  assert.equal(old.code, 0, old.text)
  assert.match(old.text, /Cipher is ECDHE-RSA-AES128-GCM-SHA256/)
  for (const profile of [
    ['-tls1_3'],
    ['-tls1_2'],
    ['-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-GCM-SHA256'],
    ['-tls1_2', '-cipher', 'ECDHE-RSA-CHACHA20-POLY1305'],
  ]) {
    const { code, text } = await openssl(running.port('imaps'), '-servername', 'mail.home.test', ...profile)
    assert.equal(code, 0, `${profile.join(' ')}: ${text}`)
  }
  const without = await openssl(running.port('imaps'), ...rsaOnly.slice(0, 3), '-noservername')
  assert.equal(without.code, 0, without.text)
})

test('TLS-CIPHER: against ECDSA alone it fails, and the log names it, also after STARTTLS', {
  skip: noOpenssl,
}, async t => {
  const { running } = await home(t, 'ecdsa')
  const named = () => running.said('A TLS handshake failed').filter(line => line['code'] === 'TLS-CIPHER')
  const refused = await openssl(running.port('imaps'), ...rsaOnly)
  assert.equal(refused.code, 1, refused.text)
  await until('the log names it', () => named().length === 1)
  assert.match(String(named()[0]?.['reason']), /no cipher suite in common/)
  for (const [service, starttls] of [
    ['imap', 'imap'],
    ['submission', 'smtp'],
  ] as const) {
    const before = named().length
    assert.equal((await openssl(running.port(service), '-starttls', starttls, ...rsaOnly)).code, 1)
    await until(`the log names it for ${service}`, () => named().length === before + 1)
  }
  const ancient = await openssl(running.port('imaps'), '-tls1_1', '-cipher', 'DEFAULT@SECLEVEL=0')
  assert.equal(ancient.code, 1)
  await until('the log names the version', () => named().some(line => String(line['reason']).includes('TLS version')))
})

test('TLS-NAME: each configured name is served its own certificate, verified; a name nobody configured does not verify, and tls lists the names', {
  skip: noOpenssl,
}, async t => {
  const folder = await folderOf(t)
  const ca = await certificates(folder)
  const authority = await openLocalCa(join(folder, 'tls'))
  await writePair(
    { cert: join(folder, 'tls', 'imap.crt'), key: join(folder, 'tls', 'imap.key') },
    await authority.issueServer(['imap.example.org']),
  )
  const running = await serve(t, { folder, yaml: yamlWith('ecdsa', 'imap') })
  const verify = (name: string) =>
    openssl(running.port('imaps'), '-CAfile', ca, '-verify_return_error', '-verify_hostname', name, '-servername', name)
  for (const name of ['mail.home.test', 'imap.example.org']) assert.equal((await verify(name)).code, 0, name)
  const other = await verify('workstation.example.net')
  assert.equal(other.code, 1)
  assert.match(other.text, /[Hh]ostname mismatch/)
  await until('the log names it', () =>
    running.said('A TLS handshake failed').some(line => line['code'] === 'TLS-NAME'),
  )
  const listed = await running.command('tls')
  assert.match(listed.out, /mail\.home\.test[\s\S]*imap\.example\.org/)
})

test('TLS-KEYPAIR: a key that is not the certificate’s keeps the old pair in service, and log and command line name it', {
  skip: noOpenssl,
}, async t => {
  const { running, folder } = await home(t, 'ecdsa')
  const served = async () =>
    /[Ff]ingerprint=([0-9A-F:]+)/.exec(
      spawnSync('openssl', ['x509', '-noout', '-fingerprint', '-sha256'], {
        input: (await openssl(running.port('imaps'), '-servername', 'mail.home.test')).text,
        encoding: 'utf8',
      }).stdout,
    )?.[1]
  const before = await served()
  assert.ok(before)
  await writeFile(join(folder, 'tls', 'new'), await readFile(join(folder, 'tls', 'rsa.key')), { mode: 0o600 })
  await rename(join(folder, 'tls', 'new'), join(folder, 'tls', 'ecdsa.key'))
  await until('the log names it', () =>
    running.said('A certificate was refused; the old one is kept').some(line => line['code'] === 'TLS-KEYPAIR'),
  )
  assert.equal(await served(), before)
  const told = await running.command('tls')
  assert.match(told.out, /TLS-KEYPAIR: the key \S+ecdsa\.key does not belong to the certificate/)
  assert.match(
    (await running.command('tls', '--language', 'ja')).out,
    /TLS-KEYPAIR: 鍵 \S+ は証明書 \S+ のものではありません/,
  )
})
