// Our IMAP client with Dovecot as its server. See README.md.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { openSpool } from '#mail/spool.ts'
import type { ImapClient } from '#protocols/imap/client/client.ts'
import { connectImap, type ImapConnectOptions } from '#protocols/imap/client/connect.ts'
import { CommandRefused, ConnectionBroken, NotSecure, ServerBye } from '#protocols/imap/client/failure.ts'
import type { UntaggedResponse } from '#protocols/imap/client/response.ts'
import { spoolSink } from '#protocols/imap/client/spool-sink.ts'
import { star } from '#protocols/imap/syntax/sequence-set.ts'
import { makeCertificates } from '../../support/box.ts'
import { missing } from '../../support/debian.ts'
import { freePorts, temporaryFolder } from '../../support/peers.ts'
import { type Dovecot, startDovecot } from '../dovecot/dovecot.ts'
import { japaneseLetter, largeLetter, smallLetter } from '../letters.ts'

const skip = await missing('dovecot')
const users = ['hanako:{PLAIN}himitsu::::::', 'jiro:{PLAIN}himitsu::::::', ''].join('\n')
const all = [{ first: 1, last: star }] as const
const body = { item: 'BODY[]', section: { part: [], text: { kind: 'ALL' } }, peek: true, partial: undefined } as const

describe('Dovecot as an IMAP server', { skip, timeout: 90_000 }, () => {
  const scope = new AsyncDisposableStack()
  let dovecot: Dovecot
  let ports: { readonly imap: number; readonly imaps: number }
  let ca: string
  let folder: string

  before(async () => {
    folder = temporaryFolder(scope, 'dovecot-imap')
    const certificates = await makeCertificates(folder)
    ca = readFileSync(certificates.ca, 'utf8')
    ports = await freePorts('imap', 'imaps')
    const values = { ...ports, ...certificates, mechanisms: 'plain login scram-sha-256' }
    dovecot = await startDovecot(scope, new URL('dovecot.conf', import.meta.url), values, ports.imap, { users })
  })
  after(() => scope.disposeAsync())

  function connect(user: string, changes: Partial<ImapConnectOptions> = {}): Promise<ImapClient> {
    const tls = { from: 'start', serverName: 'localhost', verify: true, ca } as const
    const to = { address: '127.0.0.1', port: ports.imaps }
    return connectImap({ to, tls, login: { user, password: 'himitsu' }, ...changes })
  }
  const startTls = () =>
    ({
      to: { address: '127.0.0.1', port: ports.imap },
      tls: { from: 'starttls', serverName: 'localhost', verify: true, ca },
    }) as const

  test('STARTTLS, SCRAM-SHA-256; letters of every kind come back as they went, the large one by way of a file', async () => {
    const client = await connect('hanako', startTls())
    assert.match(dovecot.log(), /Login: user=<hanako>, method=SCRAM-SHA-256/)
    const letters = [smallLetter(), japaneseLetter(), largeLetter(20_000_000)]
    const mailbox = '保管/2026 & 前'.replace('/', '.')
    await client.run({ name: 'CREATE', mailbox, role: undefined })
    const appended = await Promise.all(
      letters.map((letter, n) =>
        client.append(mailbox, memorySource(letter.bytes), {
          flags: ['\\Flagged'],
          internalDate: Date.UTC(2020, 0, n + 1),
        }),
      ),
    )
    assert.deepEqual(
      appended.map(one => one?.uid),
      [1, 2, 3],
    )
    const names = (await client.list()).map(one => one.name)
    assert.ok(names.includes(mailbox) && names.includes('INBOX'), names.join())
    assert.equal((await client.status(mailbox, ['MESSAGES', 'UIDNEXT'])).get('UIDNEXT'), 4)
    await client.select(mailbox, { readOnly: true })
    const spool = await openSpool(join(folder, 'spool'))
    const seen: unknown[] = []
    const onResponse = async (response: UntaggedResponse) => {
      if (response.kind !== 'fetch') return
      const { uid, flags, internalDate, sizeBytes, bodies } = response.values
      const source = bodies[0]?.source
      seen.push([uid, flags?.includes('\\Flagged'), internalDate, sizeBytes, source?.place.kind, await digest(source)])
    }
    const items = ['UID', 'FLAGS', 'INTERNALDATE', 'RFC822.SIZE'] as const
    await client.fetch(all, [...items.map(item => ({ item })), body], { onResponse, sink: spoolSink(spool) })
    const expected = letters.map(async ({ bytes }, n) => {
      const place = n === 2 ? 'file' : 'memory'
      return [n + 1, true, Date.UTC(2020, 0, n + 1), bytes.length, place, await digest(memorySource(bytes))]
    })
    assert.deepEqual(seen, await Promise.all(expected))
    const [first] = await client.fetch([{ first: 1, last: 1 }], [{ item: 'ENVELOPE' }, { item: 'BODYSTRUCTURE' }])
    assert.ok(Array.isArray(first?.values.envelope) && Array.isArray(first.values.bodyStructure))
    const found = await client.search({ key: 'FLAGGED' })
    assert.deepEqual([found.all, found.count], [[{ first: 1, last: 3 }], 3])
    await client.logout()
  })

  test('IDLE, QRESYNC with VANISHED, COMPRESS', async () => {
    const [a, b] = [await connect('jiro', { compress: true }), await connect('jiro', { compress: true })]
    assert.ok(a.isCompressed && a.isSecure)
    for (let n = 0; n < 4; n += 1) await a.append('INBOX', memorySource(smallLetter().bytes))
    assert.deepEqual(await b.enable('QRESYNC'), ['QRESYNC'])
    const { uidValidity = 0, highestModSeq = 0, exists } = await b.select('INBOX')
    assert.equal(exists, 4)
    await b.run({ name: 'UNSELECT' })
    await a.select('INBOX')
    await a.store([{ first: 2, last: 3 }], 'add', ['\\Deleted'])
    await a.run({ name: 'EXPUNGE', uids: undefined })
    await a.store([{ first: 4, last: 4 }], 'add', ['\\Seen'])
    const known = [{ first: 1, last: 4 }]
    const after = await b.select('INBOX', { resync: { uidValidity, modSeq: highestModSeq, known } })
    assert.deepEqual(after.vanished, [{ first: 2, last: 3 }])
    assert.deepEqual(
      after.changed.map(({ values }) => [values.uid, values.flags?.includes('\\Seen')]),
      [[4, true]],
    )
    const stop = new AbortController()
    const told: UntaggedResponse[] = []
    const idling = b.idle({
      stop: stop.signal,
      onResponse(response) {
        told.push(response)
        if (response.kind === 'vanished') stop.abort()
      },
    })
    await a.store([{ first: 1, last: 1 }], 'add', ['\\Deleted'])
    await a.run({ name: 'EXPUNGE', uids: undefined })
    await idling
    assert.ok(told.some(one => one.kind === 'vanished' && !one.earlier && one.uids[0]?.first === 1))
    const copied = await a.copy([{ first: 4, last: 4 }], 'INBOX')
    assert.deepEqual([copied?.from[0]?.first, copied?.to[0]?.first], [4, 5])
    await Promise.all([a.logout(), b.logout()])
  })

  test('a hundred commands ahead, literals among them', async () => {
    const client = await connect('hanako')
    const asked = Array.from({ length: 50 }, async (_, n) => {
      const mailbox = `ahead-${n}`
      const made = client.run({ name: 'CREATE', mailbox, role: undefined })
      const put = client.append(mailbox, memorySource(smallLetter().bytes))
      await made
      return (await put)?.uid
    })
    assert.deepEqual(new Set(await Promise.all(asked)), new Set([1]))
    await client.logout()
  })

  test('a refusal, an unknown CA and a wrong name are told by their names', async () => {
    const login = { user: 'hanako', password: 'wrong' }
    await assert.rejects(connect('hanako', { login }), (error: unknown) => {
      assert.ok(error instanceof CommandRefused)
      assert.deepEqual(error.answer.code, { name: 'other', code: 'AUTHENTICATIONFAILED', argument: undefined })
      return true
    })
    await assert.rejects(
      connect('hanako', { tls: { from: 'start', serverName: 'localhost', verify: true } }),
      NotSecure,
    )
    const elsewhere = { ...startTls().tls, serverName: 'elsewhere.test' }
    await assert.rejects(connect('hanako', { ...startTls(), tls: elsewhere }), NotSecure)
  })

  test('a server that goes while somebody waits', async () => {
    const client = await connect('hanako')
    await client.select('INBOX')
    let begun = () => {}
    const hasBegun = new Promise<void>(resolve => (begun = resolve))
    const idling = client.idle({ stop: new AbortController().signal, onResponse: () => begun() })
    const other = await connect('hanako')
    await other.append('INBOX', memorySource(smallLetter().bytes))
    await hasBegun
    const gone = assert.rejects(idling, error => error instanceof ServerBye || error instanceof ConnectionBroken)
    await dovecot.stop()
    await gone
    await assert.rejects(client.run({ name: 'NOOP' }), error => error === client.failure)
    other.destroy()
  })
})

async function digest(source: MessageSource | undefined): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of source?.open() ?? []) hash.update(chunk)
  return hash.digest('hex')
}
