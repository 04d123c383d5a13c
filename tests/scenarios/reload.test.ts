// SIGHUP: what is marked `reload` takes effect in the running process, connections stay, a bad file changes nothing.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { folderOf, serve, until } from './running.ts'
import { withUser } from '../support/administer.ts'
import { plain, Wire } from './wire.ts'

const password = 'four-couriers-by-night'
const user = 'hanako@home.test'

type Smarthost = { readonly port: number; taken(): number; begun(): number }

/** A smarthost that takes everything and counts it; its yes after the message may take a while. */
async function smarthost(t: TestContext, thinksMs = 0): Promise<Smarthost> {
  let taken = 0
  let begun = 0
  const server: Server = createServer(socket => {
    let inData = false
    let text = ''
    socket.on('error', () => undefined)
    socket.write('220 relay.internet.test ESMTP\r\n')
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      for (let end = text.indexOf('\r\n'); end >= 0; end = text.indexOf('\r\n')) {
        const line = text.slice(0, end)
        text = text.slice(end + 2)
        if (inData && line !== '.') continue
        if (inData) {
          inData = false
          taken++
          setTimeout(() => socket.write('250 ok\r\n'), thinksMs)
          continue
        } else if (/^DATA/i.test(line)) {
          inData = true
          begun++
          socket.write('354 go on\r\n')
          continue
        }
        socket.write(/^QUIT/i.test(line) ? '221 bye\r\n' : '250 ok\r\n')
        if (/^QUIT/i.test(line)) socket.end()
      }
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const address = server.address()
  return { port: typeof address === 'object' && address ? address.port : 0, taken: () => taken, begun: () => begun }
}

type Settings = {
  routes: string
  level?: string
  size?: string
  recipients?: number
  upstreams: readonly (readonly [string, number])[]
}

function yamlOf({ routes, level = 'info', size = '50MB', recipients = 100, upstreams }: Settings): string {
  const list = upstreams.map(
    ([name, port]) => `    - { name: ${name}, host: 127.0.0.1, port: ${port}, tls: none-on-loopback-only }`,
  )
  return `role: home
hostname: mail.home.test
data: ./data
log: { level: ${level} }
listen:
  - { service: submissions, address: 127.0.0.1, port: 0 }
  - { service: imaps, address: 127.0.0.1, port: 0 }
  - { service: admin, port: 0 }
tls: { localCa: true }
outbound:
  upstreams:
${list.join('\n')}
  routes: ${routes}
limits: { messageSize: ${size}, recipients: ${recipients} }
`
}

async function submit(port: number, recipient: string): Promise<void> {
  await using wire = await Wire.openTls(port)
  await wire.reply()
  await wire.say('EHLO client.home.test')
  assert.match(await wire.say(`AUTH PLAIN ${plain(user, password)}`), /^235 /)
  assert.match(await wire.say(`MAIL FROM:<${user}>`), /^250 /)
  assert.match(await wire.say(`RCPT TO:<${recipient}>`), /^250 /)
  assert.match(await wire.say('DATA'), /^354 /)
  assert.match(await wire.say(`From: ${user}\r\nTo: ${recipient}\r\nSubject: route\r\n\r\nhello\r\n.`), /^250 /)
}

test('SIGHUP: routes, upstreams, limits and the log level take effect; an IDLE session stays; a bad file changes nothing', async t => {
  const [first, second] = [await smarthost(t), await smarthost(t)]
  const folder = await folderOf(t)
  const before: Settings = { routes: '[{ via: [first] }]', upstreams: [['first', first.port]] }
  const running = await serve(t, { folder, yaml: yamlOf(before), before: file => withUser(file, user, password) })
  const submissions = running.port('submissions')

  await using idle = await Wire.openTls(running.port('imaps'))
  await idle.read(/\* OK[^\n]*\n/)
  idle.send(`a LOGIN ${user} ${password}`)
  await idle.read(/a OK[^\n]*\n/)
  idle.send('b SELECT INBOX')
  await idle.read(/b OK[^\n]*\n/)
  idle.send('c IDLE')
  await idle.read(/\+ [^\n]*\n/)

  await using quiet = await Wire.openTls(running.port('imaps'))
  quiet.send('x FETCH (')
  await quiet.read(/x BAD[^\n]*\n/)
  await submit(submissions, 'one@internet.test')
  await until('the first upstream has it', () => first.taken() === 1)

  const after: Settings = {
    routes: '[{ via: [second] }]',
    upstreams: [
      ['first', first.port],
      ['second', second.port],
    ],
    level: 'debug',
    size: '2MB',
    recipients: 150,
  }
  const applied = await running.reread(yamlOf(after))
  assert.deepEqual(applied['waitingForRestart'], [])
  assert.deepEqual([...(applied['applied'] as string[])].sort(), [
    'limits.messageSize',
    'limits.recipients',
    'log.level',
    'outbound.routes',
    'outbound.upstreams',
  ])
  await submit(submissions, 'two@internet.test')
  await until('the second upstream has it', () => second.taken() === 1)
  assert.equal(first.taken(), 1)

  await using wire = await Wire.openTls(submissions)
  await wire.reply()
  const keywords = await wire.say('EHLO client.home.test')
  assert.match(keywords, /SIZE 2000000\r\n/)
  assert.match(keywords, /RCPTMAX=150 /)

  await using broken = await Wire.openTls(running.port('imaps'))
  broken.send('x FETCH (')
  await broken.read(/x BAD[^\n]*\n/)
  await until('debug lines are written now', () => running.log().includes('"level":"debug"'))
  assert.ok(!running.log().split('was read again')[0]?.includes('"level":"debug"'), 'and were not before')

  const refused = await running.reread(`${yamlOf(before).replace('messageSize', 'mesageSize')}langauge: ja\n`)
  assert.equal(refused['msg'], 'The configuration has errors; the old one is kept')
  const problems = (refused['problems'] as string[]).join('\n')
  assert.match(problems, /limits\.mesageSize: unknown key; did you mean messageSize\?/)
  assert.match(problems, /langauge: unknown key; did you mean language\?/)
  await submit(submissions, 'three@internet.test')
  await until('the second upstream has it', () => second.taken() === 2)

  const waiting = await running.reread(yamlOf(after).replace('mail.home.test', 'other.home.test'))
  assert.deepEqual(waiting['waitingForRestart'], ['hostname'])
  assert.ok(idle.isOpen)
  idle.send('DONE')
  await idle.read(/c OK[^\n]*\n/)
  assert.equal(await running.stop(), 0)
})

test('SIGHUP: a file of a new upstream that cannot be read keeps everything as it was', async t => {
  const host = await smarthost(t)
  const folder = await folderOf(t)
  const yaml = yamlOf({ routes: '[]', upstreams: [['first', host.port]] })
  const running = await serve(t, { folder, yaml, before: file => withUser(file, user, password) })
  const named = yaml.replace(
    'tls: none-on-loopback-only }',
    'tls: none-on-loopback-only, username: u, passwordFile: ./gone.key }',
  )
  const answer = await running.reread(named)
  assert.match((answer['problems'] as string[]).join('\n'), /CONF-UNREADABLE outbound\.upstreams\.0\.passwordFile/)
  await submit(running.port('submissions'), 'one@internet.test')
  await until('the upstream has it', () => host.taken() === 1)
  await writeFile(join(folder, 'gone.key'), 'secret\n', { mode: 0o600 })
  assert.deepEqual((await running.reread())['applied'], ['outbound.upstreams'])
})

test('SIGHUP: the domains of a gateway whose home writes no list', async t => {
  const folder = await folderOf(t)
  const yaml = `role: gateway
hostname: mx.home.test
dns: { servers: ['127.0.0.1:1'] }
data: ./data
listen: [{ service: mx, address: 127.0.0.1, port: 0 }]
gateway: { domains: [home.test], home: { url: 'lmtp://127.0.0.1:1' } }
`
  const running = await serve(t, { folder, yaml })
  const asks = async (domain: string) => {
    await using wire = await Wire.open(running.port('mx'))
    await wire.reply()
    await wire.say('EHLO internet.test')
    await wire.say('MAIL FROM:<someone@internet.test>')
    return await wire.say(`RCPT TO:<hanako@${domain}>`)
  }
  assert.match(await asks('second.test'), /^55\d /)
  assert.deepEqual((await running.reread(yaml.replace('[home.test]', '[home.test, second.test]')))['applied'], [
    'gateway.domains',
  ])
  assert.match(await asks('second.test'), /^(250|4\d\d) /)
  assert.match(await asks('home.test'), /^(250|4\d\d) /)
})

test('SIGHUP: the number of connections; those that are open stay', async t => {
  const folder = await folderOf(t)
  const yaml =
    'role: home\nhostname: mail.home.test\ndata: ./data\nlisten: [{ service: imap, address: 127.0.0.1, port: 0 }]\ntls: { localCa: true }\n'
  const running = await serve(t, { folder, yaml })
  const greeted = async () => {
    const wire = await Wire.open(running.port('imap'))
    t.after(() => wire[Symbol.asyncDispose]())
    return { wire, words: await wire.read(/^\* [^\n]*\n/) }
  }
  const before = await Promise.all(Array.from({ length: 12 }, greeted))
  assert.ok(before.every(({ words }) => words.startsWith('* OK')))
  const limited = await running.reread(`${yaml}limits: { connections: 10 }\n`)
  assert.deepEqual(limited['applied'], ['limits.connections'])
  assert.match((await greeted()).words, /^\* BYE \[UNAVAILABLE\] Too many connections/)
  for (const { wire } of before) {
    wire.send('a NOOP')
    await wire.read(/a OK[^\n]*\n/)
  }
})

test('SIGHUP: a letter that an upstream is just being given is given to its end, once, though the upstream is replaced', async t => {
  const [slow, other] = [await smarthost(t, 3_000), await smarthost(t)]
  const folder = await folderOf(t)
  const yaml = (port: number) => yamlOf({ routes: '[]', upstreams: [['only', port]] })
  const running = await serve(t, { folder, yaml: yaml(slow.port), before: file => withUser(file, user, password) })
  await submit(running.port('submissions'), 'one@internet.test')
  await until('it is on its way', () => slow.begun() === 1)
  assert.deepEqual((await running.reread(yaml(other.port)))['applied'], ['outbound.upstreams'])
  await submit(running.port('submissions'), 'two@internet.test')
  await until('the other one gets what comes after', () => other.taken() === 1)
  await until('nothing waits', async () => !(await running.command('queue', 'ls')).out.includes('internet.test'))
  assert.deepEqual([slow.taken(), other.taken()], [1, 1])
  const trace = await running.command('trace', 'one@internet.test')
  assert.match(trace.out, / sent <hanako@home\.test> → one@internet\.test/)
})
