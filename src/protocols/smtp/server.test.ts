import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import net from 'node:net'
import path from 'node:path'
import type { Duplex } from 'node:stream'
import test from 'node:test'
import { connect as tlsConnect } from 'node:tls'
import { X509Certificate } from 'node:crypto'
import { createTransport } from 'nodemailer'
import { smtpReply } from '#formats/smtp-reply.ts'
import { smtpBench, type SmtpBench } from './smtp.testbed.ts'

const envelope = 'HELO x\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@home.test>\r\nDATA\r\n'

/** Everything the server says until `pattern` matches. */
async function until(client: Duplex, pattern: RegExp, before = ''): Promise<string> {
  let said = before
  while (!pattern.test(said)) {
    const [chunk] = (await once(client, 'data', { signal: AbortSignal.timeout(5_000) })) as [Buffer]
    said += chunk.toString('latin1')
  }
  return said
}

async function toData(bench: SmtpBench, overrides: Parameters<SmtpBench['session']>[0] = {}) {
  const { client, ended } = bench.session(overrides)
  client.write(envelope)
  await until(client, /^354/m)
  return { client, ended }
}

const endings: readonly [name: string, act: (client: Duplex) => Promise<void>, outcome: string][] = [
  ['the peer goes on', async client => void client.write('NOOP\r\n'), 'confirmed'],
  ['the peer closes cleanly', async client => void client.end(), 'confirmed'],
  ['the peer vanishes', async client => void client.destroy(new Error('reset')), 'gone'],
]
for (const [name, act, outcome] of endings)
  test(`after the reply ${name}: ${outcome}, once`, async () => {
    await using bench = await smtpBench('mx')
    const { client, ended } = await toData(bench)
    client.write('Subject: x\r\n\r\ntext\r\n.\r\n')
    await until(client, /^250 2.6.0/m)
    assert.deepEqual(bench.receiver.outcomes, [])
    await act(client)
    setTimeout(() => client.end('QUIT\r\n'), 50).unref()
    await ended
    assert.deepEqual(bench.receiver.outcomes, [outcome])
    assert.equal(bench.receiver.taken.length, 1)
  })

test('a reset over a real socket after the reply is gone, a QUIT is confirmed', async () => {
  await using bench = await smtpBench('mx')
  const listener = await bench.listen()
  for (const leave of ['reset', 'quit']) {
    const socket = net.connect(listener.port, '127.0.0.1')
    socket.write(envelope)
    await until(socket, /^354/m)
    socket.write('text\r\n.\r\n')
    await until(socket, /^250 2.6.0/m)
    if (leave === 'reset') socket.resetAndDestroy()
    else socket.end('QUIT\r\n')
    while (listener.connections > 0) await new Promise(resolve => setTimeout(resolve, 10))
  }
  assert.deepEqual(bench.receiver.outcomes, ['gone', 'confirmed'])
})

test('commands that waited behind the final dot prove nothing', async () => {
  await using bench = await smtpBench('mx')
  const { client, ended } = await toData(bench)
  let decide = () => {}
  bench.receiver.verdict = () =>
    new Promise(resolve => {
      decide = () => resolve(smtpReply(250, '2.6.0', 'Taken'))
    })
  client.write('text\r\n.\r\nNOOP\r\n')
  while (bench.receiver.taken.length === 0) await new Promise(resolve => setImmediate(resolve))
  await new Promise(resolve => setTimeout(resolve, 20))
  decide()
  await until(client, /^250 2.0.0 Still/m)
  client.destroy(new Error('reset'))
  await ended
  assert.deepEqual(bench.receiver.outcomes, ['gone'])
})

test('leaving in the middle of a message is gone, before it aborted', async () => {
  await using bench = await smtpBench('mx')
  const inside = await toData(bench)
  inside.client.end('half a line')
  await inside.ended
  const before = bench.session()
  before.client.end('HELO x\r\nMAIL FROM:<a@example.org>\r\n')
  before.client.resume()
  await before.ended
  const reset = bench.session()
  reset.client.end('HELO x\r\nMAIL FROM:<a@example.org>\r\nRSET\r\nMAIL FROM:<>\r\nHELO y\r\nQUIT\r\n')
  reset.client.resume()
  await reset.ended
  assert.deepEqual(bench.receiver.outcomes, ['gone', 'aborted', 'aborted', 'aborted'])
  assert.equal(bench.receiver.taken.length, 0)
})

for (const [encryptSpool, place] of [
  [false, 'file'],
  [true, 'stream'],
] as const)
  test(`3 MB go through the spool (${place}) unchanged, and leave nothing`, async () => {
    await using bench = await smtpBench('mx', { maxMessageBytes: 5_000_000, encryptSpool })
    const { client, ended } = await toData(bench)
    const body = `Subject: big\r\n\r\n${'0123456789.\r\n.dot\r\n'.repeat(170_000)}`
    client.write(`${body.replace(/^\./gm, '..')}.\r\nQUIT\r\n`)
    client.end()
    client.resume()
    await ended
    const [taken] = bench.receiver.taken
    assert.equal(taken?.place, place)
    assert.ok(taken?.body.equals(Buffer.from(body)))
    await new Promise(resolve => setTimeout(resolve, 20))
    assert.deepEqual(await readdir(path.join(bench.folder, 'spool')), [])
  })

test('too big is 552 after the dot, and the session goes on', async () => {
  await using bench = await smtpBench('mx', { maxMessageBytes: 1000 })
  const { client, ended } = await toData(bench)
  client.write(`${'x'.repeat(100)}\r\n`.repeat(50))
  client.write('.\r\nQUIT\r\n')
  const said = await until(client, /^221/m)
  assert.match(said, /^552 5.3.4/)
  client.end()
  await ended
  assert.deepEqual(bench.receiver.outcomes, ['aborted'])
})

test('no room in the spool is 452 4.3.1', async () => {
  await using bench = await smtpBench('mx', { maxMessageBytes: 5_000_000 })
  const full = { create: () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' })) }
  const { client, ended } = await toData(bench, { spool: full })
  client.write(`${'x'.repeat(1000)}\r\n`.repeat(1500))
  client.write('.\r\nQUIT\r\n')
  assert.match(await until(client, /^221/m), /^452 4.3.1/)
  client.end()
  await ended
})

test('bare line ends in data: refused, or converted by setting', async () => {
  await using bench = await smtpBench('mx')
  for (const bareLineEnds of ['refuse', 'convert'] as const) {
    const { client, ended } = await toData(bench, { bareLineEnds })
    client.write('a\nb\r\n.\nc\r\n.\r\nQUIT\r\n')
    const said = await until(client, /^221/m)
    assert.match(said, bareLineEnds === 'refuse' ? /^550 5.6.0/ : /^250 2.6.0/)
    client.end()
    await ended
  }
  assert.deepEqual(
    bench.receiver.taken.map(taken => taken.body.toString()),
    ['a\r\nb\r\n\r\nc\r\n'],
  )
})

test('a receiver that fails or hangs is 451, and the sender may come again', async () => {
  await using bench = await smtpBench('lmtp')
  bench.receiver.verdict = () => Promise.reject(new Error('broken'))
  const lhlo = envelope.replace('HELO', 'LHLO').replace('DATA', 'RCPT TO:<c@home.test>\r\nDATA')
  const broken = bench.session()
  broken.client.write(lhlo)
  await until(broken.client, /^354/m)
  broken.client.write('x\r\n.\r\nQUIT\r\n')
  assert.match(await until(broken.client, /^221/m), /^451 4.3.0 .*\r\n451 4.3.0 .*\r\n221/)
  broken.client.end()
  await broken.ended
  bench.receiver.verdict = () => new Promise(() => {})
  const hung = bench.session({ timeouts: { verdictMs: 30 } })
  hung.client.write(lhlo)
  await until(hung.client, /^354/m)
  hung.client.write('x\r\n.\r\nQUIT\r\n')
  assert.match(await until(hung.client, /^221/m), /^451 4.3.0/)
  hung.client.end()
  await hung.ended
  assert.deepEqual(bench.receiver.outcomes, ['gone', 'gone'])
})

test('silence ends a session with 421, in a command and in data', async () => {
  await using bench = await smtpBench('mx')
  const idle = bench.session({ timeouts: { commandMs: 30 } })
  assert.match(await until(idle.client, /421/), /^421 4.4.2/m)
  idle.client.end()
  await idle.ended
  const { client, ended } = await toData(bench, { timeouts: { dataMs: 30 } })
  client.write('half')
  assert.match(await until(client, /421/), /^421 4.4.2/m)
  client.end()
  await ended
  assert.deepEqual(bench.receiver.outcomes, ['gone'])
})

test('a peer that dribbles a command has no more time than a silent one', async () => {
  await using bench = await smtpBench('mx')
  const { client, ended } = bench.session({ timeouts: { commandMs: 150 } })
  const dribble = setInterval(() => client.write('x'), 20)
  try {
    assert.match(await until(client, /421/), /^421 4.4.2/m)
  } finally {
    clearInterval(dribble)
  }
  client.end()
  await ended
})

test('nor has one that dribbles its message, by DATA or BDAT', async () => {
  await using bench = await smtpBench('mx')
  for (const begin of ['DATA\r\n', 'BDAT 100000\r\n']) {
    const { client, ended } = bench.session({ timeouts: { dataMs: 100 } })
    client.write('EHLO a.example\r\nMAIL FROM:<a@internet.test>\r\nRCPT TO:<hanako@home.test>\r\n')
    await until(client, /2.1.5/)
    client.write(begin)
    // Fewer than 64 octets a second
    const dribble = setInterval(() => client.write('x'), 40)
    try {
      assert.match(await until(client, /421/), /^421 4.4.2/m, begin)
    } finally {
      clearInterval(dribble)
    }
    client.end()
    await ended
  }
  assert.deepEqual(bench.receiver.outcomes, ['gone', 'gone'])
})

test('stopping says 421 to those who wait', async () => {
  await using bench = await smtpBench('mx')
  const stop = new AbortController()
  const { client, ended } = bench.session({}, stop.signal)
  await until(client, /^220/m)
  stop.abort()
  assert.match(await until(client, /421/), /^421 4.3.2/m)
  client.end()
  await ended
})

const floods: readonly [name: string, sent: string, said: RegExp][] = [
  ['errors', 'FOO\r\n'.repeat(30), /^421 4.7.0 Too many errors/m],
  ['NOOP', 'NOOP\r\n'.repeat(200), /^421 4.7.0/m],
  ['RSET', 'RSET\r\n'.repeat(200), /^421 4.7.0/m],
  ['unknown recipients', `HELO x\r\nMAIL FROM:<>\r\n${'RCPT TO:<unknown@home.test>\r\n'.repeat(150)}`, /^421 4.7.0/m],
  ['a line without end', 'x'.repeat(100_000), /^500 5.5.6|^220/m],
  ['a long line', `NOOP ${'x'.repeat(3000)}\r\n`, /^500 5.5.6/m],
]
for (const [name, sent, said] of floods)
  test(`bounded: ${name}`, async () => {
    await using bench = await smtpBench('mx')
    const { client, ended } = bench.session()
    client.write(sent)
    await until(client, said)
    client.end()
    client.resume()
    await ended
  })

test('recipients beyond the limit get 452 4.5.3', async () => {
  await using bench = await smtpBench('mx')
  const { client, ended } = bench.session()
  client.write(`HELO x\r\nMAIL FROM:<>\r\n${'RCPT TO:<b@home.test>\r\n'.repeat(101)}QUIT\r\n`)
  const said = await until(client, /^221/m)
  assert.equal(said.match(/^250 2.1.5/gm)?.length, 100)
  assert.equal(said.match(/^452 4.5.3/gm)?.length, 1)
  client.end()
  await ended
})

test('LMTP: nobody speaks before they prove who they are; a gateway by certificate or password', async () => {
  await using bench = await smtpBench('lmtp')
  const pair = await bench.ca.issueClient('gw')
  const fingerprint = new X509Certificate(pair.cert).fingerprint256.replaceAll(':', '').toLowerCase()
  const peers = {
    certificates: new Map([[fingerprint, 'gw']]),
    passwords: new Map([['postfix', 'pass']]),
    allowUnauthenticated: false,
  }
  const listener = await bench.listen({ peers })
  const plain = net.connect(listener.port, '127.0.0.1')
  plain.write('LHLO x\r\nMAIL FROM:<>\r\n')
  assert.match(await until(plain, /^421 /m), /^421-4.7.0 LMTP-AUTH/m, 'a Postfix would return the mail on 5xx')

  for (const by of ['certificate', 'password']) {
    const socket = net.connect(listener.port, '127.0.0.1')
    socket.write('LHLO x\r\nSTARTTLS\r\n')
    await until(socket, /^220 2.0.0/m)
    socket.removeAllListeners('data')
    const secure = tlsConnect({
      socket,
      ca: bench.ca.certificatePem,
      servername: 'localhost',
      ...(by === 'certificate' && pair),
    })
    secure.write('LHLO x\r\n')
    let said = await until(secure, /^250 /m)
    assert.equal(/^250.XHIKYAKU/m.test(said), by === 'certificate')
    if (by === 'password') {
      secure.write(`AUTH PLAIN ${Buffer.from('\0postfix\0wrong').toString('base64')}\r\n`)
      await until(secure, /^535/m)
      secure.write(`AUTH PLAIN ${Buffer.from('\0postfix\0pass').toString('base64')}\r\nLHLO x\r\n`)
      said = await until(secure, /^250 /m)
      assert.match(said, /^235[\s\S]*^250.XHIKYAKU/m)
    }
    secure.write(
      'XHIKYAKU HELLO origin=gw boot=7\r\nXHIKYAKU SETTLE gw.7.1 a+2Bb@home.test gw.7.2 c@home.test\r\nMAIL FROM:<>\r\nQUIT\r\n',
    )
    said = await until(secure, /^221/m)
    assert.match(said, /^250 2.1.0/m)
    secure.destroy()
  }
  assert.deepEqual(bench.receiver.hellos, ['gw 7', 'gw 7'])
  assert.deepEqual(bench.receiver.settledNews[0], { id: 'gw.7.1', recipient: 'a+b@home.test' })
})

test('nodemailer submits with STARTTLS and a login', async () => {
  await using bench = await smtpBench('submission')
  const listener = await bench.listen()
  const mailer = createTransport({
    host: 'localhost',
    port: listener.port,
    requireTLS: true,
    auth: { user: 'hanako@home.test', pass: 'secret' },
    tls: { ca: bench.ca.certificatePem },
  })
  await mailer.sendMail({
    from: 'hanako@home.test',
    to: ['aki@internet.test', 'b@internet.test'],
    subject: '飛脚',
    text: '.\n..\n本文\n',
    dsn: { id: 'q 1', return: 'headers', notify: ['failure'], recipient: 'hanako@home.test' },
  })
  mailer.close()
  const [taken] = bench.receiver.taken
  assert.equal(taken?.session.login?.address, 'hanako@home.test')
  assert.match(taken?.session.tls?.protocol ?? '', /^TLSv1/)
  assert.deepEqual(
    taken?.recipients.map(recipient => recipient.address),
    ['aki@internet.test', 'b@internet.test'],
  )
  assert.equal(taken?.envelope.dsnReturn, 'HDRS')
  assert.match(taken?.body.toString() ?? '', /^Subject: =\?UTF-8/m)
})
