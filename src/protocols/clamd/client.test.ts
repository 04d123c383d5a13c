import assert from 'node:assert/strict'
import { createServer, type Server, type Socket } from 'node:net'
import test from 'node:test'
import { DeadlinePassed, deadline } from '#base/deadline.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { NotScanned } from '#mail/content/scanner.ts'
import { clamdScanner } from './client.ts'
import { parseClamdReply } from './reply.ts'

const envelope = { reversePath: 'a@b.test', recipients: [], body: '8BITMIME', smtpUtf8: false } as const
const never = new AbortController().signal

/** Reads INSTREAM as clamd does; `behave` decides what becomes of it. */
async function withDaemon(
  behave: (socket: Socket, stream: { readonly bytes: Buffer; readonly ended: boolean }) => void,
  act: (scan: (message: MessageSource, signal?: AbortSignal) => Promise<unknown>) => Promise<void>,
  ping: (socket: Socket) => void = socket => void socket.destroy(),
): Promise<void> {
  const sockets = new Set<Socket>()
  const server: Server = createServer(socket => {
    sockets.add(socket)
    let raw = Buffer.alloc(0)
    socket.on('error', () => undefined)
    socket.on('data', data => {
      raw = Buffer.concat([raw, data])
      if (raw.toString().startsWith('nPING')) ping(socket)
      else behave(socket, unchunked(raw))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const scanner = clamdScanner(() => ({
    target: { address: '127.0.0.1', port },
    maxBytes: 5_000_000,
    deadlineMs: 5000,
  }))
  try {
    await act((message, signal = never) => scanner.scan({ envelope, message, clientAddress: '', helo: '' }, signal))
  } finally {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  }
}

function unchunked(raw: Buffer): { readonly bytes: Buffer; readonly ended: boolean } {
  const command = 'nINSTREAM\n'
  assert.equal(raw.subarray(0, command.length).toString(), command)
  const pieces: Buffer[] = []
  for (let at = command.length; at + 4 <= raw.length; ) {
    const length = raw.readUInt32BE(at)
    if (length === 0) return { bytes: Buffer.concat(pieces), ended: true }
    pieces.push(raw.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return { bytes: Buffer.concat(pieces), ended: false }
}

test('the octets arrive whole, in chunks; OK is clean and FOUND names what was found', async () => {
  const large = Buffer.alloc(300_000, 'abc')
  let got = 0
  await withDaemon(
    (socket, { bytes, ended }) => {
      if (!ended) return
      got = bytes.length
      socket.end(bytes.includes('EICAR') ? 'stream: Eicar-Test FOUND\n' : 'stream: OK\n')
    },
    async scan => {
      assert.deepEqual(await scan(memorySource(large)), { advice: 'none' })
      assert.equal(got, large.length)
      assert.deepEqual(await scan(memorySource(Buffer.from('x EICAR x'))), { advice: 'reject', virus: 'Eicar-Test' })
      assert.deepEqual(await scan(memorySource(new Uint8Array(0))), { advice: 'none' })
    },
  )
})

test('too large: told by clamd in the middle, or known before anything is sent', async () => {
  await withDaemon(
    (socket, { bytes }) => {
      if (bytes.length > 100_000) socket.end('INSTREAM size limit exceeded. ERROR\n')
    },
    async scan => {
      await assert.rejects(() => scan(memorySource(Buffer.alloc(4_000_000))), NotScanned)
      await assert.rejects(() => scan(memorySource(Buffer.alloc(5_000_001))), NotScanned)
    },
  )
})

test('hung up in the middle by a daemon that lives: not scanned, and not absent', async () => {
  await withDaemon(
    socket => socket.destroy(),
    async scan => assert.rejects(() => scan(memorySource(Buffer.alloc(4_000_000))), /NotScanned|StreamMaxLength/),
    socket => socket.end('PONG\n'),
  )
})

test('killed in the middle, or an error: an error that says so', async () => {
  await withDaemon(
    socket => socket.destroy(),
    async scan => {
      await assert.rejects(
        () => scan(memorySource(Buffer.alloc(4_000_000))),
        (error: Error) => !(error instanceof NotScanned),
      )
    },
  )
  await withDaemon(
    (socket, { ended }) => void (ended && socket.end("stream: Can't open file or directory ERROR\n")),
    async scan => assert.rejects(() => scan(memorySource(Buffer.from('x'))), /clamd says: Can't open/),
  )
})

test('one that never answers, and one that never reads: over with the deadline', async () => {
  for (const behave of [() => undefined, (socket: Socket) => void socket.pause()])
    await withDaemon(behave, async scan => {
      using limit = deadline(never, 150)
      const begun = performance.now()
      await assert.rejects(() => scan(memorySource(Buffer.alloc(4_000_000)), limit.signal), DeadlinePassed)
      assert.ok(performance.now() - begun < 1500)
    })
})

test('replies', () => {
  assert.deepEqual(parseClamdReply('stream: OK'), { kind: 'clean' })
  assert.deepEqual(parseClamdReply('stream: Win.Test (a b) FOUND'), { kind: 'found', name: 'Win.Test (a b)' })
  assert.deepEqual(parseClamdReply('INSTREAM size limit exceeded. ERROR'), { kind: 'too-large' })
  assert.deepEqual(parseClamdReply('COMMAND READ TIMED OUT'), { kind: 'error', text: 'COMMAND READ TIMED OUT' })
  assert.deepEqual(parseClamdReply(''), { kind: 'error', text: 'an empty answer' })
})
