// Connections kept for the next letter to the same host: what goes over them, when they end, and that a dead one costs no letter.
import assert from 'node:assert/strict'
import { createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import test, { type TestContext } from 'node:test'
import type { RecipientResult } from '#formats/envelope.ts'
import { memorySource } from '#formats/message-source.ts'
import type { Resolver } from '#net/dns.ts'
import { envelopeTo } from './client.testbed.ts'
import { KeptConnections, type KeptOptions } from './mx-kept.ts'
import { mxTransport } from './mx-transport.ts'

/** What the host does at a command of its connection (0, 1 …): says something else, cuts the line (`cut`), or says nothing (`silent`). Undefined: as hosts do */
type Talk = (at: { readonly connection: number; readonly verb: string; readonly nth: number }) => Doing
type Doing = string | undefined

async function hostOf(t: TestContext, talk: Talk = () => undefined) {
  /** Of each connection, the commands by their first words; BODY is a whole message */
  const heard: string[][] = []
  const open = new Set<Socket>()
  const server = createServer(socket => {
    const connection = heard.push([]) - 1
    const own = heard[connection] ?? []
    const counts = new Map<string, number>()
    let text = ''
    let inBody = false
    open.add(socket)
    socket.on('close', () => open.delete(socket)).on('error', () => undefined)
    socket.write('220 mx.internet.test ESMTP\r\n')
    socket.on('data', chunk => {
      text += chunk.toString('latin1')
      for (let end = find(text, inBody); end >= 0; end = find(text, inBody)) {
        const verb = inBody ? 'BODY' : (text.slice(0, end).split(/[ :]/)[0] ?? '')
        text = text.slice(end + (inBody ? 5 : 2))
        const nth = counts.get(verb) ?? 0
        counts.set(verb, nth + 1)
        own.push(verb)
        const doing = talk({ connection, verb, nth })
        if (doing === 'cut') return void socket.destroy()
        inBody = verb === 'DATA' && doing === undefined
        if (doing === 'silent') continue
        if (verb === 'QUIT') return void socket.end('221 Bye\r\n')
        socket.write(`${doing ?? (verb === 'DATA' ? '354 Go on' : '250 2.0.0 OK')}\r\n`)
      }
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return { port: (server.address() as { port: number }).port, heard, open }
}

function find(text: string, inBody: boolean): number {
  return text.indexOf(inBody ? '\r\n.\r\n' : '\r\n')
}

const resolver = {
  mx: async () => ({ kind: 'found', value: [{ exchange: 'mx.internet.test', priority: 10 }] }),
  addresses: async () => ({ kind: 'found', value: ['127.0.0.1'] }),
} as unknown as Resolver

async function bedOf(t: TestContext, talk?: Talk, options: KeptOptions = {}) {
  const host = await hostOf(t, talk)
  const kept = new KeptConnections(options)
  t.after(() => kept[Symbol.asyncDispose]())
  const transport = mxTransport({ resolver, helo: 'mail.home.test', port: host.port, kept, budgetMs: 2_000 })
  const letter = memorySource(Buffer.from('Subject: x\r\n\r\nHello\r\n'))
  const send = async (to = 'x@internet.test', signal = AbortSignal.timeout(5_000)) => {
    const [result] = await transport(envelopeTo([to], { body: '7BIT' }), letter, signal)
    assert.ok(result)
    return told(result)
  }
  return { ...host, kept, send }
}

function told({ status, reply, unsure }: RecipientResult): string {
  return `${status} ${reply.code}${unsure ? ' unsure' : ''}`
}

const letterOf = ['MAIL', 'RCPT', 'DATA', 'BODY']

test('letters to one host, whatever their domain, go over one connection, asked by RSET before each', async t => {
  const { send, heard, kept } = await bedOf(t)
  for (const to of ['x@internet.test', 'y@internet.test', 'z@elsewhere.test'])
    assert.equal(await send(to), 'delivered 250')
  assert.deepEqual(heard, [['EHLO', ...letterOf, 'RSET', ...letterOf, 'RSET', ...letterOf]])
  assert.equal(kept.size, 1)
})

test('letters at the same time have a connection each', async t => {
  const { send, heard, kept } = await bedOf(t)
  assert.deepEqual(await Promise.all([send(), send(), send()]), Array(3).fill('delivered 250'))
  assert.equal(heard.length, 3)
  assert.equal(kept.size, 3)
  assert.deepEqual(await Promise.all([send(), send(), send()]), Array(3).fill('delivered 250'))
  assert.equal(heard.length, 3, 'and the next three the same ones')
})

test('an idle one is left with QUIT', async t => {
  const { send, heard, kept } = await bedOf(t, undefined, { idleMs: 30 })
  await send()
  await until(() => heard[0]?.at(-1) === 'QUIT')
  assert.equal(kept.size, 0)
  assert.equal(await send(), 'delivered 250')
  assert.equal(heard.length, 2)
})

test('bounds: letters of one connection, idle ones in all, and the end of the process', async t => {
  const { send, heard, kept, open } = await bedOf(t, undefined, { letters: 2, max: 1 })
  for (let letter = 0; letter < 3; letter++) await send()
  assert.deepEqual(heard[0], ['EHLO', ...letterOf, 'RSET', ...letterOf, 'QUIT'])
  assert.equal(heard.length, 2)
  await Promise.all([send(), send(), send()])
  assert.equal(kept.size, 1)
  await kept[Symbol.asyncDispose]()
  await until(() => open.size === 0)
  assert.ok(heard.every(own => own.at(-1) === 'QUIT'))
  await send()
  assert.equal(kept.size, 0, 'nothing is kept after the end')
})

test('refusals end no connection, and the next letter does not suffer from them', async t => {
  const refusals = [
    { verb: 'MAIL', reply: '550 5.7.1 Not you' },
    { verb: 'RCPT', reply: '550 5.1.1 Nobody' },
    { verb: 'DATA', reply: '554 5.5.1 No' },
    { verb: 'BODY', reply: '552 5.3.4 Too big' },
  ]
  for (const { verb, reply } of refusals) {
    const { send, heard } = await bedOf(t, at => (at.verb === verb && at.nth === 0 ? reply : undefined))
    assert.equal(await send(), `failed ${reply.slice(0, 3)}`)
    assert.equal(await send(), 'delivered 250', verb)
    assert.equal(heard.length, 1, verb)
  }
})

for (const [name, doing] of [
  ['cuts the line', 'cut'],
  ['is silent', 'silent'],
  ['says 421', '421 4.4.2 Idle for too long'],
  ['knows no RSET', '502 5.5.1 What?'],
] as const)
  test(`a host that ${name} when a kept connection is asked: the letter takes a new one`, async t => {
    const { send, heard } = await bedOf(t, ({ verb }) => (verb === 'RSET' ? doing : undefined), { answerMs: 100 })
    assert.equal(await send(), 'delivered 250')
    assert.equal(await send(), 'delivered 250')
    assert.deepEqual(heard[1]?.slice(0, 5), ['EHLO', ...letterOf])
  })

test('a host that left meanwhile is not even asked', async t => {
  const { send, heard, open } = await bedOf(t)
  await send()
  for (const socket of open) socket.end('421 4.4.2 Good night\r\n')
  await until(() => open.size === 0)
  assert.equal(await send(), 'delivered 250')
  assert.deepEqual(heard, [
    ['EHLO', ...letterOf],
    ['EHLO', ...letterOf],
  ])
})

for (const verb of ['MAIL', 'RCPT', 'DATA'])
  for (const doing of ['cut', '421 4.3.2 Closing'])
    test(`a kept connection that ends at ${verb} (${doing}): the letter takes a new one at once`, async t => {
      const { send, heard } = await bedOf(t, at =>
        at.connection === 0 && at.verb === verb && at.nth === 1 ? doing : undefined,
      )
      assert.equal(await send(), 'delivered 250')
      assert.equal(await send(), 'delivered 250')
      assert.equal(heard.flat().filter(one => one === 'BODY').length, 2, 'two letters, two bodies')
      assert.equal(heard.length, 2)
    })

test('a kept connection that breaks after the end of the message: unsure, and not sent twice by us', async t => {
  const { send, heard } = await bedOf(t, ({ verb, nth }) => (verb === 'BODY' && nth === 1 ? 'cut' : undefined))
  assert.equal(await send(), 'delivered 250')
  assert.equal(await send(), 'deferred 451 unsure')
  assert.equal(heard.flat().filter(one => one === 'BODY').length, 2)
  assert.equal(heard.length, 1)
})

test('an attempt that is given up while the host is asked leaves nothing behind', async t => {
  const { send, kept, open } = await bedOf(t, ({ verb }) => (verb === 'RSET' ? 'silent' : undefined))
  await send()
  assert.match(await send(undefined, AbortSignal.timeout(80)), /^deferred 451$/)
  assert.equal(kept.size, 0)
  await until(() => open.size === 0)
})

async function until(isSo: () => boolean): Promise<void> {
  for (let round = 0; round < 200; round++) {
    if (isSo()) return
    await sleep(10)
  }
  assert.fail('It did not come to pass')
}
