// COMPRESS=DEFLATE with zlib itself as the client. RFC 4978
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import test from 'node:test'
import { connect as tlsConnect } from 'node:tls'
import { constants, createDeflateRaw, createInflateRaw, deflateRawSync } from 'node:zlib'
import { openLocalCa } from '#net/tls/local-ca.ts'
import { testAddress, testPassword, withImap } from '../imap.testbed.ts'
import { LineClient } from '../line-client.testbed.ts'

const login = `LOGIN ${testAddress} ${testPassword}`

/** Logs in, and compresses from then on. */
async function compressed(stream: Duplex): Promise<LineClient> {
  {
    using plain = new LineClient(stream)
    assert.doesNotMatch(await plain.line(), /COMPRESS/)
    assert.match((await plain.command('a', login)).join(), /^a OK \[CAPABILITY [^\]]* COMPRESS=DEFLATE[ \]]/)
    // RFC 4978 §3
    assert.deepEqual(await plain.command('b', 'COMPRESS DEFLATE'), ['b OK DEFLATE active'])
  }
  const inflate = createInflateRaw()
  const deflate = createDeflateRaw({ flush: constants.Z_SYNC_FLUSH })
  stream.pipe(inflate)
  deflate.pipe(stream)
  return new LineClient(Duplex.from({ readable: inflate, writable: deflate }))
}

test('answers and news come compressed, each at once; the capability is gone', () =>
  withImap(async bed => {
    const client = await compressed(bed.connect())
    assert.deepEqual(await client.command('c', 'COMPRESS DEFLATE'), [
      'c NO [COMPRESSIONACTIVE] DEFLATE is active already',
    ])
    assert.doesNotMatch((await client.command('d', 'CAPABILITY')).join(), /COMPRESS/)
    assert.match((await client.command('e', 'SELECT INBOX')).at(-1) ?? '', /^e OK/)
    client.send('f IDLE')
    assert.equal(await client.line(), '+ idling')
    const other = await compressed(bed.connect())
    other.send('g APPEND INBOX {14+}\r\nSubject: x\r\n\r\n')
    assert.match(await other.line(), /^g OK/)
    assert.equal(await client.line(), '* 1 EXISTS')
    assert.deepEqual([client.send('DONE'), await client.line()], [undefined, 'f OK IDLE completed'])
    const text = 'All work and no play. '.repeat(50_000)
    other.send(`h APPEND INBOX {${text.length + 4}+}\r\n\r\n${text}\r\n`)
    assert.match(await other.line(), /^h OK/)
    assert.deepEqual(await client.command('h', 'NOOP'), ['* 2 EXISTS', 'h OK NOOP completed'])
    const fetched = await client.command('i', 'UID FETCH 2 BODY[TEXT]')
    assert.ok(fetched.join('\r\n').includes(text))
    // compression is the connection's, not the login's: RFC 8437 §2
    assert.match((await client.command('j', 'UNAUTHENTICATE')).join(), /^j OK/)
    assert.doesNotMatch((await client.command('k', login)).join(), /COMPRESS/)
    client.send('l LOGOUT')
    assert.match(await client.line(), /^\* BYE/)
    assert.equal(await client.line(), 'l OK LOGOUT completed')
    assert.equal(await client.line(), '<end>')
  }))

test('not before a login, and only DEFLATE', () =>
  withImap(async bed => {
    using client = new LineClient(bed.connect())
    await client.line()
    assert.match((await client.command('a', 'COMPRESS DEFLATE')).join(), /^a BAD .* state/)
    await client.command('b', login)
    assert.deepEqual(await client.command('c', 'COMPRESS LZW'), ['c BAD [CLIENTBUG] Unknown compression (column 12)'])
    assert.deepEqual(await client.command('d', 'NOOP'), ['d OK NOOP completed'])
  }))

test('a line that blows up to 256 MiB ends the connection and is nowhere held', () =>
  withImap(async bed => {
    const stream = bed.connect()
    const client = await compressed(stream)
    const piece = deflateRawSync(Buffer.alloc(16 * 1024 * 1024, 'a'), { finishFlush: constants.Z_SYNC_FLUSH })
    const before = process.memoryUsage().arrayBuffers
    let peak = 0
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage().arrayBuffers)), 5).unref()
    for (let n = 0; n < 16; n += 1) stream.write(piece)
    client.send('')
    assert.match(await client.line(), /^\* BYE \[TOOBIG\]/)
    clearInterval(watch)
    // with what is not collected yet
    assert.ok(peak - before < 128 * 1024 * 1024, `${peak - before} octets more at a time`)
  }))

test('what is no deflate ends the connection', () =>
  withImap(async bed => {
    const stream = bed.connect()
    const client = await compressed(stream)
    stream.write('c NOOP\r\n\xff\xff\xff\xff')
    assert.equal(await client.line(), '<end>')
  }))

test('inside TLS', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-imap-deflate-'))
  try {
    const ca = await openLocalCa(folder)
    const { cert, key } = await ca.issueServer(['home.test'])
    await withImap(
      async bed => {
        const stream = bed.connect()
        {
          using plain = new LineClient(stream)
          await plain.line()
          await plain.command('a', 'STARTTLS')
        }
        const secure = tlsConnect({ socket: stream, ca: ca.certificatePem, servername: 'home.test' })
        {
          using plain = new LineClient(secure)
          assert.doesNotMatch((await plain.command('b', 'CAPABILITY')).join(), /COMPRESS/)
          await plain.command('c', login)
          assert.deepEqual(await plain.command('d', 'COMPRESS DEFLATE'), ['d OK DEFLATE active'])
        }
        const inflate = createInflateRaw()
        const deflate = createDeflateRaw({ flush: constants.Z_SYNC_FLUSH })
        secure.pipe(inflate)
        deflate.pipe(secure)
        const client = new LineClient(Duplex.from({ readable: inflate, writable: deflate }))
        assert.deepEqual(await client.command('e', 'STATUS INBOX (MESSAGES)'), [
          '* STATUS INBOX (MESSAGES 0)',
          'e OK STATUS completed',
        ])
        secure.destroy()
      },
      { tls: () => ({ cert, key }), allowPlaintextLogin: false },
    )
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})
