import assert from 'node:assert/strict'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import { duplexPair } from 'node:stream'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import { silentLog } from '#base/log.ts'
import { Connection, PeerGone, PeerTimeout } from './connection.ts'
import { listen } from './listener.ts'

function pair() {
  const [peer, stream] = duplexPair()
  peer.on('error', () => undefined)
  return { peer, connection: new Connection(stream) }
}

test('lines come out whole, however they are cut', async () => {
  const cases = fc.tuple(
    fc.array(fc.stringMatching(/^[a-z]{0,9}$/), { minLength: 1, maxLength: 6 }),
    fc.array(fc.nat({ max: 60 }), { maxLength: 5 }),
  )
  await fc.assert(
    fc.asyncProperty(cases, async ([lines, cuts]) => {
      const { peer, connection } = pair()
      const wire = lines.map(line => `${line}\r\n`).join('')
      let at = 0
      for (const cut of [...cuts.toSorted((a, b) => a - b), wire.length]) {
        if (cut > at) peer.write(wire.slice(at, cut))
        at = Math.max(at, cut)
      }
      for (const line of lines) {
        const got = await connection.line(100, 1000)
        assert.ok(got?.kind === 'line' && !got.bare)
        assert.equal(Buffer.from(got.bytes).toString(), line)
      }
      connection.destroy()
    }),
  )
})

const lines: readonly [wire: string, kind: string][] = [
  ['abc\n', 'bare'],
  ['a\rb\r\n', 'bare'],
  ['\n', 'bare'],
  ['\r\n', ''],
  [`${'x'.repeat(20)}\r\nnext\r\n`, 'too-long'],
  [`${'x'.repeat(200_000)}\r\n`, 'too-long'],
]
for (const [wire, kind] of lines)
  test(`${JSON.stringify(wire.slice(0, 30))} is ${kind === '' ? 'good' : kind}, and what follows is read`, async () => {
    const { peer, connection } = pair()
    peer.write(wire.slice(0, 1))
    peer.write(`${wire.slice(1)}after\r\n`)
    const got = await connection.line(16, 1000)
    assert.equal(got?.kind === 'line' ? (got.bare ? 'bare' : '') : got?.kind, kind)
    let last = await connection.line(16, 1000)
    if (wire.includes('next')) last = await connection.line(16, 1000)
    assert.ok(last?.kind === 'line' && Buffer.from(last.bytes).toString() === 'after')
    connection.destroy()
  })

test('a line without end never takes more memory than its limit and a chunk', async () => {
  const { peer, connection } = pair()
  for (let at = 0; at < 100; at++) {
    peer.write(Buffer.alloc(10_000, 'x'))
    await sleep(0)
    connection.tryLine(1000)
    assert.ok(connection.buffered.length <= 11_000)
  }
  connection.destroy()
})

test('each read has its own time, whether longer or shorter than that of the read before', async () => {
  const { peer, connection } = pair()
  for (const [before, now] of [
    [30, 150],
    [60_000, 150],
  ] as const) {
    const first = connection.fill(before)
    peer.write('x')
    assert.equal(await first, true)
    const since = performance.now()
    await assert.rejects(connection.fill(now), PeerTimeout)
    const lasted = performance.now() - since
    assert.ok(lasted >= now && lasted < now + 1000, `${lasted}`)
  }
  connection.destroy()
})

test('silence, an abort and the end of the stream each end a wait in their own way', async () => {
  const { peer, connection } = pair()
  await assert.rejects(connection.line(100, 20), PeerTimeout)
  const stop = new AbortController()
  const waiting = connection.line(100, 1000, stop.signal)
  stop.abort(new Error('stop'))
  await assert.rejects(waiting, /stop/)
  await assert.rejects(connection.fill(1000, stop.signal), /stop/)
  peer.end('half')
  assert.equal(await connection.line(100, 1000), undefined)
  assert.equal(connection.endedCleanly, true)
  connection.destroy()
})

test('a peer that has closed its own side is still answered', async () => {
  const server = net.createServer({ allowHalfOpen: true }, socket => {
    const connection = new Connection(socket)
    void (async () => {
      await connection.line(100, 1000)
      assert.equal(await connection.fill(1000), false)
      connection.write('answer\r\n')
      await connection.end()
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.end('question\r\n')
  let said = ''
  for await (const chunk of client) said += String(chunk)
  assert.equal(said, 'answer\r\n')
  server.close()
})

test('last words reach a peer that goes on sending: no reset before they are read', async () => {
  const server = net.createServer({ allowHalfOpen: true }, socket => {
    const connection = new Connection(socket)
    connection.write('421 bye\r\n')
    void connection.end(500)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1')
  client.write(Buffer.alloc(300_000))
  let said = ''
  client.on('data', chunk => (said += String(chunk)))
  await once(client, 'end')
  client.end()
  assert.equal(said, '421 bye\r\n')
  server.close()
})

test('a peer that takes nothing runs into the deadline, one that is gone is told apart', async () => {
  const { connection } = pair()
  connection.write(Buffer.alloc(300_000))
  await assert.rejects(connection.flush(30), PeerTimeout)
  connection.destroy()
  connection.write('x')
  await assert.rejects(connection.flush(30), PeerGone)
})

test('reading stops while the buffer is full', async () => {
  const { peer, connection } = pair()
  let sentBytes = 0
  while (peer.write(Buffer.alloc(16_384)) && sentBytes < 10_000_000) {
    sentBytes += 16_384
    await sleep(0)
  }
  assert.ok(connection.buffered.length < 256 * 1024)
  connection.destroy()
})

test('an upgrade throws the plaintext away', async () => {
  const { peer, connection } = pair()
  peer.write('STARTTLS\r\nNOOP\r\n')
  await connection.line(100, 1000)
  const [other, under] = duplexPair()
  connection.upgrade(() => under)
  assert.equal(connection.buffered.length, 0)
  other.write('EHLO\r\n')
  const line = await connection.line(100, 1000)
  assert.ok(line?.kind === 'line' && Buffer.from(line.bytes).toString() === 'EHLO')
  connection.destroy()
})

test('a listener: bounds, refusal in words, two-step end', async () => {
  let goodbyes = 0
  const listener = await listen({
    host: '127.0.0.1',
    port: 0,
    maxConnections: 2,
    graceMs: 100,
    log: silentLog,
    async onConnection(connection, _facts, signal) {
      connection.write('220 hi\r\n')
      await connection.flush()
      try {
        await connection.fill(60_000, signal)
      } catch {
        goodbyes++
        if (goodbyes === 2) await sleep(10_000, undefined, { ref: false })
        connection.write('421 bye\r\n')
        await connection.end(50)
      }
    },
  })
  const clients = [0, 1, 2].map(() => net.connect(listener.port, '127.0.0.1'))
  const said = await Promise.all(
    clients.map(async client => {
      const [chunk] = (await once(client, 'data')) as [Buffer]
      return chunk.toString()
    }),
  )
  assert.equal(said.filter(text => text.startsWith('220')).length, 2)
  assert.equal(said.filter(text => text === '421 4.7.0 Too many connections; try again later\r\n').length, 1)
  const started = performance.now()
  await listener.close()
  assert.equal(goodbyes, 2)
  assert.ok(performance.now() - started < 3_000)
  for (const client of clients) client.destroy()
})
