// RFC 8887 over real WebSockets: requests and answers, states between them, who may come, and how it ends.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { delivery } from '#mail/accounts.testbed.ts'
import { authorization, type JmapBed, withJmap } from '../jmap.testbed.ts'
import { maxSizeRequest, maxWebSockets } from '../limits.ts'
import {
  coreCapability,
  mailCapability,
  type WebSocketCapability,
  webSocketCapability,
  type WebSocketStateChange,
} from '../wire.ts'

type Message = { readonly '@type': string; readonly [name: string]: unknown }

class Client implements Disposable {
  readonly socket: WebSocket
  readonly #messages: Message[] = []
  closed: { readonly code: number; readonly reason: string } | undefined

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('message', (data: Buffer) => this.#messages.push(JSON.parse(data.toString()) as Message))
    socket.on('close', (code, reason) => (this.closed = { code, reason: reason.toString() }))
    socket.on('error', () => undefined)
  }

  say(message: object | string): void {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  }

  async next(): Promise<Message> {
    await until(() => this.#messages.length > 0)
    const message = this.#messages.shift()
    assert.ok(message)
    return message
  }

  async ends(): Promise<number> {
    await until(() => this.closed !== undefined)
    return this.closed?.code ?? 0
  }

  get silent(): boolean {
    return this.#messages.length === 0
  }

  [Symbol.dispose](): void {
    this.socket.terminate()
  }
}

async function until(true_: () => boolean, ms = 5_000): Promise<void> {
  for (const end = performance.now() + ms; !true_(); await sleep(5))
    assert.ok(performance.now() < end, 'Nothing happened')
}

function dial({ port }: JmapBed, headers: Readonly<Record<string, string>> = { authorization }, protocols = ['jmap']) {
  return new WebSocket(`ws://127.0.0.1:${port}/jmap/ws`, protocols, { headers })
}

async function connect(bed: JmapBed): Promise<Client> {
  const socket = dial(bed)
  const client = new Client(socket)
  await once(socket, 'open')
  return client
}

/** What the handshake is answered. */
async function refusal(
  bed: JmapBed,
  headers?: Readonly<Record<string, string>>,
  protocols?: string[],
): Promise<number | undefined> {
  const socket = dial(bed, headers, protocols)
  socket.on('error', () => undefined)
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode?: number }]
  socket.terminate()
  return response.statusCode
}

const echo = (id: string, given: object = { hello: true }) => ({
  '@type': 'Request',
  id,
  using: [coreCapability],
  methodCalls: [['Core/echo', given, 'c1']],
})

test('the session says where; requests are answered with their ids (RFC 8887 §3, §4.3)', async () => {
  await withJmap(async bed => {
    const session = await bed.session()
    const { url, supportsPush } = session.capabilities[webSocketCapability] as WebSocketCapability
    assert.deepEqual({ url, supportsPush }, { url: `ws://127.0.0.1:${bed.port}/jmap/ws`, supportsPush: true })
    using client = await connect(bed)
    assert.equal(client.socket.protocol, 'jmap')
    client.say(echo('R1', { name: '漢字' }))
    assert.deepEqual(await client.next(), {
      '@type': 'Response',
      requestId: 'R1',
      methodResponses: [['Core/echo', { name: '漢字' }, 'c1']],
      sessionState: session.state,
    })
    client.say({ '@type': 'Request', using: [coreCapability], methodCalls: [], createdIds: {} })
    const { requestId, createdIds, methodResponses } = await client.next()
    assert.deepEqual(
      { requestId, createdIds, methodResponses },
      { requestId: undefined, createdIds: {}, methodResponses: [] },
    )
  })
})

test('RFC 8887 §4.3.6: what is not JSON, or no request, or wants what is not there, is answered and the connection goes on', async () => {
  await withJmap(async bed => {
    using client = await connect(bed)
    const errors: readonly (readonly [object | string, string, string | null])[] = [
      ['The quick brown fox jumps over the lazy dog.', 'notJSON', null],
      ['[]', 'notRequest', null],
      [{ id: 'R7', using: [], methodCalls: [] }, 'notRequest', 'R7'],
      [{ '@type': 'Request', id: 'R8', using: [coreCapability], methodCalls: 'none' }, 'notRequest', 'R8'],
      [{ '@type': 'Request', id: 'R9', using: ['urn:example:none'], methodCalls: [] }, 'unknownCapability', 'R9'],
      [{ '@type': 'Request', id: 9, using: [], methodCalls: [] }, 'notRequest', null],
      [{ '@type': 'WebSocketPushEnable', dataTypes: 'Mailbox' }, 'notRequest', null],
      [{ '@type': 'WebSocketPushEnable', dataTypes: null, pushState: 4 }, 'notRequest', null],
    ]
    for (const [said, type, id] of errors) {
      client.say(said)
      const answer = await client.next()
      assert.equal(answer['@type'], 'RequestError')
      assert.equal(answer['type'], `urn:ietf:params:jmap:error:${type}`, JSON.stringify(said))
      assert.equal(answer['requestId'], id)
      assert.equal(answer['status'], 400)
    }
    client.say(echo('R10'))
    assert.equal((await client.next())['requestId'], 'R10')
  })
})

test('many requests at once are all answered, whatever their order', async () => {
  await withJmap(async bed => {
    using client = await connect(bed)
    const ids = Array.from({ length: 300 }, (_, index) => `R${index}`)
    for (const id of ids) client.say(echo(id))
    const answered = new Set<unknown>()
    for (const _ of ids) {
      const { '@type': type, requestId } = await client.next()
      assert.equal(type, 'Response')
      answered.add(requestId)
    }
    assert.deepEqual(answered, new Set(ids))
  })
})

test('states are told while they are wanted, those of the types that were named, and from where the client was', async () => {
  await withJmap(async bed => {
    const deliver = () =>
      bed.accounts.deliver(delivery(bed.account, { recipient: 'yuki@home.test' }), AbortSignal.timeout(5_000))
    using client = await connect(bed)
    client.say({ '@type': 'WebSocketPushEnable', dataTypes: ['Email', 'Calendar'], pushState: 'nonsense' })
    const first = (await client.next()) as unknown as WebSocketStateChange
    assert.deepEqual(Object.keys(first.changed[bed.accountId] ?? {}), ['Email'])
    await deliver()
    const second = (await client.next()) as unknown as WebSocketStateChange
    const { state } = await bed.call('Email/get', { ids: [] })
    assert.deepEqual(second, {
      '@type': 'StateChange',
      changed: { [bed.accountId]: { Email: state } },
      pushState: second.pushState,
    })
    client.say({ '@type': 'WebSocketPushDisable' })
    client.say(echo('R1'))
    assert.equal((await client.next())['requestId'], 'R1')
    await deliver()
    client.say({ '@type': 'WebSocketPushEnable', dataTypes: null, pushState: second.pushState })
    const third = (await client.next()) as unknown as WebSocketStateChange
    assert.ok(Object.keys(third.changed[bed.accountId] ?? {}).length > 3)
    // from where it is now there is nothing to tell
    client.say({ '@type': 'WebSocketPushEnable', dataTypes: null, pushState: third.pushState })
    client.say(echo('R2'))
    assert.equal((await client.next())['requestId'], 'R2')
    assert.ok(client.silent)
  })
})

test('race: a wish that is changed many times is the last one', async () => {
  await withJmap(async bed => {
    using client = await connect(bed)
    for (let round = 0; round < 50; round++) {
      client.say({ '@type': 'WebSocketPushEnable', dataTypes: ['Email'] })
      client.say({ '@type': round % 2 ? 'WebSocketPushDisable' : 'WebSocketPushEnable', dataTypes: ['Mailbox'] })
    }
    client.say({ '@type': 'WebSocketPushEnable', dataTypes: ['Mailbox'] })
    client.say(echo('R1'))
    assert.equal((await client.next())['requestId'], 'R1')
    client.say({
      '@type': 'Request',
      using: [coreCapability, mailCapability],
      methodCalls: [['Mailbox/set', { accountId: bed.accountId, create: { m: { name: 'Plans' } } }, 'c']],
    })
    const both = [await client.next(), await client.next()]
    const [change] = both.filter(message => message['@type'] === 'StateChange') as unknown as WebSocketStateChange[]
    assert.deepEqual(Object.keys(change?.changed[bed.accountId] ?? {}), ['Mailbox'])
    await sleep(50)
    assert.ok(client.silent)
  })
})

test('who may not come is told so before a WebSocket begins', async () => {
  await withJmap(async bed => {
    assert.equal(await refusal(bed, {}), 401)
    assert.equal(await refusal(bed, { authorization, origin: 'https://elsewhere.example' }), 403)
    assert.equal(await refusal(bed, { authorization, 'sec-fetch-site': 'cross-site' }), 403)
    assert.equal(await refusal(bed, undefined, ['chat']), 400)
    assert.equal((await bed.ask({ path: '/jmap/ws' })).status, 426)
    const plain = await bed.ask({ path: '/jmap/session', headers: { connection: 'upgrade', upgrade: 'h2c' } })
    assert.equal(plain.status, 200)
    const elsewhere = new WebSocket(`ws://127.0.0.1:${bed.port}/jmap/session`, { headers: { authorization } })
    elsewhere.on('error', () => undefined)
    const [, response] = (await once(elsewhere, 'unexpected-response')) as [unknown, { statusCode?: number }]
    assert.equal(response.statusCode, 200)
    elsewhere.terminate()
  })
})

test('one account has so many and no more; those that leave make room', async () => {
  await withJmap(async bed => {
    const clients = await Promise.all(Array.from({ length: maxWebSockets }, () => connect(bed)))
    assert.equal(await refusal(bed), 429)
    for (const client of clients) client[Symbol.dispose]()
    for (let attempt = 0; ; attempt++) {
      const socket = dial(bed)
      socket.on('error', () => undefined)
      const [outcome] = await Promise.race([
        once(socket, 'open').then(() => ['open']),
        once(socket, 'unexpected-response').then(() => ['refused']),
      ])
      socket.terminate()
      if (outcome === 'open') break
      assert.ok(attempt < 100, 'No room')
      await sleep(20)
    }
  })
})

test('binary messages, too large ones and broken frames end the connection, with the code that says why (RFC 6455 §7.4.1)', async () => {
  await withJmap(async bed => {
    using binary = await connect(bed)
    binary.socket.send(Buffer.from('{}'))
    assert.equal(await binary.ends(), 1003)
    using large = await connect(bed)
    large.say(`"${'x'.repeat(maxSizeRequest)}"`)
    assert.equal(await large.ends(), 1009)
    using broken = await connect(bed)
    const { _socket } = broken.socket as unknown as { readonly _socket: { write(bytes: Buffer): void } }
    _socket.write(Buffer.from([0xff, 0xff, 0xff]))
    assert.equal(await broken.ends(), 1002)
    using last = await connect(bed)
    last.say(echo('R1'))
    assert.equal((await last.next())['requestId'], 'R1')
  })
})

test('it ends when the user is disabled, and when the server stops', async () => {
  await withJmap(async bed => {
    using client = await connect(bed)
    await bed.directory.setEnabled('yuki@home.test', false)
    assert.equal(await client.ends(), 1008)
    await bed.directory.setEnabled('yuki@home.test', true)
    using second = await connect(bed)
    second.say({ '@type': 'WebSocketPushEnable', dataTypes: null })
    bed.stop.abort()
    assert.equal(await second.ends(), 1001)
  })
})

test('a peer that leaves in the middle takes its watch along, and what it had begun is done', async () => {
  await withJmap(async bed => {
    const account = (await bed.accounts.account(bed.account)) as unknown as { readonly isWatched: boolean }
    const client = await connect(bed)
    client.say({ '@type': 'WebSocketPushEnable', dataTypes: null })
    await until(() => account.isWatched)
    client.say({
      '@type': 'Request',
      using: [coreCapability, mailCapability],
      methodCalls: [['Mailbox/set', { accountId: bed.accountId, create: { m: { name: 'Plans' } } }, 'c']],
    })
    await sleep(20)
    client[Symbol.dispose]()
    await until(() => !account.isWatched)
    const { list } = (await bed.call('Mailbox/get')) as unknown as {
      readonly list: readonly { readonly name: string }[]
    }
    assert.ok(list.some(({ name }) => name === 'Plans'))
  })
})
