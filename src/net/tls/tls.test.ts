import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { connect, createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { promisify } from 'node:util'
import { type Log, silentLog } from '#base/log.ts'
import { Connection } from '../connection.ts'
import { secureAsServer } from '../handshake.ts'
import { type CertificateStore, openCertificateStore } from './certificate-store.ts'
import { checkPair, covers, isPair } from './certificate-pair.ts'
import { dayMs } from './limits.ts'
import { openLocalCa, writePair } from './local-ca.ts'
import { tlsFacts } from './server-socket.ts'

const run = promisify(execFile)

/** A folder with a CA and an ECDSA and an RSA pair for the same two names. */
async function workshop(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-tls-'))
  t.after(() => rm(folder, { recursive: true }))
  const ca = await openLocalCa(join(folder, 'ca'))
  const names = ['mail.home.test', '127.0.0.1']
  const ecdsa = { cert: join(folder, 'ecdsa.crt'), key: join(folder, 'ecdsa.key') }
  const rsa = { cert: join(folder, 'rsa.crt'), key: join(folder, 'rsa.key') }
  await writePair(ecdsa, await ca.issueServer(names))
  await writePair(rsa, await ca.issueServer(names, { rsa: true }))
  return { folder, ca, names, ecdsa, rsa }
}

/** A TLS server that says one word; `seen` collects what it learnt of its peers. */
async function serve(t: TestContext, store: CertificateStore, requestCert = false) {
  const seen: ReturnType<typeof tlsFacts>[] = []
  const server: Server = createServer((plain: Socket) => {
    const connection = new Connection(plain)
    secureAsServer(connection, store.secureOptions({ requestCert }), 5_000).then(
      () => {
        if (connection.tls) seen.push(tlsFacts(connection.tls))
        connection.write('hello\r\n')
        return connection.flush(5_000)
      },
      () => connection.destroy(),
    )
  })
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => open.add(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  return { port: address.port, seen }
}

async function openssl(port: number, ...options: string[]): Promise<string> {
  const child = run('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...options], { timeout: 10_000 })
  child.child.stdin?.end()
  const { stdout, stderr } = await child.catch((error: { stdout?: string; stderr?: string }) => error)
  return `${stdout}${stderr}`
}

async function dial(port: number, options: object = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', ...options })
  await once(socket, 'secureConnect')
  return socket
}

function listeningLog(lines: string[]): Log {
  const take = (sentence: string, fields?: object) => void lines.push(`${sentence} ${JSON.stringify(fields)}`)
  return { ...silentLog, error: take, warn: take, info: take }
}

test('each kind of client finds its certificate: ECDSA only, RSA only, TLS 1.3; old TLS is refused', async t => {
  const { ca, ecdsa, rsa } = await workshop(t)
  using store = openCertificateStore({ files: [ecdsa, rsa], policy: 'intermediate', log: silentLog })
  const { port } = await serve(t, store)
  const trusted = ['-CAfile', ca.certificatePath, '-verify_return_error']
  const ofEcdsa = await openssl(port, ...trusted, '-tls1_2', '-cipher', 'ECDHE-ECDSA-AES128-GCM-SHA256')
  assert.match(ofEcdsa, /ECDHE-ECDSA-AES128-GCM-SHA256/)
  assert.match(ofEcdsa, /Verify return code: 0/)
  const ofRsa = await openssl(port, ...trusted, '-tls1_2', '-cipher', 'ECDHE-RSA-AES256-GCM-SHA384')
  assert.match(ofRsa, /ECDHE-RSA-AES256-GCM-SHA384/)
  assert.match(ofRsa, /Verify return code: 0/)
  assert.match(
    await openssl(port, ...trusted, '-tls1_2', '-cipher', 'ECDHE-RSA-CHACHA20-POLY1305'),
    /Verify return code: 0/,
  )
  // Every real client names the server; both key types must be there then, too.
  const named = ['-servername', 'mail.home.test', '-tls1_2', '-cipher']
  assert.match(await openssl(port, ...named, 'ECDHE-ECDSA-AES128-GCM-SHA256'), /Cipher is ECDHE-ECDSA/)
  assert.match(await openssl(port, ...named, 'ECDHE-RSA-AES128-GCM-SHA256'), /Cipher is ECDHE-RSA/)
  assert.match(await openssl(port, ...trusted, '-tls1_3'), /TLSv1\.3[\s\S]*Verify return code: 0/)
  assert.match(await openssl(port, '-tls1_1', '-cipher', 'ALL:@SECLEVEL=0'), /alert|no protocols available/)
  assert.match(await openssl(port, '-tls1_2', '-cipher', 'ECDHE-RSA-AES128-SHA'), /handshake failure|no shared cipher/)
})

test('policy modern speaks TLS 1.3 only', async t => {
  const { ca, ecdsa } = await workshop(t)
  using store = openCertificateStore({ files: [ecdsa], policy: 'modern', log: silentLog })
  const { port } = await serve(t, store)
  assert.match(await openssl(port, '-CAfile', ca.certificatePath, '-tls1_3'), /Verify return code: 0/)
  assert.match(await openssl(port, '-tls1_2'), /alert protocol version/)
})

test('the server name picks the certificate; an unknown name gets the first', async t => {
  const { folder, ca, ecdsa } = await workshop(t)
  const other = { cert: join(folder, 'other.crt'), key: join(folder, 'other.key') }
  await writePair(other, await ca.issueServer(['*.internet.test']))
  using store = openCertificateStore({ files: [ecdsa, other], policy: 'intermediate', log: silentLog })
  const { port, seen } = await serve(t, store)
  const named = async (servername: string) => {
    using socket = await disposable(dial(port, { servername, ca: ca.certificatePem, rejectUnauthorized: false }))
    await once(socket.value, 'data')
    return socket.value.getPeerX509Certificate()?.subjectAltName
  }
  assert.equal(await named('mx.internet.test'), 'DNS:*.internet.test')
  assert.equal(await named('mail.home.test'), 'DNS:mail.home.test, IP Address:127.0.0.1')
  assert.equal(await named('elsewhere.test'), 'DNS:mail.home.test, IP Address:127.0.0.1')
  assert.deepEqual(
    seen.map(facts => facts.serverName),
    ['mx.internet.test', 'mail.home.test', 'elsewhere.test'],
  )
})

test('a new pair is served to new connections while the old ones go on', async t => {
  const { ca, names, ecdsa } = await workshop(t)
  using store = openCertificateStore({ files: [ecdsa], policy: 'intermediate', log: silentLog, pollMs: 20 })
  const { port } = await serve(t, store)
  const old = await dial(port, { ca: ca.certificatePem })
  const before = old.getPeerX509Certificate()?.fingerprint256
  const changed = new Promise<void>(resolve => void store.onChange(resolve))
  await writePair(ecdsa, await ca.issueServer(names))
  await changed
  const fresh = await dial(port, { ca: ca.certificatePem })
  assert.notEqual(fresh.getPeerX509Certificate()?.fingerprint256, before)
  assert.equal(old.destroyed, false)
  const reply = once(old, 'close')
  old.resume().end()
  await reply
  fresh.destroy()
})

test('a key of another certificate is refused and named; the old pair is kept', async t => {
  const { ca, names, ecdsa } = await workshop(t)
  const lines: string[] = []
  using store = openCertificateStore({
    files: [ecdsa],
    policy: 'intermediate',
    log: listeningLog(lines),
    pollMs: 3_600_000,
  })
  const { port } = await serve(t, store)
  const stranger = await ca.issueServer(names)
  await writeFile(ecdsa.key, stranger.key)
  assert.equal(store.reload(), false)
  assert.deepEqual(lines, [], 'the first look waits: the other file may be on its way')
  assert.equal(store.reload(), false)
  store.reload()
  assert.equal(lines.length, 1)
  assert.match(lines[0] ?? '', /the old one is kept.*TLS-KEYPAIR.*does not belong/)
  const [report] = store.report()
  assert.equal(report?.problems[0]?.code, 'TLS-KEYPAIR')
  assert.match(report?.problems[0]?.text.ja ?? '', /のものではありません/)
  assert.notEqual(report?.served, undefined)
  assert.equal(report?.onDisk, undefined)
  ;(await dial(port, { ca: ca.certificatePem })).destroy()
  await writeFile(ecdsa.cert, stranger.cert)
  assert.equal(store.reload(), true)
  assert.deepEqual(store.report()[0]?.problems, [])
  ;(await dial(port, { ca: ca.certificatePem })).destroy()
})

test('an expired pair never replaces a good one, but is served where there is none', async t => {
  const { ca, names, ecdsa } = await workshop(t)
  using store = openCertificateStore({ files: [ecdsa], policy: 'intermediate', log: silentLog, pollMs: 3_600_000 })
  const good = store.report()[0]?.served
  await writePair(ecdsa, await ca.issueServer(names, { days: -0.01 }))
  store.reload()
  const [report] = store.report()
  assert.equal(report?.served, good)
  assert.notEqual(report?.onDisk, good)
  assert.equal(report?.problems[0]?.code, 'TLS-EXPIRY')
  using later = openCertificateStore({ files: [ecdsa], policy: 'intermediate', log: silentLog })
  assert.equal(later.report()[0]?.served, report?.onDisk)
})

test('a chain in the wrong order, and one without its issuer, are told', async t => {
  const { ca, ecdsa } = await workshop(t)
  const cert = await readFile(ecdsa.cert, 'utf8')
  const key = await readFile(ecdsa.key, 'utf8')
  const [leaf = '', root = ''] = cert.split(/(?<=-----END CERTIFICATE-----\n)/)
  const alone = checkPair(ecdsa, leaf, key, Date.now())
  assert.ok(isPair(alone))
  assert.equal(alone.warnings[0]?.code, 'TLS-CHAIN')
  const swapped = checkPair(ecdsa, root + leaf, key, Date.now())
  assert.ok(!isPair(swapped) && swapped.code === 'TLS-KEYPAIR')
  const foreign = (await (await openLocalCa(join(ecdsa.cert, '..', 'ca2'))).issueServer(['x.test'])).cert
  const mixed = checkPair(ecdsa, leaf + foreign, key, Date.now())
  assert.ok(!isPair(mixed))
  assert.match(mixed.text.en, /certificate 1 is not signed by the one after it/)
  assert.ok(isPair(checkPair(ecdsa, leaf + ca.certificatePem, key, Date.now())))
})

test('a client certificate is asked for where gateways log in, and known by its fingerprint', async t => {
  const { ca, ecdsa } = await workshop(t)
  using store = openCertificateStore({ files: [ecdsa], policy: 'intermediate', log: silentLog })
  const { port, seen } = await serve(t, store, true)
  const client = await ca.issueClient('tokyo')
  const greeted = async (options: object) => {
    const socket = await dial(port, { ca: ca.certificatePem, ...options })
    await once(socket, 'data')
    socket.destroy()
  }
  await greeted(client)
  await greeted({})
  const parsed = checkPair(ecdsa, client.cert, client.key, Date.now())
  assert.ok(isPair(parsed))
  assert.deepEqual(
    seen.map(facts => facts.clientCertificate),
    [parsed.fingerprint, undefined],
  )
  assert.equal(seen[0]?.protocol, 'TLSv1.3')
})

test('sessions are resumed, also by tls.createServer with the same options', async t => {
  const { ca, ecdsa } = await workshop(t)
  using store = openCertificateStore({ files: [ecdsa], policy: 'intermediate', log: silentLog })
  const server = createTlsServer(store.secureOptions(), socket => socket.end('hello\r\n'))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const first = connect({ port: address.port, host: '127.0.0.1', ca: ca.certificatePem })
  const session = once(first, 'session')
  first.resume()
  const [ticket] = (await session) as [Buffer]
  await once(first, 'close')
  const second = await dial(address.port, { ca: ca.certificatePem, session: ticket })
  assert.equal(second.isSessionReused(), true)
  second.destroy()
})

test('certificates of the local CA: keys 0600, kept while good, renewed in time and for other names', async t => {
  const { folder } = await workshop(t)
  let now = Date.now()
  const clock = { now: () => now, monotonic: () => performance.now() }
  const place = join(folder, 'own')
  const first = await (await openLocalCa(place, { clock })).ensureServer('server', ['mail.home.test'])
  assert.equal(first.renewed, true)
  assert.equal((await stat(first.key)).mode & 0o777, 0o600)
  assert.equal((await stat(join(place, 'ca.key'))).mode & 0o777, 0o600)
  const ca = await openLocalCa(place, { clock })
  assert.equal((await ca.ensureServer('server', ['mail.home.test'])).renewed, false)
  assert.equal((await ca.ensureServer('server', ['mail.home.test', '::1'])).renewed, true)
  now += 368 * dayMs
  assert.equal((await ca.ensureServer('server', ['mail.home.test', '::1'])).renewed, true)
  await writeFile(first.key, 'torn')
  assert.equal((await ca.ensureServer('server', ['mail.home.test', '::1'])).renewed, true)
})

test('names: exact, or a wildcard for one label', () => {
  assert.ok(covers(['mail.home.test'], 'MAIL.home.test.'))
  assert.ok(covers(['*.home.test'], 'mail.home.test'))
  assert.ok(!covers(['*.home.test'], 'a.mail.home.test'))
  assert.ok(!covers(['*.home.test'], 'home.test'))
})

async function disposable(opening: Promise<TLSSocket>) {
  const value = await opening
  return { value, [Symbol.dispose]: () => void value.destroy() }
}
