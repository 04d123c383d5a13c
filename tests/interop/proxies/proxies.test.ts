// HAProxy, nginx and swaks bring clients of their own to our ports. See README.md.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTransport } from 'nodemailer'
import { type Box, makeCertificates, startBox } from '../../support/box.ts'
import { missing } from '../../support/debian.ts'
import { answers, eventually, fill, freePorts, run, temporaryFolder } from '../../support/peers.ts'
import { smallLetter } from '../letters.ts'
import { arrived, type MailboxAt } from '../mailbox.ts'

const skip = await missing('haproxy', 'nginx', 'swaks')
const password = 'sakura-no-michi-7'
/** Its own address, so that it is told from the proxies' */
const client = '127.0.0.77'

describe('proxies', { skip, timeout: 120_000 }, () => {
  const scope = new AsyncDisposableStack()
  let ports: Record<
    | 'mx'
    | 'mxOne'
    | 'mxTwo'
    | 'mxThree'
    | 'mxFour'
    | 'whereTo'
    | 'submissions'
    | 'submissionsOne'
    | 'imaps'
    | 'imapsOne'
    | 'silent',
    number
  >
  let box: Box
  let inbox: MailboxAt

  before(async () => {
    const folder = temporaryFolder(scope, 'proxies')
    ports = await freePorts(
      'mx',
      'mxOne',
      'mxTwo',
      'mxThree',
      'mxFour',
      'whereTo',
      'submissions',
      'submissionsOne',
      'imaps',
      'imapsOne',
      'silent',
    )
    const certificates = await makeCertificates(folder)
    const values = { ...ports, ...certificates, folder }
    const write = (name: string) => {
      const file = join(folder, name)
      writeFileSync(file, fill(join(import.meta.dirname, name), values))
      return file
    }
    box = await startBox(scope, { folder, name: 'box', yaml: fill(join(import.meta.dirname, 'box.yaml'), values) })
    await box.command(['domain', 'add', 'home.test'])
    await box.command(['user', 'add', 'hanako@home.test', '--password-stdin'], `${password}\n`)
    start(scope, '/usr/sbin/haproxy', ['-db', '-f', write('haproxy.cfg')])
    await tellWhereTo(scope, ports.whereTo, ports.mx)
    start(scope, '/usr/sbin/nginx', ['-c', write('nginx.conf'), '-p', folder])
    for (const port of [ports.mxOne, ports.mxThree, ports.mxFour])
      await eventually('the proxy listens', () => answers(port))
    inbox = { port: ports.imapsOne, ca: certificates.ca, user: 'hanako@home.test', password }
  })
  after(() => scope.disposeAsync())

  const submit = (port: number, options: object) =>
    createTransport({
      host: '127.0.0.1',
      port,
      tls: { ca: readFileSync(inbox.ca), servername: 'mx.home.test' },
      ...options,
    })

  for (const [name, port] of [
    ['HAProxy, version 1', () => ports.mxOne],
    ['HAProxy, version 2 with TLVs', () => ports.mxTwo],
    ['nginx, version 1', () => ports.mxThree],
  ] as const)
    test(`${name}: a letter over STARTTLS, with the client's own address in Received and in the trace`, async () => {
      const { mark, bytes } = smallLetter()
      const transport = submit(port(), { requireTLS: true, localAddress: client, name: 'desk.stranger.test' })
      const from = `${mark}@stranger.test`
      await transport.sendMail({ envelope: { from, to: 'hanako@home.test' }, raw: bytes })
      const [stored] = await arrived(inbox, mark)
      assert.match(stored?.toString() ?? '', /Received: from desk\.stranger\.test \(.*127\.0\.0\.77/)
      const trace = await eventually('the trace has it', async () => {
        const text = await box.command(['trace', from, '--json'])
        return text.includes('delivered') && text
      })
      assert.match(trace, /"client": ?"127\.0\.0\.77"/)
      assert.doesNotMatch(trace, /"client": ?"127\.0\.0\.1"/)
    })

  test('submission with TLS from the first octet, behind a header of version 2: a wrong login is the client’s', async () => {
    const auth = { user: 'hanako@home.test', pass: 'wrong' }
    const transport = submit(ports.submissionsOne, { secure: true, auth, localAddress: client })
    await assert.rejects(transport.verify(), /535/)
    await eventually('the trace tells whose it was', async () => {
      const text = await box.command(['trace', 'hanako@home.test', '--json'])
      return text.includes('login-refused') && text.includes(client)
    })
    await submit(ports.submissionsOne, {
      secure: true,
      auth: { ...auth, pass: password },
      localAddress: client,
    }).verify()
  })

  test('health checks have done no harm, and nobody was taken for a proxy that is set up wrongly', async () => {
    assert.doesNotMatch(box.log(), /"level":"(?:warn|error)"[^\n]*PROXY/)
  })

  test('a balancer that sends no header gets nothing through, and is told of', async () => {
    const socket: Socket = connect(ports.silent, '127.0.0.1')
    let said = ''
    socket.on('data', chunk => (said += String(chunk))).on('error', () => undefined)
    await once(socket, 'connect')
    socket.write('EHLO desk.stranger.test\r\n')
    await once(socket, 'close')
    assert.equal(said, '')
    await eventually('it is told of', () => /"level":"warn"[^\n]*PROXY-HEADER/.test(box.log()))
  })

  test('nginx’s mail proxy names its client by XCLIENT: its address in Received and in the trace, refusals passed on', async () => {
    const { mark, bytes } = smallLetter()
    const transport = submit(ports.mxFour, { ignoreTLS: true, localAddress: client, name: 'desk.stranger.test' })
    const from = `${mark}@stranger.test`
    await transport.sendMail({ envelope: { from, to: 'hanako@home.test' }, raw: bytes })
    const [stored] = await arrived(inbox, mark)
    assert.match(stored?.toString() ?? '', /Received: from desk\.stranger\.test \(.*127\.0\.0\.77/)
    await eventually('the trace has it', async () => {
      const text = await box.command(['trace', from, '--json'])
      return text.includes('delivered') && /"client": ?"127\.0\.0\.77"/.test(text)
    })
    const refused = transport.sendMail({ envelope: { from, to: 'nobody@home.test' }, raw: bytes })
    await assert.rejects(refused, /550 5\.1\.1/)
  })

  test('swaks names another client by XCLIENT; from an address that is not named it may not', async () => {
    const { mark } = smallLetter()
    const from = `${mark}@stranger.test`
    const args = ['--server', '127.0.0.2', '--port', String(ports.mx), '--from', from, '--to', 'hanako@home.test']
    const claim = ['--xclient-addr', '198.51.100.7', '--xclient-name', 'spike.stranger.test', '--xclient-port', '99']
    const text = ['--helo', 'spike.stranger.test', '--header', `Subject: ${mark}`]
    const sent = await run('/usr/bin/swaks', [...args, '--local-interface', '127.0.0.9', ...claim, ...text])
    assert.equal(sent.code, 0, sent.output)
    assert.match(sent.output, /XCLIENT NAME ADDR PORT PROTO HELO REVERSE_NAME/)
    const [stored] = await arrived(inbox, mark)
    assert.match(stored?.toString() ?? '', /Received: from spike\.stranger\.test \(.*198\.51\.100\.7/)
    assert.match(stored?.toString() ?? '', /iprev=pass\s+policy\.iprev=\S+\s+\(spike\.stranger\.test\)/)
    const refused = await run('/usr/bin/swaks', [...args, '--local-interface', '127.0.0.10', ...claim, ...text])
    assert.notEqual(refused.code, 0)
  })
})

/** nginx's mail proxy asks at RCPT to which server a letter goes. */
async function tellWhereTo(scope: AsyncDisposableStack, port: number, mx: number): Promise<void> {
  const server = createServer((_, response) => {
    response.writeHead(200, { 'auth-status': 'OK', 'auth-server': '127.0.0.2', 'auth-port': mx }).end()
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  scope.defer(() => void server.close())
}

function start(scope: AsyncDisposableStack, program: string, args: readonly string[]): void {
  const child = spawn(program, args, { stdio: 'ignore' })
  const closed = once(child, 'close')
  process.once('exit', () => child.kill('SIGKILL'))
  scope.defer(async () => {
    child.kill('SIGTERM')
    const late = sleep(3_000, undefined, { ref: false }).then(() => child.kill('SIGKILL'))
    await Promise.race([closed, late])
    await closed
  })
}
