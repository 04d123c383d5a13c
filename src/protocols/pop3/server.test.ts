import assert from 'node:assert/strict'
import { once } from 'node:events'
import { duplexPair, type Duplex } from 'node:stream'
import test from 'node:test'
import fc from 'fast-check'
import type { Authenticator, AuthResult } from '#mail/auth.ts'
import type { AccountId } from '#mail/ids.ts'
import { Connection } from '#net/connection.ts'
import { address, password, withPop3 } from './pop3.testbed.ts'
import { servePop3 } from './server.ts'
import { MultiLine } from './syntax/multi-line.ts'
import { parseRequest, printRequest } from './syntax/request.ts'
import type { Pop3Request } from './syntax/request.ts'

/** All that comes until `ending` stands at the end of it. */
async function until(stream: Duplex, ending: string): Promise<string> {
  let text = ''
  const onData = (chunk: Buffer) => (text += chunk.toString('latin1'))
  stream.on('data', onData)
  while (!text.endsWith(ending)) await once(stream, 'data', { signal: AbortSignal.timeout(10_000) })
  stream.off('data', onData)
  return text
}

async function logIn(stream: Duplex): Promise<void> {
  stream.write(`USER ${address}\r\nPASS ${password}\r\n`)
  await until(stream, ' messages\r\n')
}

test('a message with dots, bare line feeds and no last line end comes back whole', () =>
  withPop3(async bed => {
    const body = '.\r\n..\r\n.x\r\n\r\n.\n.\r\nlong '.concat('あ'.repeat(60_000), '\r\n.end')
    const letter = `From: a@example.org\r\n\r\n${body}`
    await bed.deliver(letter)
    const stream = bed.connect()
    await logIn(stream)
    stream.write('RETR 1\r\n')
    const answer = Buffer.from(await until(stream, '\r\n.\r\n'), 'latin1').toString('utf8')
    const received = answer.slice(answer.indexOf('\r\n') + 2, -'.\r\n'.length)
    assert.equal(received.replace(/(^|\n)\.\./g, '$1.'), `${letter}\r\n`)
    stream.destroy()
  }))

test('disabling a user and stopping the server end sessions with a word, and remove nothing', () =>
  withPop3(async bed => {
    await bed.deliver('Subject: kept\r\n\r\nx\r\n')
    const first = bed.connect()
    await logIn(first)
    first.write('DELE 1\r\n')
    await until(first, 'marked\r\n')
    await bed.directory.setEnabled(address, false)
    assert.match(await until(first, '\r\n'), /^-ERR \[SYS\/TEMP\] This login has been ended/)
    await bed.directory.setEnabled(address, true)
    const second = bed.connect()
    await logIn(second)
    bed.stop.abort()
    assert.match(await until(second, '\r\n'), /^-ERR \[SYS\/TEMP\] The server is shutting down/)
    assert.equal(await bed.inboxSize(), 1)
  }))

test('a silent peer is let go', () =>
  withPop3(
    async bed => {
      const silent = bed.connect()
      assert.match(await until(silent, 'long\r\n'), /^\+OK .*\r\n-ERR \[SYS\/TEMP\] Silent for too long/)
    },
    { timeouts: { loginMs: 200, idleMs: 200 } },
  ))

test('who sends an octet now and then without logging in is let go in time', () =>
  withPop3(
    async bed => {
      const stream = bed.connect()
      const dribble = setInterval(() => stream.write('x'), 20)
      assert.match(await until(stream, 'long\r\n'), /Silent for too long/)
      clearInterval(dribble)
    },
    { timeouts: { loginMs: 400 } },
  ))

test('wrong passwords: five, then the connection ends', () =>
  withPop3(async bed => {
    const stream = bed.connect()
    stream.write(Array.from({ length: 7 }, (_, n) => `USER yuki\r\nPASS wrong ${n}\r\n`).join(''))
    let text = ''
    for await (const chunk of stream) text += chunk
    assert.equal(text.match(/-ERR \[AUTH\] Name or password is wrong/g)?.length, 5)
    assert.ok(!text.includes('wrong 0'))
  }))

test('over-long lines are answered, not kept', () =>
  withPop3(async bed => {
    const stream = bed.connect()
    stream.write(`USER ${'x'.repeat(100_000)}\r\nNOOP\r\n`)
    assert.match(await until(stream, 'Log in first\r\n'), /-ERR The line is too long\r\n-ERR Log in first\r\n$/)
    stream.destroy()
  }))

test('two sessions: what one removes, the other still counts and does not find', () =>
  withPop3(async bed => {
    await bed.deliver('Subject: one\r\n\r\nx\r\n')
    await bed.deliver('Subject: two\r\n\r\ny\r\n')
    const [a, b] = [bed.connect(), bed.connect()]
    await logIn(a)
    await logIn(b)
    a.write('DELE 1\r\nQUIT\r\n')
    await until(a, 'Goodbye\r\n')
    b.write('STAT\r\nRETR 2\r\n')
    assert.match(await until(b, '\r\n.\r\n'), /^\+OK 2 \d+\r\n\+OK [^]*Subject: two/)
    b.write('RETR 1\r\n')
    assert.match(await until(b, '\r\n'), /^-ERR/)
    b.destroy()
  }))

/** What a client makes of a multi-line response: lines by CRLF, the doubled dot undone. */
function read(chunks: readonly Uint8Array[], bodyLines?: number): string {
  const lines = new MultiLine(bodyLines === undefined ? undefined : { bodyLines })
  const out: Uint8Array[] = []
  for (const chunk of chunks) out.push(...lines.take(chunk))
  out.push(...lines.end())
  const text = Buffer.concat(out).toString('latin1')
  assert.ok(text.endsWith('.\r\n'))
  assert.ok(!/(^|\n)\.\r?\n/.test(text.slice(0, -3)), 'only the last line is a lone dot')
  return text.slice(0, -3).replace(/(^|\n)\.\./g, '$1.')
}

test('however a message is cut into chunks, it comes out the same', () => {
  const pieces = fc.array(fc.constantFrom('.', '\r\n', '\n', '\r', 'a', '.\r\n', 'Header: x\r\n', '\r\n\r\n'), {
    maxLength: 40,
  })
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(8), { maxLength: 60 }), fc.nat(5), (parts, sizes, bodyLines) => {
      const message = Buffer.from(parts.join(''))
      const chunks: Uint8Array[] = []
      let at = 0
      for (const size of sizes) chunks.push(message.subarray(at, (at += size)))
      chunks.push(message.subarray(at))
      const text = message.toString('latin1')
      const whole = text === '' || text.endsWith('\n') ? text : `${text}\r\n`
      assert.equal(read(chunks), whole)
      const top = read(chunks, bodyLines)
      assert.equal(top, read([message], bodyLines))
      assert.ok(whole.startsWith(top) || `${top}` === whole)
    }),
    { numRuns: 500 },
  )
})

test('TOP gives the header, the empty line and so many lines', () => {
  const message = Buffer.from('A: 1\r\nB: 2\r\n\r\none\r\n.two\r\nthree\r\n')
  assert.equal(read([message], 0), 'A: 1\r\nB: 2\r\n\r\n')
  assert.equal(read([message], 2), 'A: 1\r\nB: 2\r\n\r\none\r\n.two\r\n')
  assert.equal(read([message], 99), message.toString())
})

test('requests are read back as printed, and no line breaks the reader', () => {
  const word = fc.string({ minLength: 1, maxLength: 40 }).filter(text => text.trim() === text && text !== '')
  const message = fc.integer({ min: 1, max: 999_999_999 })
  const request = fc.oneof<fc.Arbitrary<Pop3Request>[]>(
    word.map(name => ({ kind: 'user', name }) as const),
    word.map(secret => ({ kind: 'pass', password: secret }) as const),
    message.map(number => ({ kind: 'retr', message: number }) as const),
    fc.option(message, { nil: undefined }).map(number => ({ kind: 'uidl', message: number }) as const),
    fc.tuple(message, fc.nat(1000)).map(([number, lines]) => ({ kind: 'top', message: number, lines }) as const),
    fc
      .option(fc.constantFrom('*', 'ja', 'en-GB', 'i-default'), { nil: undefined })
      .map(range => ({ kind: 'lang', range }) as const),
    fc.constantFrom('stat', 'noop', 'rset', 'quit', 'capa', 'stls', 'utf8').map(kind => ({ kind }) as const),
  )
  fc.assert(fc.property(request, one => assert.deepEqual(parseRequest(Buffer.from(printRequest(one))), one)))
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), line => void parseRequest(line).kind.length))
})

test('why a login fails is said by a code: wrong, too many failures, cannot be asked, cannot be opened', () =>
  withPop3(async bed => {
    const answers: AuthResult[] = [
      { kind: 'throttled', retryAfterMs: 2_500 },
      { kind: 'unavailable', reason: 'the directory is away' },
      { kind: 'refused', reason: 'unknown-user' },
      { kind: 'ok', login: { account: 'zzzzzzzzzzzzzzzz' as AccountId, address, ended: new AbortController().signal } },
    ]
    const authenticator: Authenticator = {
      password: () => Promise.resolve(answers.shift() ?? { kind: 'unavailable', reason: 'asked too often' }),
      scram: () => Promise.resolve({ kind: 'refused', reason: 'unknown-user' }),
      scramReady: () => false,
    }
    const [ours, theirs] = duplexPair()
    const facts = { clientAddress: '127.0.0.1' }
    const served = servePop3(new Connection(theirs), facts, { ...bed.options, authenticator }, bed.stop.signal)
    ours.write(`${'USER yuki\r\nPASS x\r\n'.repeat(4)}QUIT\r\n`)
    const lines = (await until(ours, 'Goodbye\r\n')).split('\r\n').filter(line => line.startsWith('-ERR'))
    assert.deepEqual(lines, [
      '-ERR [SYS/TEMP] Too many failures: try again in 3 s',
      '-ERR [SYS/TEMP] Logins cannot be checked now, try again later',
      '-ERR [AUTH] Name or password is wrong',
      '-ERR [SYS/TEMP] The mailbox cannot be opened now, try again later',
    ])
    ours.end()
    await served
  }))
