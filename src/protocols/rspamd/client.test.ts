import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import test from 'node:test'
import { deadline } from '#base/deadline.ts'
import { memorySource } from '#formats/message-source.ts'
import type { MessageToScan, ScanFinding } from '#mail/content/scanner.ts'
import { parseAnswer } from './answer.ts'
import { rspamdScanner } from './client.ts'

const never = new AbortController().signal
const about: MessageToScan = {
  envelope: {
    reversePath: 'aki@例.test',
    recipients: [{ address: 'hanako@home.test' }, { address: 'taro@home.test' }],
    body: '8BITMIME',
    smtpUtf8: true,
  },
  message: memorySource(Buffer.from('Subject: x\r\n\r\nHello\r\n')),
  clientAddress: '192.0.2.7',
  helo: 'mx\r\nEvil: yes',
}
const answer = {
  action: 'add header',
  score: 8.2,
  required_score: 15,
  symbols: { A: { score: 5 }, B: { score: -1 }, 'C\n': { score: 9 }, D: {} },
}

async function withDaemon(
  behave: (request: IncomingMessage, response: ServerResponse, body: Buffer) => void,
  act: (scan: (message?: MessageToScan, signal?: AbortSignal) => Promise<ScanFinding>) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('error', () => undefined)
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => behave(request, response, Buffer.concat(chunks)))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  using scanner = rspamdScanner(() => ({
    target: { address: '127.0.0.1', port },
    password: 'secret',
    hostname: 'home.test',
  }))
  try {
    await act((message = about, signal = never) => scanner.scan(message, signal))
  } finally {
    server.closeAllConnections()
    await new Promise(resolve => server.close(resolve))
  }
}

test('what is known goes along as headers, none of it ends one; actions, points and symbols come back', async () => {
  let seen: { path: string; headers: string[]; body: string } | undefined
  await withDaemon(
    (request, response, body) => {
      seen = { path: request.url ?? '', headers: request.rawHeaders, body: body.toString() }
      response.end(JSON.stringify(answer))
    },
    async scan => {
      assert.deepEqual(await scan(), {
        advice: 'junk',
        score: 8.2,
        required: 15,
        symbols: [
          { name: 'A', points: 5 },
          { name: 'B', points: -1 },
        ],
      })
    },
  )
  const pairs = Array.from({ length: (seen?.headers.length ?? 0) / 2 }, (_, index) =>
    seen?.headers.slice(2 * index, 2 * index + 2).join(': '),
  )
  assert.equal(seen?.path, '/checkv2')
  assert.equal(seen.body, 'Subject: x\r\n\r\nHello\r\n')
  for (const line of [
    'IP: 192.0.2.7',
    'Helo: mx??Evil: yes',
    'Rcpt: <hanako@home.test>',
    'Rcpt: <taro@home.test>',
    'Password: secret',
    'Hostname: home.test',
  ])
    assert.ok(pairs.includes(line), line)
  assert.ok(pairs.includes(`From: ${Buffer.from('<aki@例.test>').toString('latin1')}`))
})

test('a status that is no 200, no JSON, no action, far too much: errors that say so', async () => {
  const cases: readonly [(response: ServerResponse) => void, RegExp][] = [
    [response => void response.writeHead(503).end('overloaded'), /answers 503: overloaded/],
    [response => void response.end('<html>'), /JSON/],
    [response => void response.end('null'), /no action/],
    [response => void response.end(Buffer.alloc(3_000_000, 0x20)), /too long/],
    [response => void response.writeHead(200, { 'content-length': '1000' }).write('{"act'), /aborted|hung up|socket/],
  ]
  for (const [behave, why] of cases)
    await withDaemon(
      (_request, response) => {
        behave(response)
        if (String(why).includes('hung')) setTimeout(() => response.destroy(), 50)
      },
      async scan => assert.rejects(() => scan(), why),
    )
})

test('one that never answers: over with the deadline; a large message to one that stops reading too', async () => {
  await withDaemon(
    () => undefined,
    async scan => {
      using limit = deadline(never, 150)
      await assert.rejects(() => scan(about, limit.signal))
    },
  )
  const silent = createServer(request => void request.pause())
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as { port: number }
  using scanner = rspamdScanner(() => ({ target: { address: '127.0.0.1', port }, password: undefined, hostname: 'x' }))
  using limit = deadline(never, 200)
  const begun = performance.now()
  await assert.rejects(() => scanner.scan({ ...about, message: memorySource(Buffer.alloc(20_000_000)) }, limit.signal))
  assert.ok(performance.now() - begun < 2000)
  silent.closeAllConnections()
  await new Promise(resolve => silent.close(resolve))
})

test('actions of a milter in our words', () => {
  const advice = (action: string) => parseAnswer(JSON.stringify({ action })).advice
  assert.deepEqual(
    ['no action', 'greylist', 'soft reject', 'add header', 'rewrite subject', 'discard', 'reject'].map(advice),
    ['none', 'try-later', 'try-later', 'junk', 'junk', 'junk', 'reject'],
  )
  assert.throws(() => parseAnswer('{"action":"explode"}'), /explode/)
})

test('an action is one of those that are known, not what every object has', () => {
  for (const action of ['constructor', 'toString', '__proto__', 'hasOwnProperty'])
    assert.throws(() => parseAnswer(JSON.stringify({ action, score: 1 })), /gives no action that is known/, action)
})
