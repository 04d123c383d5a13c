// What the client puts on the wire, and how it bears servers that lie, fall silent or go.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { duplexPair } from 'node:stream'
import test from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import fc from 'fast-check'
import { memorySource } from '#formats/message-source.ts'
import { Connection } from '#net/connection.ts'
import { star } from '../syntax/sequence-set.ts'
import { ImapClient } from './client.ts'
import {
  CommandRefused,
  ConnectionBroken,
  ImapFailure,
  LoginImpossible,
  NotSecure,
  ServerBye,
  ServerNonsense,
  ServerSilent,
} from './failure.ts'
import { withFakeServer } from './fake-server.testbed.ts'

const letter = (octets: number) => memorySource(Buffer.alloc(octets, 'x'))
const all = [{ first: 1, last: star }] as const
const body = { item: 'BODY[]', section: { part: [], text: { kind: 'ALL' } }, peek: true, partial: undefined } as const

test('commands are sent ahead, and each gets its own answer', () =>
  withFakeServer(async (server, client) => {
    const first = client.status('a', ['MESSAGES'])
    const second = client.status('b', ['MESSAGES'])
    const third = client.run({ name: 'NOOP' })
    await server.until('h3 NOOP\r\n')
    server.say('* STATUS a (MESSAGES 1)', 'h1 OK', '* STATUS b (MESSAGES 2)', 'h2 OK', 'h3 NO [X] not now')
    assert.deepEqual([await first, await second], [new Map([['MESSAGES', 1]]), new Map([['MESSAGES', 2]])])
    await assert.rejects(third, (error: unknown) => {
      assert.ok(error instanceof CommandRefused)
      assert.equal(error.message, 'NOOP: NO not now')
      assert.deepEqual(error.answer.code, { name: 'other', code: 'X', argument: undefined })
      return true
    })
    // fit for more
    const fourth = client.run({ name: 'NOOP' })
    await server.until('h4 NOOP\r\n')
    server.say('h4 OK')
    await fourth
  }))

test('a literal waits for the server, and what was asked behind it waits too', () =>
  withFakeServer(async (server, client) => {
    const appended = client.append('INBOX', letter(10))
    const after = client.run({ name: 'NOOP' })
    await server.until('{10}\r\n')
    await delay(20)
    assert.equal(server.heard(), 'h1 APPEND INBOX {10}\r\n')
    server.say('* 5 EXISTS', '+ go on')
    await server.until(`${'x'.repeat(10)}\r\nh2 NOOP\r\n`)
    server.say('h1 OK [APPENDUID 7 3] there', 'h2 OK')
    assert.deepEqual(await appended, { uidValidity: 7, uid: 3 })
    await after
  }))

test('a literal that is refused is not sent', () =>
  withFakeServer(async (server, client) => {
    const appended = client.append('INBOX', letter(10))
    const after = client.run({ name: 'NOOP' })
    await server.until('{10}\r\n')
    server.say('h1 NO [OVERQUOTA] full')
    await assert.rejects(appended, CommandRefused)
    await server.until('h2 NOOP\r\n')
    server.say('h2 OK')
    await after
    assert.ok(!server.heard().includes('xx'))
  }))

for (const [name, sizes] of [
  ['LITERAL-', { 4096: '{4096+}', 4097: '{4097}' }],
  ['LITERAL+', { 4097: '{4097+}', 65536: '{65536+}', 65537: '{65537}' }],
] as const)
  test(`${name}: which literals wait`, () =>
    withFakeServer(
      async (server, client) => {
        for (const [octets, announced] of Object.entries(sizes)) {
          const appended = client.append('INBOX', letter(Number(octets)))
          await server.until(`${announced}\r\n`)
          if (!announced.endsWith('+}')) server.say('+ go')
          await server.until('x\r\n')
          server.say(`${/(h\d+) APPEND[^h]*$/.exec(server.heard())?.[1]} OK`)
          assert.equal(await appended, undefined)
        }
      },
      { greeting: `* OK [CAPABILITY IMAP4rev1 ${name}] hello` },
    ))

test('a message whose size lies ends the connection, and is not made up for', () =>
  withFakeServer(async (server, client) => {
    const appended = client.append('INBOX', { ...letter(5), sizeBytes: 9 })
    await server.until('{9}\r\n')
    server.say('+ go')
    await assert.rejects(appended, /shorter than its size/)
    await assert.rejects(client.run({ name: 'NOOP' }), /shorter than its size/)
  }))

test('BYE, an end without a word, silence: by their names, for all that waits and will come', async () => {
  const failures = [
    [ServerBye, (say: (line: string) => void, end: () => void) => (say('* BYE maintenance'), end())],
    [ConnectionBroken, (_: (line: string) => void, end: () => void) => end()],
    [ServerSilent, () => undefined],
  ] as const
  for (const [kind, act] of failures)
    await withFakeServer(
      async (server, client) => {
        const waiting = [client.run({ name: 'NOOP' }), client.append('x', letter(3)), client.run({ name: 'NOOP' })]
        await server.until('APPEND')
        act(
          line => server.say(line),
          () => server.stream.end(),
        )
        for (const command of waiting) await assert.rejects(command, kind)
        await assert.rejects(client.run({ name: 'NOOP' }), kind)
        assert.ok(client.failure instanceof kind)
      },
      { silenceMs: 100 },
    )
})

test('who aborts gets the reason back', async () => {
  const abort = new AbortController()
  await withFakeServer(
    async (server, client) => {
      const waiting = client.run({ name: 'NOOP' })
      await server.until('NOOP')
      abort.abort(new RangeError('enough'))
      await assert.rejects(waiting, RangeError)
    },
    { signal: abort.signal },
  )
})

test('while a slow upload goes on, silence is no wonder', () =>
  withFakeServer(
    async (server, client) => {
      const slow = {
        ...letter(6),
        place: { kind: 'stream' } as const,
        async *open() {
          for (let n = 0; n < 6; n += 1) {
            await delay(60)
            yield Buffer.from('x')
          }
        },
      }
      const appended = client.append('INBOX', slow)
      await server.until('{6}\r\n')
      server.say('+ go')
      await server.until('xxxxxx\r\n')
      server.say('h1 OK')
      await appended
    },
    { silenceMs: 150 },
  ))

const nonsense = {
  'no response at all': 'what do you want',
  'a tag that nobody used': 'h9 OK done',
  'a continuation that nobody wants': '+ go on',
  'a literal of a terabyte': '* 1 FETCH (BODY[] {1099511627776}',
  'an endless line': `* OK ${'x'.repeat(9 * 1024 * 1024)}`,
  'literals without end': '* LIST () "/" {0}\r\n'.repeat(10_001),
} as const
for (const [name, line] of Object.entries(nonsense))
  test(`nonsense: ${name}`, () =>
    withFakeServer(async (server, client) => {
      const waiting = client.run({ name: 'NOOP' })
      await server.until('NOOP')
      server.say(line)
      await assert.rejects(waiting, ServerNonsense)
    }))

test('more than can be gathered is nonsense; taken as it comes it is not', () =>
  withFakeServer(async (server, client) => {
    let taken = 0
    const onResponse = () => void (taken += 1)
    const streamed = client.fetch(all, [{ item: 'FLAGS' }], { onResponse })
    await server.until('FLAGS)\r\n')
    const many = '* 1 FETCH (FLAGS ())\r\n'.repeat(10_000)
    for (let n = 0; n < 21; n += 1) server.stream.write(many)
    server.say('h1 OK')
    assert.deepEqual(await streamed, [])
    assert.equal(taken, 210_000)
    const gathered = client.fetch(all, [{ item: 'FLAGS' }])
    await server.until('FLAGS)\r\n')
    for (let n = 0; n < 21; n += 1) server.stream.write(many)
    await assert.rejects(gathered, ServerNonsense)
  }))

test('the server is not read faster than its responses are handled', () =>
  withFakeServer(async (server, client) => {
    let busy = 0
    let most = 0
    const onResponse = async () => {
      most = Math.max(most, ++busy)
      await delay(5)
      busy -= 1
    }
    const fetched = client.fetch(all, [body], { onResponse })
    await server.until('BODY.PEEK[])')
    const chunk = Buffer.alloc(512 * 1024, 'x')
    let sent = 0
    const sending = (async () => {
      for (let n = 1; n <= 40; n += 1) {
        server.stream.write(`* ${n} FETCH (BODY[] {${chunk.length}}\r\n`)
        server.stream.write(chunk)
        if (!server.stream.write(')\r\n')) await once(server.stream, 'drain')
        sent = n
      }
      server.say('h1 OK')
    })()
    await delay(20)
    assert.ok(sent < 20, `${sent} of 40 are under way`)
    await Promise.all([fetched, sending])
    assert.equal(most, 1)
  }))

test('a sink whose letter does not come whole is discarded', () =>
  withFakeServer(async (server, client) => {
    const acts: string[] = []
    const writer = {
      write: (bytes: Uint8Array) => void acts.push(`write ${bytes.length}`),
      finish: () => (acts.push('finish'), letter(0)),
      discard: () => void acts.push('discard'),
    }
    const sink = (about: object) => (acts.push(JSON.stringify(about)), writer)
    const fetched = client.fetch(all, [body], { onResponse: () => void acts.push('taken'), sink })
    await server.until('FETCH')
    server.say('* 3 FETCH (UID 9 BODY[1.MIME] {3}', 'abc BODY[] {0}', ')', '* 4 FETCH (UID 10 BODY[] {9}', 'abc')
    server.stream.end()
    await assert.rejects(fetched, ConnectionBroken)
    const about = (message: number, section: string, sizeBytes: number) =>
      JSON.stringify({ message, section, sizeBytes })
    assert.deepEqual(acts, [
      about(3, '1.MIME', 3),
      'write 3',
      'finish',
      about(3, '', 0),
      'finish',
      'taken',
      'discard',
      'discard',
      about(4, '', 9),
      'write 5',
      'discard',
    ])
  }))

test('IDLE: DONE when told, anew when its time is over, and a NO is a NO', () =>
  withFakeServer(async (server, client) => {
    const stop = new AbortController()
    const told: string[] = []
    const idling = client.idle({ onResponse: one => void told.push(one.kind), stop: stop.signal, renewMs: 50 })
    await server.until('h1 IDLE\r\n')
    server.say('+ idling', '* 4 EXISTS')
    await server.until('DONE\r\n')
    server.say('* 1 EXPUNGE', 'h1 OK')
    await server.until('h2 IDLE\r\n')
    server.say('+')
    const after = client.run({ name: 'NOOP' })
    stop.abort()
    await server.until('DONE\r\nh3 NOOP\r\n')
    server.say('h2 OK', 'h3 OK')
    await Promise.all([idling, after])
    assert.deepEqual(told, ['exists', 'expunge'])
    const refused = client.idle({ onResponse: () => undefined, stop: new AbortController().signal })
    await server.until('h4 IDLE\r\n')
    server.say('h4 BAD what')
    await assert.rejects(refused, CommandRefused)
  }))

test('logins: what is offered decides, and success without proof is none', async () => {
  await withFakeServer(
    async (server, client) => {
      const login = client.login('yuki', 'secret')
      await server.until('h1 AUTHENTICATE PLAIN\r\n')
      server.say('+ ')
      await server.until(`${Buffer.from('\0yuki\0secret').toString('base64')}\r\n`)
      server.say('h1 OK [CAPABILITY IMAP4rev1 IDLE] in')
      await login
      assert.ok(client.capabilities.has('IDLE'))
    },
    { greeting: '* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hello' },
  )
  await withFakeServer(
    async (server, client) => {
      const login = client.login('yuki', 'se"cret')
      await server.until('h1 LOGIN "yuki" "se\\"cret"\r\n')
      server.say('h1 NO [AUTHENTICATIONFAILED] no')
      await assert.rejects(login, CommandRefused)
    },
    { greeting: '* OK [CAPABILITY IMAP4rev1 AUTH=GSSAPI] hello' },
  )
  await withFakeServer(
    async (_, client) => {
      await assert.rejects(client.login('yuki', 'secret'), LoginImpossible)
    },
    { greeting: '* OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hello' },
  )
  for (const [answer, heard] of [
    ['h1 OK in', /^h1 AUTHENTICATE SCRAM-SHA-256 [\w+/=]+\r\n$/],
    ['+ !', /\r\n\*\r\n$/],
    ['+ cj1hLHM9YWFhYSxpPTQwOTY=', /\r\n\*\r\n$/],
  ] as const)
    await withFakeServer(
      async (server, client) => {
        const login = client.login('yuki', 'secret')
        await server.until('\r\n')
        server.say(answer)
        if (answer.startsWith('+')) {
          await server.until('*\r\n')
          server.say('h1 BAD given up')
        }
        await assert.rejects(login, LoginImpossible)
        assert.match(server.heard(), heard)
        assert.ok(!server.heard().includes('secret'))
      },
      { greeting: '* OK [CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256 AUTH=PLAIN SASL-IR] hello' },
    )
})

test('STARTTLS: a word slipped in before TLS, a refusal, and PREAUTH end it', async () => {
  const tls = { serverName: 'home.test', verify: true }
  for (const [answer, kind] of [
    ['h1 OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN', ServerNonsense],
    ['h1 NO not today', NotSecure],
  ] as const)
    await withFakeServer(async (server, client) => {
      const secured = client.startTls(tls)
      await server.until('h1 STARTTLS\r\n')
      server.say(answer)
      await assert.rejects(secured, kind)
    })
  await withFakeServer(
    async (_, client) => {
      await assert.rejects(client.startTls(tls), NotSecure)
    },
    { greeting: '* PREAUTH [CAPABILITY IMAP4rev1] welcome' },
  )
})

test('greetings that are none', async () => {
  for (const [greeting, kind] of [
    ['* BYE go away', ServerBye],
    ['* NO [X] hm', ServerNonsense],
    ['* 1 EXISTS', ServerNonsense],
    ['220 mx.example.org ESMTP', ServerNonsense],
    ['+OK POP3', ServerNonsense],
  ] as const)
    await assert.rejects(
      withFakeServer(async () => undefined, { greeting }),
      kind,
    )
})

test('whatever a server says, each command ends with an answer or a failure that has a name', async () => {
  const said =
    '* |+ |h1 OK|h2 OK|h3 NO|h4 OK| |\r\n|\r\n|{3}\r\nabc|{99}\r\n|* BYE x\r\n|* 1 FETCH (BODY[] {3}\r\nabc)\r\n|' +
    '* 4 EXISTS\r\n|(|"|[CAPABILITY AUTH=PLAIN]|x|\n|\0'
  const words = fc.constantFrom(...said.split('|'))
  await fc.assert(
    fc.asyncProperty(fc.array(words, { maxLength: 25 }), async parts => {
      const [ours, stream] = duplexPair()
      stream.on('error', () => undefined).resume()
      stream.write(`* OK hello\r\n${parts.join('')}`)
      stream.end()
      const client = await ImapClient.open(new Connection(ours), { silenceMs: 500 })
      const results = await Promise.allSettled([
        client.run({ name: 'NOOP' }),
        client.append('INBOX', letter(3)),
        client.fetch(all, [body], { onResponse: () => undefined, sink: () => undefined }),
        client.idle({ onResponse: () => undefined, stop: AbortSignal.timeout(1) }),
        client.logout(),
      ])
      for (const result of results)
        assert.ok(result.status === 'fulfilled' || result.reason instanceof ImapFailure, JSON.stringify(result))
      client.destroy()
    }),
    { numRuns: 150 },
  )
})
