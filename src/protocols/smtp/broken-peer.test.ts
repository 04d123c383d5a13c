// What servers get wrong, each as a script: nothing hangs, nothing is lost, and what may have arrived is called so.
import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import test, { type TestContext } from 'node:test'
import type { Envelope } from '#formats/envelope.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { smtpTransport, type TransportOptions } from './transport.ts'
import { envelopeTo, opportunistic } from './client.testbed.ts'

type Line = string | ((socket: Socket) => void)
/** What it says at first, and to each command by its first word; `body`: to the end of the message */
type Script = { readonly greeting?: Line; readonly body?: Line } & Readonly<Record<string, Line | undefined>>

type Peer = { readonly port: number; readonly heard: string[]; readonly bytes: () => string }

async function peerOf(t: TestContext, script: Script): Promise<Peer> {
  const heard: string[] = []
  let all = ''
  const server = createServer(socket => {
    let inData = false
    let text = ''
    const say = (line: Line | undefined, standard: string) => {
      if (typeof line === 'function') return line(socket)
      socket.write(`${line ?? standard}\r\n`)
    }
    socket.on('error', () => undefined)
    say(script.greeting, '220 broken.test ESMTP')
    socket.on('data', chunk => {
      all += chunk.toString('latin1')
      text += chunk.toString('latin1')
      for (;;) {
        const end = text.indexOf(inData ? '\r\n.\r\n' : '\r\n')
        if (end < 0) return
        const line = text.slice(0, end)
        text = text.slice(end + (inData ? 5 : 2))
        if (inData) {
          inData = false
          say(script.body, '250 2.0.0 Taken')
          continue
        }
        const verb = line.split(/[ :]/)[0]?.toUpperCase() ?? ''
        heard.push(line)
        inData = verb === 'DATA' && script['DATA'] === undefined
        say(script[verb], verb === 'DATA' ? '354 Go on' : '250 2.0.0 OK')
      }
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  return { port: (server.address() as { port: number }).port, heard, bytes: () => all }
}

async function send(
  peer: Peer,
  more: {
    options?: Partial<TransportOptions>
    envelope?: Partial<Envelope>
    message?: MessageSource
    to?: string[]
  } = {},
) {
  await using transport = smtpTransport({
    server: { host: '127.0.0.1', port: peer.port },
    helo: 'mail.home.test',
    tls: opportunistic,
    budgetMs: 700,
    ...more.options,
  })
  const message = more.message ?? memorySource(Buffer.from('Subject: x\r\n\r\nHello\r\n'))
  const envelope = envelopeTo(more.to ?? ['x@internet.test'], { body: '7BIT', ...more.envelope })
  return transport(envelope, message, AbortSignal.timeout(3000))
}

const cut = (socket: Socket) => void socket.destroy()
const silent = () => undefined

const scripts: readonly (readonly [string, Script, RegExp, ('unreached' | 'unsure')?])[] = [
  ['never greets', { greeting: silent }, /^deferred 451 4\.4\.1 /, 'unreached'],
  ['greets and cuts', { greeting: cut }, /^deferred 451 4\.4\.1 /, 'unreached'],
  [
    'refuses at the door',
    { greeting: '554 5.7.1 Go away' },
    /^deferred 451 4\.4\.0 .*554 5\.7\.1 Go away/,
    'unreached',
  ],
  ['speaks HTTP', { greeting: 'HTTP/1.1 400 Bad Request' }, /^deferred 451 4\.5\.0 /, 'unreached'],
  [
    'an endless line',
    { greeting: socket => void socket.write('220 '.padEnd(9000, 'x')) },
    /^deferred 451 4\.4\.1 /,
    'unreached',
  ],
  [
    'endless lines',
    { greeting: socket => void socket.write('220-x\r\n'.repeat(5000)) },
    /^deferred 451 4\.5\.0 /,
    'unreached',
  ],
  ['codes that change within a reply', { EHLO: '250-a\r\n550 b' }, /^deferred 451 4\.5\.0 /, 'unreached'],
  ['octet by octet, for ever', { EHLO: dripping }, /^deferred 451 4\.4\.1 .*too long/, 'unreached'],
  ['cuts at EHLO', { EHLO: cut }, /^deferred 451 4\.4\.1 /, 'unreached'],
  ['knows no EHLO', { EHLO: '502 What?' }, /^delivered 250 /],
  ['STARTTLS is refused', { EHLO: '250-x\r\n250 STARTTLS', STARTTLS: '454 4.7.0 No TLS today' }, /^delivered 250 /],
  [
    'STARTTLS is followed by rubbish',
    { EHLO: once('250-x\r\n250 STARTTLS', '250 x'), STARTTLS: rubbish },
    /^delivered 250 /,
  ],
  ['421 at MAIL', { MAIL: '421 4.7.0 Too many connections' }, /^deferred 421 4\.7\.0 Too many connections/],
  [
    'sends us away at MAIL, and we had said more',
    { EHLO: '250-x\r\n250 PIPELINING', MAIL: socket => void socket.end('421 4.7.0 Slow down\r\n') },
    /^deferred 421 4\.7\.0 Slow down/,
  ],
  ['cuts at MAIL', { MAIL: cut }, /^deferred 451 4\.4\.2 .*before the message/],
  ['cuts at RCPT', { RCPT: cut }, /^deferred 451 4\.4\.2 .*before the message/],
  ['greylists', { RCPT: '450 4.7.1 Greylisted' }, /^deferred 450 4\.7\.1 Greylisted/],
  ['cuts at DATA', { DATA: cut }, /^deferred 451 4\.4\.2 .*before the message/],
  ['takes no DATA', { DATA: '554 5.5.1 No valid recipients' }, /^failed 554 5\.5\.1 /],
  [
    'cuts after 354',
    { DATA: socket => void socket.end('354 Go on\r\n') },
    /^deferred 451 4\.4\.2 .*may have arrived/,
    'unsure',
  ],
  ['cuts after the message', { body: cut }, /^deferred 451 4\.4\.2 .*may have arrived \(unsure\)/, 'unsure'],
  ['silent after the message', { body: silent }, /^deferred 451 4\.4\.2 .*may have arrived \(unsure\)/, 'unsure'],
  ['451 after the message', { body: '451 4.3.0 Try later' }, /^deferred 451 4\.3\.0 Try later/],
  ['two replies for one', { body: '250 2.0.0 Taken\r\n250 2.0.0 Taken' }, /^delivered 250 /],
]
for (const [name, script, wanted, mark] of scripts)
  test(`a peer that ${name}`, async t => {
    const [result] = await send(await peerOf(t, script))
    assert.ok(result)
    const { status, reply, unreached, unsure } = result
    assert.match(`${status} ${reply.code} ${reply.enhanced ?? ''} ${reply.lines.join(' ')}`, wanted)
    assert.deepEqual([unreached ?? false, unsure ?? false], [mark === 'unreached', mark === 'unsure'])
  })

// A firewall that rewrites commands let CHUNKING through and not BDAT: every letter behind it was returned.
for (const [words, end] of [
  ['503 5.5.1 What?', true],
  ['500 Unrecognized', false],
] as const)
  test(`a peer that offers CHUNKING and answers BDAT with ${words} gets the letter by DATA, and the next one too`, async t => {
    const script: Script = {
      EHLO: '250-x\r\n250 CHUNKING',
      BDAT: socket => void (end ? socket.end(`${words}\r\n`) : socket.write(`${words}\r\n`)),
    }
    const peer = await peerOf(t, script)
    await using transport = smtpTransport({
      server: { host: '127.0.0.1', port: peer.port },
      helo: 'mail.home.test',
      tls: opportunistic,
      budgetMs: 700,
    })
    const letter = memorySource(Buffer.from('Subject: x\r\n\r\nHello\r\n'))
    for (let times = 0; times < 2; times++) {
      const [result] = await transport(
        envelopeTo(['x@internet.test'], { body: '7BIT' }),
        letter,
        AbortSignal.timeout(3000),
      )
      assert.equal(result?.status, 'delivered', result?.reply.lines.join(' '))
    }
    assert.equal(peer.heard.filter(line => line.startsWith('BDAT')).length, 1)
    assert.equal(peer.heard.filter(line => line.startsWith('DATA')).length, 2)
  })

test('a peer that cuts in the middle of a large letter cannot have taken it', async t => {
  const peer = await peerOf(t, {
    DATA(socket) {
      socket.write('354 Go on\r\n')
      socket.once('data', () => socket.resetAndDestroy())
    },
  })
  const text = `${'x'.repeat(70)}\r\n`.repeat(300_000)
  const [result] = await send(peer, { message: memorySource(Buffer.from(`Subject: x\r\n\r\n${text}`)) })
  assert.match(`${result?.reply.enhanced} ${result?.reply.lines.join(' ')}`, /^4\.4\.2 .*before the message/)
  assert.equal(result?.unsure, undefined)
})

function dripping(socket: Socket): void {
  const timer = setInterval(() => socket.write('2'), 50)
  socket.on('close', () => clearInterval(timer))
}

/** The first connection is told something else than the others. */
function once(first: string, others: string): Line {
  let told = false
  return socket => {
    socket.write(`${told ? others : first}\r\n`)
    told = true
  }
}

function rubbish(socket: Socket): void {
  socket.write('220 Go ahead\r\n')
  setTimeout(() => socket.write('this is no TLS record at all'), 20)
}

test('where TLS is demanded, a peer without it gets nothing', async t => {
  for (const script of [
    {},
    { EHLO: '250-x\r\n250 STARTTLS', STARTTLS: '454 4.7.0 No TLS today' },
    { EHLO: '250-x\r\n250 STARTTLS', STARTTLS: rubbish },
  ]) {
    const peer = await peerOf(t, script)
    const [result] = await send(peer, { options: { tls: { mode: 'required', from: 'starttls' } } })
    assert.equal(result?.status, 'deferred')
    assert.ok(!peer.heard.some(line => line.startsWith('MAIL')))
  }
})

test('REQUIRETLS goes to nobody who does not promise it', async t => {
  const peer = await peerOf(t, { EHLO: '250-x\r\n250 REQUIRETLS' })
  const [result] = await send(peer, { envelope: { requireTls: true } })
  assert.deepEqual([result?.status, result?.reply.enhanced], ['failed', '5.7.30'])
  assert.ok(!peer.heard.some(line => line.startsWith('MAIL')))
})

test('nothing that an address or an ENVID holds begins a command of its own', async t => {
  const peer = await peerOf(t, { EHLO: '250-x\r\n250 DSN' })
  const evil = 'x>\r\nRCPT TO:<victim@internet.test'
  await send(peer, { to: [evil, 'ok@internet.test'], envelope: { dsnEnvelopeId: 'a\r\nRSET' } })
  assert.ok(!peer.heard.some(line => /^RCPT TO:<victim|^RSET/.test(line)), peer.heard.join('\n'))
  const second = await peerOf(t, {})
  await send(second, { envelope: { reversePath: 'a@home.test>\r\nRCPT TO:<victim@internet.test' } })
  assert.ok(!second.heard.some(line => line.startsWith('RCPT TO:<victim')), second.heard.join('\n'))
})

test('bare CR and LF leave as CRLF and never end a message, by DATA and by BDAT', async t => {
  const smuggled = 'Subject: x\r\n\r\none\n.\nMAIL FROM:<evil@x.test>\r.\rtwo\n.\r\nthree\r\n'
  const message = memorySource(Buffer.from(smuggled))
  const byData = await peerOf(t, {})
  await send(byData, { message })
  assert.deepEqual(byData.heard.filter(line => line.startsWith('MAIL')).length, 1)
  assert.ok(!/(?<!\r)\n|\r(?!\n)/.test(byData.bytes()))
  assert.match(byData.bytes(), /\r\none\r\n\.\.\r\nMAIL FROM:<evil@x\.test>\r\n\.\.\r\ntwo\r\n\.\.\r\nthree\r\n\.\r\n/)
  const byChunk = await peerOf(t, { EHLO: '250-x\r\n250 CHUNKING' })
  await send(byChunk, { message })
  assert.ok(!/(?<!\r)\n|\r(?!\n)/.test(byChunk.bytes()), JSON.stringify(byChunk.bytes()))
})

test('an upstream whose first address is dead is reached by the next, IPv4 first', async t => {
  const peer = await peerOf(t, {})
  const asked: string[] = []
  const resolver = {
    addresses: async (name: string) => {
      asked.push(name)
      return { kind: 'found' as const, value: ['::1', '127.0.0.99', '127.0.0.1'] }
    },
  } as unknown as NonNullable<TransportOptions['resolver']>
  const [result] = await send(peer, { options: { server: { host: 'smtp.relay.test', port: peer.port }, resolver } })
  assert.equal(result?.status, 'delivered')
  assert.deepEqual(asked, ['smtp.relay.test'])
})
