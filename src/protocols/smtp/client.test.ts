import assert from 'node:assert/strict'
import { once } from 'node:events'
import net, { type AddressInfo } from 'node:net'
import test from 'node:test'
import { SMTPServer } from 'smtp-server'
import type { Envelope } from '#formats/envelope.ts'
import { memorySource } from '#formats/message-source.ts'
import type { DnsAnswer, MxRecord, Resolver } from '#net/dns.ts'
import { envelopeTo, message, opportunistic, signal, toBench } from './client.testbed.ts'
import { smtpBench, type SmtpBench } from './smtp.testbed.ts'
import type { TlsPolicy } from './client.ts'
import { mxTransport } from './mx-transport.ts'
import { lmtpTransport, smtpTransport } from './transport.ts'

function statuses(results: readonly { status: string; reply: { code: number } }[]): string[] {
  return results.map(result => `${result.status} ${result.reply.code}`)
}

test('each recipient has a result of its own, over one connection for several messages', async () => {
  await using bench = await smtpBench('mx')
  await using transport = smtpTransport(await toBench(bench))
  for (let round = 0; round < 3; round++) {
    const results = await transport(envelopeTo(['b@x.test', 'unknown@x.test', 'later@x.test']), message, signal())
    assert.deepEqual(statuses(results), ['delivered 250', 'failed 550', 'deferred 451'])
  }
  assert.equal(bench.receiver.taken.length, 3)
  assert.equal(new Set(bench.receiver.taken.map(taken => taken.session.id)).size, 1)
  // by BDAT the bytes are the same to the last
  assert.equal(bench.receiver.taken[0]?.body.toString(), 'Subject: x\r\n\r\n.dot\r\nlast line without end')
  assert.match(bench.receiver.taken[0]?.session.tls?.protocol ?? '', /TLS/)
})

test('LMTP: one reply for each; more recipients than one transaction takes go in several', async () => {
  await using bench = await smtpBench('lmtp')
  await using transport = lmtpTransport(await toBench(bench))
  const many = Array.from({ length: 150 }, (_, at) => (at % 50 === 7 ? `full${at}@x.test` : `b${at}@x.test`))
  const results = await transport(envelopeTo(many), message, signal())
  assert.equal(bench.receiver.taken.length, 2)
  assert.deepEqual(
    results.flatMap((result, at) => (result.status === 'deferred' ? [at] : [])),
    [7, 57, 107],
  )
})

test('TLS that is required is verified: a foreign authority, a wrong name, no STARTTLS are all deferred', async () => {
  await using bench = await smtpBench('mx')
  await using other = await smtpBench('mx')
  const good: TlsPolicy = {
    mode: 'required',
    from: 'starttls',
    ca: bench.ca.certificatePem,
    serverName: 'mx.home.test',
  }
  const cases: readonly [TlsPolicy, SmtpBench, string][] = [
    [good, bench, 'delivered 250'],
    [{ ...good, ca: other.ca.certificatePem }, bench, 'deferred 451'],
    [{ ...good, serverName: 'mx.evil.test' }, bench, 'deferred 451'],
  ]
  for (const [tls, at, wanted] of cases) {
    await using transport = smtpTransport(await toBench(at, tls))
    assert.deepEqual(statuses(await transport(envelopeTo(['b@x.test']), message, signal())), [wanted])
  }
  const listener = await bench.listen({ tls: undefined as never })
  await using transport = smtpTransport({ server: { host: '127.0.0.1', port: listener.port }, helo: 'me', tls: good })
  const [result] = await transport(envelopeTo(['b@x.test']), message, signal())
  assert.equal(result?.reply.enhanced, '4.7.4')
  const keyless = await bench.listen({ tls: () => undefined as never })
  await using refused = smtpTransport({ server: { host: '127.0.0.1', port: keyless.port }, helo: 'me', tls: good })
  const [unsafe] = await refused(envelopeTo(['b@x.test']), message, signal())
  assert.match(`${unsafe?.reply.enhanced} ${unsafe?.reply.lines.join()}`, /^4\.7\.4 .* answers STARTTLS with 454/)
})

test("a login, right and wrong; a wrong one is our mistake and returns nobody's mail", async () => {
  await using bench = await smtpBench('submission')
  const tls: TlsPolicy = { mode: 'required', from: 'starttls', ca: bench.ca.certificatePem, serverName: 'mx.home.test' }
  const base = await toBench(bench, tls)
  for (const [password, wanted] of [
    ['secret', 'delivered 250'],
    ['wrong', 'deferred 451'],
  ] as const) {
    await using transport = smtpTransport({ ...base, login: { username: 'hanako@home.test', password } })
    assert.deepEqual(statuses(await transport(envelopeTo(['b@x.test']), message, signal())), [wanted])
  }
})

/** A server of few words: each line that comes is answered by `answer`; undefined closes. */
async function scripted(answer: (line: string, socket: net.Socket) => string | undefined, greeting = '220 hi\r\n') {
  const server = net.createServer(socket => {
    socket.write(greeting)
    socket.on('error', () => undefined)
    let rest = ''
    socket.on('data', chunk => {
      const lines = (rest + chunk.toString('latin1')).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        const reply = answer(line, socket)
        if (reply === undefined) socket.destroy()
        else socket.write(reply)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, server: { host: '127.0.0.1', port }, [Symbol.dispose]: () => void server.close() }
}

const plain: TlsPolicy = { mode: 'none' }

const peers: readonly [name: string, answer: (line: string) => string | undefined, wanted: string, text: RegExp][] = [
  [
    'lost after the message',
    line =>
      line === '.' ? undefined : line.startsWith('DATA') ? '354 go\r\n' : /^[A-Z]{4}/.test(line) ? '250 ok\r\n' : '',
    'deferred 451',
    /unsure/,
  ],
  [
    'lost before the message',
    line => (line.startsWith('RCPT') ? undefined : '250 ok\r\n'),
    'deferred 451',
    /before the message/,
  ],
  [
    'lost instead of an answer to DATA',
    line => (line === 'DATA' ? undefined : '250 ok\r\n'),
    'deferred 451',
    /before the/,
  ],
  ['no SMTP at all', () => 'hello?\r\n', 'deferred 451', /does not speak SMTP/],
  ['MAIL refused', line => (line.startsWith('MAIL') ? '550 5.7.1 no\r\n' : '250 ok\r\n'), 'failed 550', /^no$/],
  [
    'EHLO refused for good',
    line => (/^(EHLO|HELO)/.test(line) ? '550 no\r\n' : '250 ok\r\n'),
    'deferred 451',
    /answers EHLO with 550 no/,
  ],
  ['DATA refused', line => (line.startsWith('DATA') ? '451 4.3.0 later\r\n' : '250 ok\r\n'), 'deferred 451', /^later$/],
  [
    '421 in the middle',
    line => (line.startsWith('RCPT') ? '421 4.3.2 bye\r\n' : '250 ok\r\n'),
    'deferred 421',
    /^bye$/,
  ],
  [
    'a reply without end',
    line => (line.startsWith('EHLO') ? `${'250-x\r\n'.repeat(500)}` : '250 ok\r\n'),
    'deferred 451',
    /does not speak SMTP/,
  ],
]
for (const [name, answer, wanted, text] of peers)
  test(`a peer: ${name}`, async () => {
    using peer = await scripted(answer)
    await using transport = smtpTransport({ server: peer.server, helo: 'me', tls: plain, budgetMs: 3_000 })
    const results = await transport(envelopeTo(['b@x.test']), message, signal())
    assert.deepEqual(statuses(results), [wanted])
    assert.match(results[0]?.reply.lines.join(' ') ?? '', text)
  })

for (const [name, last] of [
  ['hangs up', undefined],
  ['says 421', '421 4.4.2 You were idle\r\n'],
] as const)
  test(`a connection that is kept, and at the next letter ${name}: that letter goes over a new one, once`, async () => {
    const bodies: string[] = []
    let mails = 0
    using peer = await scripted((line, socket) => {
      if (line.startsWith('MAIL') && ++mails === 2) {
        if (last) socket.end(last)
        return last ? '' : undefined
      }
      if (line.startsWith('Subject')) bodies.push(line)
      if (line === 'DATA') return '354 go\r\n'
      return /^(EHLO|MAIL|RCPT|\.$)/.test(line) ? '250 ok\r\n' : ''
    })
    await using transport = smtpTransport({ server: peer.server, helo: 'me', tls: plain })
    for (const to of ['b@x.test', 'c@x.test', 'd@x.test'])
      assert.deepEqual(statuses(await transport(envelopeTo([to]), message, signal())), ['delivered 250'])
    assert.deepEqual([bodies.length, mails], [3, 4])
  })

test('one budget covers everything up to the end of the greeting; refused and silent peers are deferred', async () => {
  using silent = await scripted(() => '', '')
  const started = performance.now()
  await using transport = smtpTransport({ server: silent.server, helo: 'me', tls: plain, budgetMs: 100 })
  assert.deepEqual(statuses(await transport(envelopeTo(['b@x.test']), message, signal())), ['deferred 451'])
  assert.ok(performance.now() - started < 2_000)
  await using nobody = smtpTransport({ server: { host: '127.0.0.1', port: 1 }, helo: 'me', tls: plain })
  assert.deepEqual(statuses(await nobody(envelopeTo(['b@x.test']), message, signal())), ['deferred 451'])
})

test('without the extension internationalized and 8-bit mail fails, plain mail goes', async () => {
  const said: string[] = []
  using peer = await scripted(line => {
    said.push(line)
    if (line === 'DATA') return '354 go\r\n'
    return /^(EHLO|MAIL|RCPT|RSET|\.$)/.test(line) ? '250 ok\r\n' : ''
  })
  await using transport = smtpTransport({ server: peer.server, helo: 'me', tls: plain })
  const eightBit = memorySource(Buffer.from('Subject: x\r\n\r\n本文\r\n'))
  const one = async (envelope: Partial<Envelope>, to: string, body = message) =>
    (await transport(envelopeTo([to], envelope), body, signal()))[0]?.reply
  assert.equal((await one({ smtpUtf8: true }, '花子@x.test'))?.enhanced, '5.6.7')
  assert.equal((await one({ smtpUtf8: true }, 'b@x.test'))?.code, 250)
  assert.equal((await one({ body: '8BITMIME' }, 'b@x.test', eightBit))?.enhanced, '5.6.3')
  assert.equal((await one({ body: '8BITMIME' }, 'b@x.test'))?.code, 250)
  assert.ok(said.includes('..dot'))
})

/** What a server without SMTPUTF8 was told; it offers what else is said. */
async function withoutSmtpUtf8(...keywords: readonly string[]) {
  const said: string[] = []
  const peer = await scripted(line => {
    said.push(Buffer.from(line, 'latin1').toString())
    if (line.startsWith('EHLO'))
      return ['x', ...keywords].map((word, at) => `250${at < keywords.length ? '-' : ' '}${word}\r\n`).join('')
    if (line.startsWith('RCPT TO:<gone@')) return '550 5.1.1 no\r\n'
    if (line === 'DATA') return '354 go\r\n'
    return /^(MAIL|RCPT|RSET|\.$)/.test(line) ? '250 ok\r\n' : ''
  })
  return { said, ...peer }
}

test('an IDN domain is written in A-labels to a peer without SMTPUTF8', async () => {
  using peer = await withoutSmtpUtf8('8BITMIME', 'DSN')
  await using transport = smtpTransport({ server: peer.server, helo: 'me', tls: plain })
  const from = { reversePath: 'Hanako@例え.test', smtpUtf8: true }
  const notify = { success: false, failure: true, delay: false }
  const originalRecipient = 'rfc822;first@x.test'
  const recipients = [
    { address: 'aki@例え.example', notify },
    { address: '"a..b"@BÜCHER.example', originalRecipient },
    { address: 'b@x.test' },
    { address: 'gone@例え.example' },
  ]
  const results = await transport(envelopeTo([], { ...from, recipients }), message, signal())
  // one for each as the sender wrote it, in the envelope's order
  assert.deepEqual(statuses(results), ['delivered 250', 'delivered 250', 'delivered 250', 'failed 550'])
  assert.deepEqual(
    peer.said.filter(line => /^(MAIL|RCPT)/.test(line)),
    [
      'MAIL FROM:<Hanako@xn--r8jz45g.test> BODY=8BITMIME',
      'RCPT TO:<aki@xn--r8jz45g.example> NOTIFY=FAILURE ORCPT=utf-8;aki@\\x{4F8B}\\x{3048}.example',
      'RCPT TO:<"a..b"@xn--bcher-kva.example> ORCPT=rfc822;first@x.test',
      'RCPT TO:<b@x.test>',
      'RCPT TO:<gone@xn--r8jz45g.example> ORCPT=utf-8;gone@\\x{4F8B}\\x{3048}.example',
    ],
  )
})

test('A-labels do not help where a local part or the header is not ASCII', async () => {
  using peer = await withoutSmtpUtf8('8BITMIME')
  await using transport = smtpTransport({ server: peer.server, helo: 'me', tls: plain })
  const header = memorySource(Buffer.from('Subject: 件名\r\n\r\nx\r\n'))
  const envelope = (to: string) => envelopeTo([to], { smtpUtf8: true })
  for (const [to, body] of [
    ['花子@例え.test', message],
    ['hanako@例え.test', header],
  ] as const) {
    const [result] = await transport(envelope(to), body, signal())
    assert.equal(result?.status, 'failed')
    assert.equal(result.reply.enhanced, '5.6.7')
  }
  // the other way round the sender's own address decides
  const [result] = await transport(
    envelopeTo(['b@x.test'], { reversePath: '花子@x.test', smtpUtf8: true }),
    message,
    signal(),
  )
  assert.equal(result?.reply.enhanced, '5.6.7')
  assert.ok(!peer.said.some(line => line.startsWith('MAIL')))
  // whom the server can be told gets it
  const both = envelopeTo(['花子@x.test', 'aki@例え.test', 'b@x.test'], { smtpUtf8: true })
  assert.deepEqual(statuses(await transport(both, message, signal())), ['failed 550', 'delivered 250', 'delivered 250'])
})

test('with SMTPUTF8 an IDN domain goes as it was written, declared or not', async () => {
  await using bench = await smtpBench('mx')
  await using transport = smtpTransport(await toBench(bench))
  for (const smtpUtf8 of [true, false])
    assert.deepEqual(statuses(await transport(envelopeTo(['aki@例え.test'], { smtpUtf8 }), message, signal())), [
      'delivered 250',
    ])
  assert.deepEqual(
    bench.receiver.taken.map(({ envelope, recipients }) => [envelope.smtpUtf8, recipients[0]?.address]),
    [
      [true, 'aki@例え.test'],
      [true, 'aki@例え.test'],
    ],
  )
})

test('8-bit mail that nobody declared is declared to a peer that can know', async () => {
  await using bench = await smtpBench('mx')
  await using transport = smtpTransport(await toBench(bench))
  const eightBit = memorySource(Buffer.from('Subject: x\r\n\r\nこんにちは\r\n'))
  await transport(envelopeTo(['b@x.test'], { body: '7BIT' }), eightBit, signal())
  await transport(envelopeTo(['b@x.test'], { body: '7BIT' }), message, signal())
  assert.deepEqual(
    bench.receiver.taken.map(({ envelope }) => envelope.body),
    ['8BITMIME', '7BIT'],
  )
})

test('smtp-server takes what we send', async () => {
  const got: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        got.push(`${session.envelope.rcptTo.map(to => to.address).join()} ${Buffer.concat(parts)}`)
        done(null, 'Kept')
      })
    },
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.server.address() as AddressInfo
  await using transport = smtpTransport({ server: { host: '127.0.0.1', port }, helo: 'me', tls: opportunistic })
  assert.deepEqual(statuses(await transport(envelopeTo(['b@x.test', 'c@x.test']), message, signal())), [
    'delivered 250',
    'delivered 250',
  ])
  assert.equal(got[0], 'b@x.test,c@x.test Subject: x\r\n\r\n.dot\r\nlast line without end\r\n')
  await transport.close() // it waits for idle connections
  await new Promise<void>(resolve => server.close(() => resolve()))
})

function zone(mx: Record<string, DnsAnswer<readonly MxRecord[]>>, hosts: Record<string, string[]>): Resolver {
  return {
    mx: async domain => mx[domain] ?? { kind: 'none' },
    addresses: async name => (hosts[name] ? { kind: 'found', value: hosts[name] } : { kind: 'none' }),
    a: async () => ({ kind: 'none' }),
    aaaa: async () => ({ kind: 'none' }),
    txt: async () => ({ kind: 'none' }),
    ptr: async () => ({ kind: 'none' }),
  }
}

test('MX: preference, the next host, implicit and null MX, no domain, no DNS', async () => {
  await using bench = await smtpBench('mx')
  const listener = await bench.listen()
  const found = (...records: [number, string][]) => ({
    kind: 'found' as const,
    value: records.map(([priority, exchange]) => ({ priority, exchange })),
  })
  const resolver = zone(
    {
      'two.test': found([20, 'good.test'], [10, 'dead.test']),
      'null.test': found([0, '']),
      'broken.test': { kind: 'temporary', reason: 'ESERVFAIL' },
      'loop.test': found([10, 'ours.test'], [20, 'good.test']),
      'named.test': found([5, 'MX.Home.test'], [5, 'good.test']),
      'backup.test': found([10, 'dead.test'], [20, 'ours.test'], [20, 'good.test'], [30, 'good.test']),
      'primary.test': found([10, 'good.test'], [20, 'mx.home.test']),
      'equal.test': found([10, 'ours.test'], [10, 'good.test']),
      'unsure.test': found([10, 'nothing.test'], [20, 'ours.test']),
    },
    // nothing listens on 127.0.0.77
    {
      'good.test': ['127.0.0.1'],
      'dead.test': ['127.0.0.77'],
      'implicit.test': ['127.0.0.1'],
      'xn--r8jz45g.test': ['127.0.0.1'],
      'ours.test': ['127.0.0.9'],
      'itself.test': ['127.0.0.9'],
      '127.0.0.9': ['127.0.0.9'],
    },
  )
  const transport = mxTransport({
    resolver,
    helo: 'me',
    port: listener.port,
    isOurs: place => place === '127.0.0.9' || place.toLowerCase() === 'mx.home.test',
  })
  const to = ['two', 'null', 'implicit', 'nowhere', 'broken', 'loop', '例え', 'XN--R8JZ45G'].map(
    name => `b@${name}.test`,
  )
  const results = await transport(envelopeTo(to), message, signal())
  assert.deepEqual(statuses(results), [
    'delivered 250',
    'failed 556',
    'delivered 250',
    'failed 550',
    'deferred 451',
    // RFC 5321 §5.1: what leads to us, and all that is preferred no more, is no way; where nothing is left the message goes back
    'failed 554',
    // one host by any spelling of its domain
    'delivered 250',
    'delivered 250',
  ])
  assert.ok(bench.receiver.taken.some(({ recipients }) => recipients.length === 2))
  const taken = bench.receiver.taken.length
  const backs = ['named', 'itself', 'equal', 'backup', 'unsure', 'primary', 'mx.home'].map(name => `b@${name}.test`)
  const leadBack = await transport(envelopeTo([...backs, 'b@[127.0.0.9]']), message, signal())
  assert.deepEqual(statuses(leadBack), [
    'failed 554',
    'failed 554',
    'failed 554',
    // the better one is away: later, and not by ourselves, who would say no
    'deferred 451',
    // perhaps DNS did not tell of the better one
    'deferred 451',
    'delivered 250',
    // the server's own name, and its own address
    'failed 554',
    'failed 554',
  ])
  assert.match(leadBack[0]?.reply.lines.join(' ') ?? '', /^MX-LOOP: mail for named\.test leads back to this server/)
  assert.equal(bench.receiver.taken.length, taken + 1)
})

test('after an abort the fate is open: deferred', async () => {
  await using bench = await smtpBench('mx')
  bench.receiver.verdict = () => new Promise(() => {})
  await using transport = smtpTransport(await toBench(bench))
  const results = await transport(envelopeTo(['b@x.test']), message, AbortSignal.timeout(100))
  assert.deepEqual(statuses(results), ['deferred 451'])
})
