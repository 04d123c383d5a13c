import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Duplex, duplexPair } from 'node:stream'
import test from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { constants, createDeflateRaw, createInflateRaw, deflateRawSync } from 'node:zlib'
import { Deflated } from './deflated.ts'

test('a little input that blows up is taken only as it is read', async () => {
  const [peer, plain] = duplexPair()
  plain.pause()
  using deflated = disposing(new Deflated(plain))
  const sizeBytes = 64 * 1024 * 1024
  const bomb = deflateRawSync(Buffer.alloc(sizeBytes), { level: 9 })
  assert.ok(bomb.length < 100_000)
  peer.write(bomb)
  const before = process.memoryUsage().arrayBuffers
  await delay(100)
  assert.ok(deflated.stream.readableLength <= 64 * 1024, `${deflated.stream.readableLength} octets wait`)
  assert.ok(process.memoryUsage().arrayBuffers - before < 4 * 1024 * 1024)
  let read = 0
  for await (const chunk of deflated.stream) {
    read += chunk.length
    if (read > sizeBytes / 2) break
  }
  assert.ok(read > sizeBytes / 2)
})

test('each write can be read at once, and a slow peer stops the writer', async () => {
  const [peer, plain] = duplexPair()
  plain.pause()
  using deflated = disposing(new Deflated(plain))
  const inflate = createInflateRaw()
  peer.pipe(inflate)
  for (const line of ['* 1 EXISTS\r\n', '* 2 EXISTS\r\n']) {
    deflated.stream.write(line)
    const [got] = await once(inflate, 'data')
    assert.equal(String(got), line)
  }
  peer.unpipe(inflate).pause()
  const random = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * at * 7919) >>> 5))
  let done = 0
  for (let n = 0; n < 10; n += 1) deflated.stream.write(random, () => (done += 1))
  await delay(100)
  assert.ok(done < 10, `${done} of 10 writes left, though nobody reads`)
})

test('after a quiet time another compressor goes on where the last one ended', async context => {
  context.mock.timers.enable({ apis: ['setTimeout'] })
  const [peer, plain] = duplexPair()
  plain.pause()
  using deflated = disposing(new Deflated(plain))
  const inflate = createInflateRaw()
  peer.pipe(inflate)
  for (let n = 0; n < 4; n += 1) {
    const line = `* ${n} EXISTS and the same words again\r\n`
    deflated.stream.write(line)
    const [got] = await once(inflate, 'data')
    assert.equal(String(got), line)
    if (n % 2 === 1) context.mock.timers.tick(60_000)
  }
  deflated.stream.end()
  await once(inflate, 'end')
})

test('what is no deflate breaks the stream; an end without the last block is an end', async () => {
  const [peer, plain] = duplexPair()
  using broken = disposing(new Deflated(plain))
  peer.write('\xff\xffnot deflate')
  broken.stream.resume()
  const [error] = await once(broken.stream, 'error')
  assert.equal((error as NodeJS.ErrnoException).code, 'Z_DATA_ERROR')
  assert.ok(plain.destroyed)

  const [other, below] = duplexPair()
  using ended = disposing(new Deflated(below))
  const deflate = createDeflateRaw({ flush: constants.Z_SYNC_FLUSH })
  deflate.on('data', chunk => other.write(chunk))
  deflate.write('a LOGOUT\r\n', () => other.end())
  let text = ''
  for await (const chunk of ended.stream) text += String(chunk)
  assert.equal(text, 'a LOGOUT\r\n')
})

function disposing(stream: Deflated): { readonly stream: Deflated } & Disposable {
  return { stream, [Symbol.dispose]: () => void stream.destroy() }
}

test('the last words of a peer that closes at once are read, and then the end', async () => {
  const words = deflateRawSync('BYE '.repeat(20_000), { finishFlush: constants.Z_SYNC_FLUSH })
  const plain = new Duplex({
    read() {
      this.push(words)
      this.push(null)
    },
    write: (_chunk, _encoding, done) => done(),
  })
  // closed while zlib has not even begun
  plain.once('end', () => plain.destroy())
  const compressed = new Deflated(plain)
  let text = ''
  for await (const chunk of compressed) text += String(chunk)
  assert.equal(text, 'BYE '.repeat(20_000))
  // what is written now goes nowhere, and holds nobody up
  await new Promise(done => compressed.write('x'.repeat(1_000_000), done))
  await new Promise<void>(done => compressed.end(done))
})

test('a transport that breaks off takes the compressed one with it', async () => {
  const plain = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() })
  const compressed = new Deflated(plain)
  plain.destroy()
  await once(compressed, 'close')
  assert.ok(compressed.destroyed)
})
