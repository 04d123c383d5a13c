// Parts too large to be held are decoded twice, and APPEND encodes NUL as it reads. RFC 3516
import assert from 'node:assert/strict'
import test from 'node:test'
import { concatBytes, utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { Connection } from '#net/connection.ts'
import { ImapClient, ImapFailure } from '../client.ts'
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

async function fetched(client: ImapClient, uid: number, items: readonly FetchItem[]) {
  const { untagged } = await client.fetch([{ first: uid, last: uid }], items)
  const response = untagged.find(({ text }) => text.includes('FETCH'))
  assert.ok(response)
  return response
}

test('a large part: its size, all of it, and pieces of it', async () => {
  await withClient(async client => {
    const lines = Buffer.from(content).toString('base64').replaceAll(/.{76}/g, '$&\r\n')
    await client.append('INBOX', memorySource(letter(lines, 'base64')))
    assert.match((await fetched(client, 1, sizes)).text, /BINARY\.SIZE\[2\] 3000001 /)
    const all = await fetched(client, 1, [whole])
    assert.match(all.text, /BINARY\[2\] ~\{3000001\}/)
    assert.ok(Buffer.from(content).equals(all.literals[0] ?? new Uint8Array()))
    for (const [offset, count] of [
      [0, 1],
      [1_234_567, 70_000],
      [2_999_990, 4000],
      [4_000_000, 5],
    ] as const) {
      const some = await fetched(client, 1, [piece(offset, count)])
      const wanted = content.subarray(offset, offset + count)
      assert.ok(some.text.includes(`BINARY[2]<${offset}> ${wanted.includes(0) ? '~' : ''}{${wanted.length}}`))
      assert.deepEqual(Buffer.from(some.literals[0] ?? []), Buffer.from(wanted))
    }
  })
})

test('a large literal8 with NUL comes back octet by octet', async () => {
  await withClient(async client => {
    await appendBinary(client, letter(content, 'binary'))
    const { text } = await fetched(client, 1, sizes)
    const encodedBytes = Math.ceil(3_000_001 / 3) * 4 + Math.floor(3_000_001 / 57) * 2
    const grown = encodedBytes - content.length
    assert.match(
      text,
      new RegExp(`BINARY\\.SIZE\\[2\\] 3000001 RFC822\\.SIZE ${letter(content, 'base64').length + grown}\\)`),
    )
    const all = await fetched(client, 1, [whole, { item: 'BINARY[]', part: [1], peek: true, partial: undefined }])
    assert.ok(Buffer.from(content).equals(all.literals[0] ?? new Uint8Array()))
    assert.equal(Buffer.from(all.literals[1] ?? []).toString(), 'hello')
  })
})

test('many parts of one message', async () => {
  await withClient(async client => {
    await client.append('INBOX', memorySource(letter('A'.repeat(900_000), '7bit')))
    const items = Array.from({ length: 9 }, (_, at) => piece(at, 900_000))
    const { literals } = await fetched(client, 1, items)
    assert.deepEqual(
      literals.map(literal => literal.length),
      items.map((_, at) => 900_000 - at),
    )
  })
})

test('a large literal8 whose NUL cannot be encoded is not kept', async () => {
  await withClient(async client => {
    const refused = (error: unknown) => error instanceof ImapFailure && /UNKNOWN-CTE/.test(error.message)
    await assert.rejects(() => appendBinary(client, letter(content, 'base64')), refused)
    assert.match((await client.select('INBOX')).untagged.map(({ text }) => text).join(' '), /\* 0 EXISTS/)
  })
})
