import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { duplexPair } from 'node:stream'
import test from 'node:test'
import { openSpool } from '#mail/spool.ts'
import { Connection } from '#net/connection.ts'
import { ConnectionOutput } from './output.ts'
import { Receiver } from './receive.ts'
import type { Literal } from './syntax/framing.ts'
import { discardLimitBytes } from './syntax/limits.ts'

const limits = { lineBytes: 65_536, literalBytes: 10, appendBytes: 0 }

async function withReceiver(act: (receiver: Receiver, send: (text: string) => void, folder: string) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-receive-'))
  const [peer, stream] = duplexPair()
  peer.resume().on('error', () => undefined)
  const connection = new Connection(stream)
  try {
    const { signal } = new AbortController()
    const spool = await openSpool(folder)
    const receiver = new Receiver(connection, new ConnectionOutput(connection, signal), spool, signal)
    await act(receiver, text => void peer.write(text), folder)
  } finally {
    connection.destroy()
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

test('a refused request is thrown away with all its literals, and the next one is read', async () => {
  await withReceiver(async (receiver, send) => {
    send(`a LOGIN {50+}\r\n${'x'.repeat(50)} {3+}\r\nabc {0+}\r\n end\r\nb NOOP\r\n`)
    const refused = await receiver.next(limits, 1000)
    assert.ok(refused.kind === 'too-big')
    assert.equal(Buffer.from(refused.first).toString(), 'a LOGIN {50+}')
    const next = await receiver.next(limits, 1000)
    assert.ok(next.kind === 'request')
    assert.equal(Buffer.from(next.request.segments[0]?.line ?? []).toString(), 'b NOOP')
  })
})

test('a refused request that waits for our word hears it', async () => {
  await withReceiver(async (receiver, send) => {
    send('a LOGIN {50+}\r\n' + 'x'.repeat(50) + ' {7}\r\n')
    assert.equal((await receiver.next(limits, 1000)).kind, 'too-big')
  })
})

test('a refused request of endless small literals is listened to only for a while', async () => {
  await withReceiver(async (receiver, send) => {
    const small = ' {1+}\r\nx'
    send(`a LOGIN {50+}\r\n${'x'.repeat(50)}${small.repeat(Math.ceil(discardLimitBytes / 6) + 1)}`)
    assert.equal((await receiver.next(limits, 1000)).kind, 'hopeless')
  })
})

test('messages of one APPEND go to the spool once they are large together', async () => {
  await withReceiver(async (receiver, send, folder) => {
    const message = 'x'.repeat(400_000)
    send(`a APPEND INBOX${` {${message.length}+}\r\n${message}`.repeat(4)}\r\n`)
    const received = await receiver.next({ ...limits, appendBytes: 10_000_000 }, 1000)
    assert.ok(received.kind === 'request')
    const places = received.request.segments.map(({ literal }) =>
      literal?.kind === 'message' ? literal.source.place.kind : undefined,
    )
    assert.deepEqual(places, ['memory', 'memory', 'file', 'file', undefined])
    assert.equal((await readdir(folder)).length, 1)
    await receiver.discardSpooled()
    assert.deepEqual(await readdir(folder), [])
  })
})

test('what goes to the spool is read back, message by message', async () => {
  await withReceiver(async (receiver, send) => {
    const large = 'y'.repeat(1024 * 1024)
    const texts = [large, 'first', 'x'.repeat(300_000), 'z', large, 'last']
    send(`a APPEND INBOX${texts.map(text => ` {${text.length}+}\r\n${text}`).join('')}\r\n`)
    const received = await receiver.next({ ...limits, appendBytes: 10_000_000 }, 1000)
    assert.ok(received.kind === 'request')
    for (const [index, text] of texts.entries()) {
      const literal: Literal | undefined = received.request.segments[index]?.literal
      assert.ok(literal?.kind === 'message')
      assert.equal(literal.source.place.kind, index === 0 ? 'memory' : 'file')
      for (let again = 0; again < 2; again++) {
        const chunks: readonly Uint8Array[] = await Array.fromAsync(literal.source.open())
        assert.equal(Buffer.concat(chunks).toString(), text)
      }
    }
    await receiver.discardSpooled()
  })
})
