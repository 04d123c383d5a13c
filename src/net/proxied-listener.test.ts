// Listeners behind a load balancer: real sockets on loopback, headers as they come and as they must not.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as tlsConnect } from 'node:tls'
import { type Log, silentLog } from '#base/log.ts'
import { networkSet } from '#base/network-set.ts'
import { type ConnectionFacts, listen, type Listener, type ListenOptions } from './listener.ts'
import { proxyBlock, proxyLine, tlv } from './proxy-header.testbed.ts'
import { openLocalCa } from './tls/local-ca.ts'

type Bench = AsyncDisposable & {
  readonly listener: Listener
  readonly facts: ConnectionFacts[]
  readonly warnings: string[]
  open(): Promise<Socket>
}

/** Says hello, then sends back each line. */
async function bench(options: Partial<ListenOptions> = {}, proxies = ['127.0.0.0/8']): Promise<Bench> {
  const facts: ConnectionFacts[] = []
  const warnings: string[] = []
  const log: Log = {
    ...silentLog,
    warn: (sentence, fields) => void warnings.push(`${sentence} ${String(fields?.['error'])}`),
  }
  const known = networkSet(proxies)
  const listener = await listen({
    host: '127.0.0.1',
    isProxy: address => known.has(address),
    proxyHeaderMs: 300,
    graceMs: 100,
    log,
    async onConnection(connection, client, signal) {
      facts.push(client)
      connection.write('hello\r\n')
      await connection.flush()
      for (;;) {
        const line = await connection.line(1000, 5_000, signal)
        if (line?.kind !== 'line') return
        connection.write(`<${Buffer.from(line.bytes).toString()}>\r\n`)
        await connection.flush()
      }
    },
    ...options,
  })
  const sockets: Socket[] = []
  return {
    listener,
    facts,
    warnings,
    async open() {
      const socket = connect(listener.port, '127.0.0.1')
      socket.on('error', () => undefined)
      sockets.push(socket)
      await once(socket, 'connect')
      return socket
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await listener.close()
    },
  }
}

async function until(socket: NodeJS.ReadableStream, wanted: string): Promise<string> {
  let text = ''
  while (!text.includes(wanted)) text += String((await once(socket, 'data'))[0])
  return text
}

/** What came until the other side closed */
async function toTheEnd(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', chunk => (text += String(chunk)))
  if (!socket.closed) await once(socket, 'close')
  return text
}

for (const [name, header] of [
  ['version 1', proxyLine('192.0.2.1', '198.51.100.1')],
  ['version 2 with TLVs', proxyBlock('192.0.2.1', '198.51.100.1', { tail: tlv(2, Buffer.from('mx.home.test')) })],
] as const)
  test(`${name}: the client's address is the header's, and what came behind it in the packet is the client's`, async () => {
    await using here = await bench()
    const socket = await here.open()
    socket.write(Buffer.concat([header, Buffer.from('early\r\n')]))
    assert.equal(await until(socket, '<early>\r\n'), 'hello\r\n<early>\r\n')
    assert.deepEqual(here.facts, [
      { clientAddress: '192.0.2.1', clientPort: 4321, localPort: here.listener.port, via: '127.0.0.1' },
    ])
    assert.deepEqual(here.warnings, [])
  })

test('a header that comes octet by octet is read, and nothing is said before its end', async () => {
  await using here = await bench({ proxyHeaderMs: 5_000 })
  const socket = await here.open()
  let early = ''
  socket.on('data', chunk => (early += String(chunk)))
  const header = proxyLine('2001:db8::1', '2001:db8::2')
  for (const octet of header.subarray(0, -1)) {
    socket.write(Buffer.from([octet]))
    await sleep(1)
  }
  assert.equal(early, '')
  socket.write('\n')
  await once(socket, 'data')
  assert.equal(here.facts[0]?.clientAddress, '2001:db8::1')
})

test('LOCAL and UNKNOWN: the proxy itself is the client', async () => {
  await using here = await bench()
  for (const header of [proxyBlock('192.0.2.1', '198.51.100.1', { command: 0 }), Buffer.from('PROXY UNKNOWN\r\n')]) {
    const socket = await here.open()
    socket.write(header)
    assert.equal(await until(socket, 'hello'), 'hello\r\n')
  }
  for (const client of here.facts) {
    assert.equal(client.clientAddress, '127.0.0.1')
    assert.equal(client.via, '127.0.0.1')
  }
  assert.equal(here.facts.length, 2)
})

test('no header, a wrong one, a slow one: closed without a word, and logged', async () => {
  await using here = await bench()
  const wrong = await here.open()
  wrong.write('EHLO client.example\r\n')
  assert.equal(await toTheEnd(wrong), '')
  const silent = await here.open()
  assert.equal(await toTheEnd(silent), '')
  const slow = await here.open()
  const dribble = setInterval(() => slow.write('P'), 40)
  slow.write('PROXY TCP4 192.0.2.1')
  assert.equal(await toTheEnd(slow), '')
  clearInterval(dribble)
  assert.equal(here.facts.length, 0)
  assert.match(here.warnings.join('\n'), /does not begin.*\n.*in time.*\n.*(?:in time|cannot be read)/)
})

test('who looks whether the port is open and leaves is no reason to warn', async () => {
  await using here = await bench()
  const probe = await here.open()
  probe.end()
  await toTheEnd(probe)
  await sleep(20)
  assert.deepEqual(here.warnings, [])
  assert.equal(here.facts.length, 0)
  assert.equal(here.listener.connections, 0)
})

test('a megabyte behind the beginning of a block: no more is kept than the block may be long', async () => {
  await using here = await bench({ proxyHeaderMs: 2_000 })
  const socket = await here.open()
  const longest = proxyBlock('192.0.2.1', '198.51.100.1', { tail: Buffer.alloc(65_535 - 12) })
  socket.write(Buffer.concat([longest, Buffer.alloc(1_000_000, 'x'), Buffer.from('\r\n')]))
  await until(socket, 'hello')
  assert.equal(here.facts[0]?.clientAddress, '192.0.2.1')
})

test('connections are counted for the client, not for the proxy', async () => {
  await using here = await bench({ perAddressLimit: 2 }, ['127.0.0.0/8'])
  for (const address of ['192.0.2.1', '192.0.2.1', '192.0.2.2']) {
    const socket = await here.open()
    socket.write(proxyLine(address, '198.51.100.1'))
    assert.equal(await until(socket, '\n'), 'hello\r\n')
  }
  const third = await here.open()
  third.write(proxyLine('192.0.2.1', '198.51.100.1'))
  assert.equal(await toTheEnd(third), '421 4.7.0 Too many connections; try again later\r\n')
  assert.equal(here.facts.length, 3)
})

test('others are not asked for a header, and theirs is a line like any other', async () => {
  await using here = await bench({}, ['192.0.2.0/24'])
  const socket = await here.open()
  assert.equal((await once(socket, 'data')).join(''), 'hello\r\n')
  socket.write(proxyLine('192.0.2.1', '198.51.100.1'))
  assert.equal((await once(socket, 'data')).join(''), '<PROXY TCP4 192.0.2.1 198.51.100.1 4321 25>\r\n')
  assert.equal(here.facts[0]?.clientAddress, '127.0.0.1')
})

test('where a protocol has no word for it, a header of others ends the connection, and is told of', async () => {
  await using here = await bench({ cutsProxyHeaders: true }, ['192.0.2.0/24'])
  for (const header of [proxyLine('192.0.2.1', '198.51.100.1'), proxyBlock('192.0.2.1', '198.51.100.1')]) {
    const socket = await here.open()
    const ended = toTheEnd(socket)
    socket.write(header)
    assert.doesNotMatch(await ended, /</)
  }
  assert.equal(here.warnings.filter(warning => warning.startsWith('PROXY-PEER')).length, 2)
  const other = await here.open()
  assert.equal(await until(other, '\n'), 'hello\r\n')
  other.write('PROXY\r\n')
  assert.equal(await until(other, '\n'), '<PROXY>\r\n')
})

test('TLS from the first octet begins right behind the header, in the same packet or later', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'hikyaku-proxy-'))
  const ca = await openLocalCa(folder)
  const pair = await ca.issueServer(['localhost'])
  await using here = await bench({ implicitTls: () => pair })
  for (const waitMs of [0, 30]) {
    const socket = await here.open()
    socket.cork()
    socket.write(proxyLine('192.0.2.7', '198.51.100.1'))
    if (waitMs > 0) socket.uncork()
    await sleep(waitMs)
    const secure = tlsConnect({ socket, ca: ca.certificatePem, servername: 'localhost' })
    setImmediate(() => socket.uncork())
    secure.write('inside\r\n')
    assert.equal(await until(secure, '<inside>'), 'hello\r\n<inside>\r\n')
  }
  assert.deepEqual(
    here.facts.map(client => client.clientAddress),
    ['192.0.2.7', '192.0.2.7'],
  )
  await rm(folder, { recursive: true })
})

test('closing does not wait for a header', async () => {
  await using here = await bench({ proxyHeaderMs: 60_000 })
  const socket = await here.open()
  socket.write('PROXY TCP4')
  await sleep(20)
  const since = performance.now()
  await here.listener.close()
  assert.ok(performance.now() - since < 1_000)
  assert.deepEqual(here.facts, [])
})
