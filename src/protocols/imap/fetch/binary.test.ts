// Parts too large to be held are decoded twice, and APPEND encodes NUL as it reads. RFC 3516
import assert from 'node:assert/strict'
import test from 'node:test'
import { concatBytes, utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { Connection } from '#net/connection.ts'
import { ImapClient } from '../client/client.ts'
import { CommandRefused } from '../client/failure.ts'
import type { Fetched } from '../client/results.ts'
import { testAddress, testPassword, withImap } from '../imap.testbed.ts'
import type { FetchItem } from '../syntax/request.ts'

const part = [2]
const sizes: FetchItem[] = [{ item: 'BINARY.SIZE[]', part }, { item: 'RFC822.SIZE' }]
const whole: FetchItem = { item: 'BINARY[]', part, peek: true, partial: undefined }
const piece = (offset: number, count: number): FetchItem => ({ ...whole, partial: { offset, count } })

/** Not of zeros alone, and not of a size that base64 likes. */
const content = Uint8Array.from({ length: 3_000_001 }, (_, at) => (at * at) >> 5)

function letter(body: Uint8Array | string, encoding: string): Uint8Array {
  const head = `MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nhello\r\n--x\r\nContent-Type: a/b\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n`
  return concatBytes([utf8(head), typeof body === 'string' ? utf8(body) : body, utf8('\r\n--x--\r\n')])
}

async function withClient(act: (client: ImapClient) => Promise<void>): Promise<void> {
  await withImap(async bed => {
    const client = await ImapClient.open(new Connection(bed.connect()))
    await client.login(testAddress, testPassword)
    await client.select('INBOX')
    await act(client)
    await client.logout()
  })
}

async function appendBinary(client: ImapClient, message: Uint8Array): Promise<void> {
  const literal = { kind: 'message', source: memorySource(message), binary: true } as const
  await client.run({
    name: 'APPEND',
    mailbox: 'INBOX',
    messages: [{ flags: [], internalDate: undefined, message: literal }],
  })
}

async function fetched(client: ImapClient, uid: number, items: readonly FetchItem[]): Promise<Fetched['values']> {
  const [one] = await client.fetch([{ first: uid, last: uid }], items)
  assert.ok(one)
  return one.values
}

async function contents({ bodies }: Fetched['values']): Promise<readonly Buffer[]> {
  return Promise.all(
    bodies.map(async ({ source }) => Buffer.concat(source ? await Array.fromAsync(source.open()) : [])),
  )
}

function sizesOf({ others, sizeBytes }: Fetched['values']): readonly unknown[] {
  return [others.get('BINARY.SIZE[2]'), sizeBytes]
}

test('a large part: its size, all of it, and pieces of it', async () => {
  await withClient(async client => {
    const lines = Buffer.from(content).toString('base64').replaceAll(/.{76}/g, '$&\r\n')
    const message = letter(lines, 'base64')
    await client.append('INBOX', memorySource(message))
    assert.deepEqual(sizesOf(await fetched(client, 1, sizes)), ['3000001', message.length])
    const [all] = await contents(await fetched(client, 1, [whole]))
    assert.ok(all?.equals(content))
    for (const [offset, count] of [
      [0, 1],
      [1_234_567, 70_000],
      [2_999_990, 4000],
      [4_000_000, 5],
    ] as const) {
      const one = await fetched(client, 1, [piece(offset, count)])
      assert.deepEqual(
        one.bodies.map(body => [body.section, body.offset]),
        [['2', offset]],
      )
      assert.deepEqual(await contents(one), [Buffer.from(content.subarray(offset, offset + count))])
    }
  })
})

test('a large literal8 with NUL comes back octet by octet', async () => {
  await withClient(async client => {
    await appendBinary(client, letter(content, 'binary'))
    const encodedBytes = Math.ceil(3_000_001 / 3) * 4 + Math.floor(3_000_001 / 57) * 2
    const grown = letter('', 'base64').length + encodedBytes
    assert.deepEqual(sizesOf(await fetched(client, 1, sizes)), ['3000001', grown])
    const other: FetchItem = { item: 'BINARY[]', part: [1], peek: true, partial: undefined }
    const [all, first] = await contents(await fetched(client, 1, [whole, other]))
    assert.ok(all?.equals(content))
    assert.equal(first?.toString(), 'hello')
  })
})

test('many parts of one message', async () => {
  await withClient(async client => {
    await client.append('INBOX', memorySource(letter('A'.repeat(900_000), '7bit')))
    const items = Array.from({ length: 9 }, (_, at) => piece(at, 900_000))
    const parts = await contents(await fetched(client, 1, items))
    assert.deepEqual(
      parts.map(one => one.length),
      items.map((_, at) => 900_000 - at),
    )
  })
})

test('a large literal8 whose NUL cannot be encoded is not kept', async () => {
  await withClient(async client => {
    const refused = (error: unknown) => error instanceof CommandRefused && /A NUL octet stands/.test(error.message)
    await assert.rejects(() => appendBinary(client, letter(content, 'base64')), refused)
    assert.equal((await client.select('INBOX')).exists, 0)
  })
})
