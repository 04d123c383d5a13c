// The client against our own server, over TCP where TLS is wanted.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import test from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { utf8 } from '#base/bytes.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import type { Authenticator, AuthResult } from '#mail/auth.ts'
import { scramKeys } from '#mail/passwords/scram-verifier.ts'
import { Connection } from '#net/connection.ts'
import { secureAsServer } from '#net/handshake.ts'
import { testAccount, testAddress, testPassword, withImap, type Testbed } from '../imap.testbed.ts'
import { withTls } from '../tls.testbed.ts'
import { serveImap } from '../server.ts'
import { star } from '../syntax/sequence-set.ts'
import { ImapClient } from './client.ts'
import { connectImap, type ImapConnectOptions } from './connect.ts'
import { CommandRefused, ConnectionBroken, NotSecure, ServerBye, ServerSilent } from './failure.ts'
import type { BodySink } from './receive.ts'
import type { Nested, UntaggedResponse } from './response.ts'
import { spoolSink } from './spool-sink.ts'

const all = [{ first: 1, last: star }] as const
const body = { item: 'BODY[]', section: { part: [], text: { kind: 'ALL' } }, peek: true, partial: undefined } as const
const small = memorySource(utf8('Subject: small\r\n\r\nx\r\n'))

async function loggedIn(bed: Testbed): Promise<ImapClient> {
  const client = await ImapClient.open(new Connection(bed.connect()))
  await client.login(testAddress, testPassword)
  return client
}

/** Made as it is read: never whole in memory. */
function made(sizeBytes: number): MessageSource {
  const head = utf8('Subject: large\r\n\r\n')
  const line = Buffer.from(`${'0123456789abcdef'.repeat(4)}\r\n`)
  const chunk = Buffer.concat(Array.from({ length: 900 }, () => line))
  return {
    sizeBytes,
    place: { kind: 'stream' },
    async *open() {
      yield head
      for (let left = sizeBytes - head.length; left > 0; left -= chunk.length) yield chunk.subarray(0, left)
    },
  }
}

async function digest(source: MessageSource | undefined): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of source?.open() ?? []) hash.update(chunk)
  return hash.digest('hex')
}

test('a letter of 50 MB goes up and comes down without lying in memory', () =>
  withImap(async bed => {
    const client = await loggedIn(bed)
    const letter = made(50_000_000)
    const before = held()
    const looks: number[] = []
    const look = (chunk: number) => void (chunk % 50 === 0 && looks.push(held() - before))
    await client.append('INBOX', watched(letter, look))
    await client.select('INBOX')
    const spooled = spoolSink(bed.spool)
    const sink: BodySink = async body => {
      const file = await spooled(body)
      let chunks = 0
      if (!file) return assert.fail('it went to memory')
      return {
        write: bytes => (look(++chunks), file.write(bytes)),
        finish: () => file.finish(),
        discard: () => file.discard(),
      }
    }
    let seen = ''
    const onResponse = async (response: UntaggedResponse) => {
      if (response.kind === 'fetch') seen = await digest(response.values.bodies[0]?.source)
    }
    await client.fetch(all, [body], { onResponse, sink })
    assert.equal(seen, await digest(letter))
    const most = Math.max(...looks)
    assert.ok(looks.length > 8 && most < 8_000_000, `${most} octets were held, seen in ${looks.length} looks`)
    await client.logout()
  }))

function watched(source: MessageSource, look: (chunk: number) => void): MessageSource {
  let chunks = 0
  return {
    ...source,
    async *open() {
      for await (const chunk of source.open()) {
        look(++chunks)
        yield chunk
      }
    },
  }
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function held(): number {
  // the second waits for what the first still sweeps
  collectGarbage()
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}

test('QRESYNC: what vanished and what changed while nobody was there', () =>
  withImap(async bed => {
    const [a, b] = [await loggedIn(bed), await loggedIn(bed)]
    for (let n = 0; n < 5; n += 1) await a.append('INBOX', small)
    assert.deepEqual(await b.enable('QRESYNC', 'X-NOTHING'), ['QRESYNC'])
    assert.ok(b.enabled.has('QRESYNC'))
    const { uidValidity = 0, highestModSeq = 0, ...before } = await b.select('INBOX')
    assert.deepEqual([before.exists, before.uidNext, before.readOnly], [5, 6, false])
    assert.ok(before.permanentFlags?.includes('\\*'))
    await b.run({ name: 'UNSELECT' })
    await a.select('INBOX')
    await a.store([{ first: 2, last: 3 }], 'add', ['\\Deleted'])
    await a.run({ name: 'EXPUNGE', uids: undefined })
    await a.store([{ first: 5, last: 5 }], 'add', ['\\Flagged'])
    const after = await b.select('INBOX', { readOnly: true, resync: { uidValidity, modSeq: highestModSeq } })
    assert.ok(after.readOnly)
    assert.equal(after.exists, 3)
    assert.deepEqual(after.vanished, [{ first: 2, last: 3 }])
    assert.deepEqual(
      after.changed.map(({ message, values }) => [message, values.uid, values.flags]),
      [[3, 5, ['\\Flagged']]],
    )
    // and as it happens
    const stop = new AbortController()
    const told: UntaggedResponse[] = []
    const onResponse = (one: UntaggedResponse) => (told.push(one), one.kind === 'vanished' && stop.abort())
    const idling = b.idle({ onResponse: one => void onResponse(one), stop: stop.signal })
    await a.store([{ first: 1, last: 1 }], 'add', ['\\Deleted'])
    await a.run({ name: 'EXPUNGE', uids: undefined })
    await idling
    assert.deepEqual(told.at(-1), { kind: 'vanished', earlier: false, uids: [{ first: 1, last: 1 }] })
    await Promise.all([a.logout(), b.logout()])
  }))

test('LIST, STATUS, SEARCH, COPY, MOVE, FETCH: typed, and sent ahead', () =>
  withImap(async bed => {
    const client = await loggedIn(bed)
    const name = '仕事/報告 "&"'
    const [, appended, listed] = await Promise.all([
      client.run({ name: 'CREATE', mailbox: name, role: undefined }),
      client.append(name, small, { flags: ['Work'], internalDate: Date.UTC(2020, 1, 2, 3, 4, 5) }),
      client.list('', '*', { give: ['SPECIAL-USE'] }),
      client.append(name, small),
      client.append(name, small),
    ])
    assert.equal(appended?.uid, 1)
    assert.ok(listed.some(one => one.name === name && one.delimiter === '/'))
    assert.ok(listed.some(one => one.attributes.includes('\\Sent')))
    const status = await client.status(name, ['MESSAGES', 'UIDNEXT', 'SIZE', 'MAILBOXID'])
    assert.deepEqual([status.get('MESSAGES'), status.get('UIDNEXT'), status.get('SIZE')], [3, 4, 63])
    assert.match(String(status.get('MAILBOXID')), /^\w+$/)
    await client.select(name)
    const [found, none] = await Promise.all([
      client.search({ key: 'SUBJECT', text: utf8('small') }),
      client.search({ key: 'SUBJECT', text: utf8('no such') }),
    ])
    assert.deepEqual([found.all, found.count, found.min, found.max], [[{ first: 1, last: 3 }], 3, 1, 3])
    assert.deepEqual([none.all, none.count], [[], 0])
    const copied = await client.copy([{ first: 1, last: 2 }], 'INBOX')
    assert.deepEqual([copied?.from, copied?.to], [[{ first: 1, last: 2 }], [{ first: 1, last: 2 }]])
    const moved = await client.move([{ first: 3, last: 3 }], 'INBOX')
    assert.deepEqual([moved?.from, moved?.to], [[{ first: 3, last: 3 }], [{ first: 3, last: 3 }]])
    const items = ['FLAGS', 'UID', 'INTERNALDATE', 'RFC822.SIZE', 'ENVELOPE', 'BODYSTRUCTURE', 'EMAILID'] as const
    const [first] = await client.fetch(
      [{ first: 1, last: 1 }],
      items.map(item => ({ item })),
    )
    assert.deepEqual(first?.values.flags, ['Work'])
    assert.equal(first?.values.internalDate, Date.UTC(2020, 1, 2, 3, 4, 5))
    assert.equal(first?.values.sizeBytes, 21)
    assert.deepEqual(nth(first?.values.envelope, 1), Buffer.from('small'))
    assert.deepEqual(nth(first?.values.bodyStructure, 0), Buffer.from('text'))
    assert.match(first?.values.emailId ?? '', /^\w+$/)
    await assert.rejects(client.select('Nowhere'), (error: unknown) => {
      assert.ok(error instanceof CommandRefused && error.answer.status === 'NO')
      assert.deepEqual(error.answer.code, { name: 'other', code: 'NONEXISTENT', argument: undefined })
      return true
    })
    await client.logout()
    await assert.rejects(client.run({ name: 'NOOP' }), ServerBye)
  }))

test('COMPRESS: everything goes on as before, large and small', () =>
  withImap(async bed => {
    const client = await loggedIn(bed)
    await client.compress()
    assert.ok(client.isCompressed)
    await assert.rejects(client.compress(), CommandRefused)
    const letter = made(3_000_000)
    await client.append('INBOX', letter)
    await client.select('INBOX')
    const [fetched] = await client.fetch(all, [body])
    assert.equal(await digest(fetched?.values.bodies[0]?.source), await digest(letter))
    await client.logout()
  }))

function nth(list: Nested, index: number): Nested {
  return Array.isArray(list) ? (list as readonly Nested[])[index] : undefined
}

const withServer = (
  act: (options: Omit<ImapConnectOptions, 'tls'>, ca: string) => Promise<void>,
  implicit: boolean,
): Promise<void> =>
  withTls(async (tls, ca) => {
    const changes = { authenticator: withScram, allowPlaintextLogin: false, ...(!implicit && { tls: () => tls }) }
    await withImap(async bed => {
      const server = createServer({ allowHalfOpen: true }, socket => {
        const connection = new Connection(socket)
        const ready = implicit ? secureAsServer(connection, tls, 5_000) : Promise.resolve()
        ready
          .then(() => serveImap(connection, { clientAddress: '127.0.0.1' }, bed.options, bed.stop.signal))
          .catch(() => connection.destroy())
      })
      await once(server.listen(0, '127.0.0.1'), 'listening')
      const { port } = server.address() as AddressInfo
      try {
        await act({ to: { address: '127.0.0.1', port }, login: { user: testAddress, password: testPassword } }, ca)
      } finally {
        bed.stop.abort()
        await new Promise(resolve => server.close(resolve))
      }
    }, changes)
  })

const mechanisms: string[] = []
const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64')
const keys = scramKeys('sha256', testPassword, salt, 4096)
const ended = new AbortController().signal
const well: AuthResult = { kind: 'ok', login: { account: testAccount, address: testAddress, ended } }
const badly: AuthResult = { kind: 'refused', reason: 'wrong-password' }
const withScram: Authenticator = {
  password: () => Promise.resolve(badly),
  scram: (_, attempt) => {
    mechanisms.push(attempt.mechanism)
    const verifier = { hash: 'sha-256', salt, iterations: 4096, ...keys } as const
    return Promise.resolve({ kind: 'scram', verifier, finish: proved => Promise.resolve(proved ? well : badly) })
  },
  scramReady: () => true,
}

for (const from of ['start', 'starttls'] as const)
  test(`connected, TLS from ${from}, logged in by SCRAM-SHA-256-PLUS, compressed`, () =>
    withServer(async (options, ca) => {
      mechanisms.length = 0
      const tls = { from, serverName: 'home.test', verify: true, ca }
      const client = await connectImap({ ...options, tls, compress: true })
      assert.deepEqual(mechanisms, ['SCRAM-SHA-256-PLUS'])
      assert.ok(client.isSecure && client.isCompressed)
      assert.equal((await client.select('INBOX')).exists, 0)
      await client.logout()
      const wrong = { ...options, tls, login: { user: testAddress, password: 'wrong' } }
      await assert.rejects(connectImap(wrong), CommandRefused)
      await assert.rejects(connectImap({ ...options, tls: { ...tls, serverName: 'other.test' } }), NotSecure)
      await assert.rejects(connectImap({ ...options, tls: { from, serverName: 'home.test', verify: true } }), NotSecure)
    }, from === 'start'))

test('a server that is not there, says nothing, or is aborted', async () => {
  const silent = createServer(socket => socket.on('error', () => undefined))
  await once(silent.listen(0, '127.0.0.1'), 'listening')
  const { port } = silent.address() as AddressInfo
  const options = { to: { address: '127.0.0.1', port }, tls: 'none', budgetMs: 200 } as const
  await assert.rejects(connectImap(options), ServerSilent)
  const signal = AbortSignal.timeout(50)
  await assert.rejects(connectImap({ ...options, signal }), (error: unknown) => error === signal.reason)
  await new Promise(resolve => silent.close(resolve))
  await assert.rejects(connectImap(options), ConnectionBroken)
})
