// Home sends through its gateway (via: gateway): two boxes as processes, and a mail server of the outside that says what it is told to.
import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { createTransport } from 'nodemailer'
import { ask, legOf, traceOf } from './asking.ts'
import { hanako, homeYaml, password } from './boxes.ts'
import { loadConfig } from '../../src/config/load.ts'
import { printProblem } from '../../src/config/problem.ts'
import { folderOf, freePort, hikyaku, type Running, serve, until } from './running.ts'
import { Wire } from './wire.ts'

type Outside = {
  readonly port: number
  /** Recipients of each letter taken, with its text */
  readonly received: { readonly to: readonly string[]; readonly text: string }[]
  /** Silent after the final dot while set */
  quiet: boolean
}

/** Refuses `unknown@…` at RCPT and defers `later@…`, in words of its own. */
async function outside(t: TestContext): Promise<Outside> {
  const server = createServer(socket => converse(socket, state))
  const port = await freePort()
  const state: Outside = { port, received: [], quiet: false }
  await new Promise<void>(resolve => server.listen(port, '127.0.0.2', resolve))
  t.after(() => server.close())
  return state
}

function converse(socket: Socket, state: Outside): void {
  let text = ''
  let to: string[] = []
  let inData = false
  socket.on('error', () => undefined)
  socket.write('220 mx.internet.test ESMTP\r\n')
  socket.on('data', chunk => {
    text += chunk.toString('latin1')
    for (let end = 0; (end = text.indexOf(inData ? '\r\n.\r\n' : '\r\n')) >= 0; ) {
      const line = text.slice(0, end)
      text = text.slice(end + (inData ? 5 : 2))
      if (inData) state.received.push({ to, text: line })
      if (line.startsWith('MAIL')) to = []
      const recipient = line.startsWith('RCPT') ? (/<(.*?)>/.exec(line)?.[1] ?? '') : undefined
      const answer = inData ? '250 2.0.0 Kept as 4711' : answerTo(line, recipient)
      if (recipient !== undefined && answer.startsWith('250')) to.push(recipient)
      const silent = inData && state.quiet
      inData = !inData && line === 'DATA'
      if (!silent) socket.write(`${answer}\r\n`)
    }
  })
}

function answerTo(line: string, recipient: string | undefined): string {
  if (recipient?.startsWith('unknown')) return '550-5.1.1 Wer ist das?\r\n550 5.1.1 Kein solcher Empfaenger (x-17)'
  if (recipient?.startsWith('later')) return '452 4.2.2 Postfach voll (x-18)'
  if (line === 'DATA') return '354 Go on'
  return line.startsWith('EHLO') ? '250-mx.internet.test\r\n250 8BITMIME' : '250 2.0.0 OK'
}

type Boxes = {
  readonly home: Running
  gateway: Running
  startGateway(): Promise<Running>
  readonly outside: Outside
  /** Home's configuration with another way out */
  homeVia(via: string, upstreams?: string): string
}

async function boxes(t: TestContext): Promise<Boxes> {
  const away = await outside(t)
  const folder = await folderOf(t)
  for (const name of ['home', 'gateway']) await mkdir(join(folder, name), { mode: 0o700 })
  const relayPort = await freePort()
  const startGateway = () =>
    serve(t, { folder: join(folder, 'gateway'), yaml: gatewayYaml(relayPort, away.port), before: byCertificate })
  const gateway = await startGateway()
  const made = join(folder, 'gateway', 'home-osaka')
  const plain = homeYaml(await freePort()).replace('../link', './data')
  const homeVia = (via: string, upstreams = '') => `${plain}outbound:
  gateway:
    url: lmtp://127.0.0.1:${relayPort}
    serverName: mx.home.test
    ca: ${folder}/gateway/data/ca/ca.crt
    clientCertificate: { cert: ${made}/client.crt, key: ${made}/client.key }
  routes: [{ via: ${via} }]
${upstreams}`
  const home = await serve(t, { folder: join(folder, 'home'), yaml: homeVia('gateway') })
  await ask(home, 'domain.add', { domain: 'home.test' })
  await ask(home, 'user.add', { address: hanako, password })
  return { home, gateway, startGateway, outside: away, homeVia }
}

const notKnownYet = '0'.repeat(64)
let toldByTls: string | undefined
/** As `hikyaku tls client` on the gateway makes it, which also says what to write on both sides. */
async function byCertificate(file: string): Promise<void> {
  toldByTls ??= (await hikyaku(['tls', 'client', 'osaka', '--config', file])).out
  const fingerprint = /clientCertificate: '([0-9a-f]{64})'/.exec(toldByTls)?.[1]
  assert.ok(fingerprint, toldByTls)
  assert.match(toldByTls, /via: gateway/)
  const yaml = await readFile(file, 'utf8')
  await writeFile(file, yaml.replace(notKnownYet, fingerprint))
}

function gatewayYaml(relayPort: number, mxPort: number): string {
  return `role: gateway
hostname: mx.home.test
dns: { servers: ['127.0.0.1:1'] }
data: ./data
listen:
  - { service: relay, address: 127.0.0.1, port: ${relayPort} }
  - { service: mx, address: 127.0.0.1, port: ${mxPort} }
  - { service: admin, port: 0 }
tls: { localCa: true }
gateway:
  domains: [home.test]
  home: { url: "lmtp://127.0.0.1:1" }
  relay: { clients: [{ name: osaka, clientCertificate: '${notKnownYet}' }] }
outbound: { mxPort: ${mxPort} }
`
}

async function send(home: Running, to: readonly string[], messageId: string): Promise<void> {
  const program = createTransport({
    host: '127.0.0.1',
    port: home.port('submissions'),
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: hanako, pass: password },
  })
  await program.sendMail({
    from: hanako,
    to: [...to],
    messageId: `<${messageId}>`,
    subject: 'via',
    text: 'x',
    envelope: { from: hanako, to: [...to] },
  })
}

test('home sends through its gateway', async t => {
  const all = await boxes(t)
  await t.test('mixed results, in the outside’s own words and under one id on both boxes', () => mixed(all))
  await t.test('gateway away, behind an upstream that is down: mail waits at home, and goes when it is back', () =>
    awayAndBack(all),
  )
  await t.test('gateway killed after the data: the fate is unsure, and nothing is lost', () => killed(all))
})

async function mixed({ gateway, home, outside: away }: Boxes): Promise<void> {
  const outsiders = ['aki', 'unknown', 'later'].map(name => `${name}@[127.0.0.2]`)
  // the last leads back to the gateway itself
  await send(home, [...outsiders, 'loop@[127.0.0.1]'], 'mixed@home.test')
  const trace = await until('home knows of all', async () => {
    const text = await traceOf(home, 'mixed@home.test')
    return ['x-17', 'x-18', '4711', 'MX-LOOP'].every(words => text.includes(words)) && text
  })
  assert.match(trace, /550 5\.1\.1 Wer ist das\? Kein solcher Empfaenger \(x-17\)/)
  assert.match(trace, /452 4\.2\.2 Postfach voll \(x-18\)/)
  assert.match(trace, /554 5\.4\.6 MX-LOOP: mail for \[127\.0\.0\.1\] leads back to this server/)
  assert.doesNotMatch(trace, /RELAY/)
  const [waiting] = await ask<readonly { readonly id: string }[]>(home, 'queue.ls')
  assert.ok(waiting, 'the third waits')
  const itsTrace = await traceOf(gateway, waiting.id)
  assert.match(itsTrace, /x-17/)
  assert.match(itsTrace, /4711/)
  assert.deepEqual(away.received[0]?.to, ['aki@[127.0.0.2]'])
  assert.match(away.received[0]?.text ?? '', /Received: by mx\.home\.test with LMTPSA/)
  assert.doesNotMatch(away.received[0]?.text ?? '', /127\.0\.0\.1\)|\[127\.0\.0\.1\] \(/)
  // the report to the sender holds the outside's words and name, as if home had spoken with it itself
  const report = await until('the report is there', async () => {
    const letters = await inbox(home)
    return letters.includes('x-17') && letters
  })
  assert.match(report, /Remote-MTA: dns; ?\[?127\.0\.0\.2/i)
  assert.match(report, /Diagnostic-Code: smtp; ?550[- ]5\.1\.1 Wer ist das\?[^]*Kein solcher Empfaenger\s+\(x-17\)/)
  assert.doesNotMatch(report, /RELAY/)
  await shown(home, gateway)
  await ask(home, 'queue.rm', { id: waiting.id })
}

/** Both boxes say how the way out is, in words and in figures. */
async function shown(home: Running, gateway: Running): Promise<void> {
  const atHome = await legOf(home, 'relay')
  assert.match(
    atHome.en,
    /^waiting: Last used \d+ min ago\. 1 waiting\. Recipients since the start: 1 delivered, \d+ to be tried again, 2 refused\.$/,
  )
  assert.match(atHome.ja, /^waiting: 最後の利用は\d+分前。1通が待機中。起動後の宛先: 配達1、再試行\d+、拒否2。$/)
  const atGateway = await legOf(gateway, 'relay')
  assert.match(atGateway.en, /^well: osaka sent \d+ min ago\. Recipients since the start: 1 delivered/)
  const figures = await metricsOf(home)
  for (const line of [/^hikyaku_relay_up 1$/m, /^hikyaku_relay_waiting 1$/m, /recipients\{result="failed"\} 2$/m])
    assert.match(figures, line)
  const there = await metricsOf(gateway)
  for (const line of [/^hikyaku_relay_under_way 0$/m, /^hikyaku_relay_last_used_seconds\{home="osaka"\} \d{10}$/m])
    assert.match(there, line)
}

async function metricsOf(box: Running): Promise<string> {
  return (await fetch(`http://127.0.0.1:${box.port('admin')}/metrics`)).text()
}

/** All that is in it, one after the other. */
async function inbox(home: Running): Promise<string> {
  await using imap = await Wire.openTls(home.port('imaps'))
  imap.send(`a LOGIN ${hanako} ${password}`)
  await imap.read(/a OK[^\n]*\n/)
  imap.send('b SELECT INBOX')
  await imap.read(/b OK[^\n]*\n/)
  imap.send('c FETCH 1:* BODY.PEEK[]')
  return await imap.read(/^c (?:OK|NO|BAD)[^\n]*\n/m)
}

async function awayAndBack(all: Boxes): Promise<void> {
  const { home, outside: away } = all
  const upstreams = `  upstreams: [{ name: down, host: 127.0.0.1, port: ${await freePort()}, tls: none-on-loopback-only }]\n`
  await home.reread(all.homeVia('[down, gateway]', upstreams))
  const before = away.received.length
  await all.gateway.stop()
  await send(home, ['aki@[127.0.0.2]'], 'waits@home.test')
  await until('the log names it', () =>
    home.log().includes('NET-RELAY: the gateway cannot be reached for outgoing mail'),
  )
  assert.equal(away.received.length, before)
  assert.match(
    (await legOf(home, 'relay')).en,
    /^broken: The gateway cannot be reached for \d+ min \(NET-RELAY: 451 [^]*Mail waits at home\./,
  )
  assert.match(await metricsOf(home), /^hikyaku_relay_up 0$/m)
  all.gateway = await all.startGateway()
  await ask(home, 'queue.retry')
  await until('it came', () => away.received.length === before + 1)
  await until('the log says so', () => home.log().includes('The gateway sends our mail again'))
}

async function killed(all: Boxes): Promise<void> {
  const { home, outside: away } = all
  const before = away.received.length
  away.quiet = true
  await send(home, ['aki@[127.0.0.2]'], 'killed@home.test')
  await until('the outside has the data', () => away.received.length === before + 1)
  all.gateway.child.kill('SIGKILL')
  await until('home says so', async () =>
    /it may have arrived \(unsure\)/.test(await traceOf(home, 'killed@home.test')),
  )
  away.quiet = false
  await all.startGateway()
  await ask(home, 'queue.retry')
  await until('it came again', () => away.received.length === before + 2)
  await until('nothing waits', async () => (await ask<readonly unknown[]>(home, 'queue.ls')).length === 0)
  assert.equal(away.received.length, before + 2)
}

test('configuration: via: gateway without the way to it, in both languages; a listener that nobody may use', async t => {
  const file = join(await folderOf(t), 'box.yaml')
  const problems = async (yaml: string, language: 'en' | 'ja') => {
    await writeFile(file, yaml)
    const loaded = loadConfig(file, {})
    assert.ok('problems' in loaded)
    return loaded.problems.map(problem => printProblem(problem, language)).join('\n')
  }
  const home = `${homeYaml(2525)}outbound: { routes: [{ via: gateway }, { via: [spare, gateway] }] }\n`
  const english = await problems(home, 'en')
  assert.match(english, /CONF-MISSING outbound\.routes\.0\.via: via: gateway needs the way to the gateway/)
  assert.match(english, /CONF-MISSING outbound\.routes\.1\.via: /)
  assert.match(await problems(home, 'ja'), /via: gateway にはゲートウェイへの道が必要です/)
  const gateway = gatewayYaml(2525, 25).replace(/ {2}relay: .*\n/, '')
  assert.match(await problems(gateway, 'en'), /CONF-MISSING gateway\.relay\.clients: relay listens/)
})
