// Hundreds of whole messages in a row: each batch comes in memory that the batch before the last has used.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { memorySource } from '#formats/message-source.ts'
import { Connection } from '#net/connection.ts'
import { ImapClient } from '../client/client.ts'
import { testAddress, testPassword, type Testbed, withImap } from '../imap.testbed.ts'
import { LineClient } from '../line-client.testbed.ts'
import type { FetchItem } from '../syntax/request.ts'

/** Some so large that they are not gathered with others, and so many that they come in several batches. */
const letters = Array.from({ length: 900 }, (_, number) => {
  const size = number % 7 === 0 ? 20_000 + number * 20 : 300 + ((number * 37) % 4000)
  return Buffer.from(`Subject: ${number}\r\n\r\n${`${number} `.repeat(size).slice(0, size)}\r\n`)
})

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function logIn(bed: Testbed): Promise<ImapClient> {
  const client = await ImapClient.open(new Connection(bed.connect()))
  await client.login(testAddress, testPassword)
  return client
}

async function append(client: ImapClient): Promise<void> {
  const messages = letters.map(letter => ({
    flags: [],
    internalDate: undefined,
    message: { kind: 'message', source: memorySource(letter), binary: false } as const,
  }))
  await client.run({ name: 'APPEND', mailbox: 'INBOX', messages })
}

type Asked = Pick<Extract<FetchItem, { item: 'BODY[]' }>, 'section' | 'partial'>
const whole: Asked = { section: { part: [], text: { kind: 'ALL' } }, partial: undefined }

/** Fetches all and compares each with what `expected` makes of the letter. */
async function compare(client: ImapClient, asked: Asked, expected = (letter: Buffer) => letter): Promise<void> {
  const fetched = await client.fetch([{ first: 1, last: letters.length }], [{ item: 'BODY[]', peek: true, ...asked }])
  assert.equal(fetched.length, letters.length)
  for (const { message, values } of fetched) {
    const [body] = values.bodies
    const octets = Buffer.concat(await Array.fromAsync(body?.source?.open() ?? []))
    assert.equal(hash(octets), hash(expected(letters[message - 1] ?? assert.fail())), `message ${message}`)
  }
}

test('each message comes as it was kept', async () => {
  await withImap(async bed => {
    const client = await logIn(bed)
    await append(client)
    await client.select('INBOX')
    for (let round = 0; round < 2; round++) {
      await compare(client, whole)
      await setImmediate()
    }
    await client.logout()
  })
})

test('sections and parts of them are cut out of the same memory', async () => {
  await withImap(async bed => {
    const client = await logIn(bed)
    await append(client)
    await client.select('INBOX')
    const bodyOf = (letter: Buffer) => letter.subarray(letter.indexOf('\r\n\r\n') + 4)
    const text = { part: [], text: { kind: 'TEXT' } } as const
    const cut = { offset: 100, count: 300 }
    await compare(client, { section: text, partial: undefined }, bodyOf)
    await compare(client, { section: text, partial: cut }, letter => bodyOf(letter).subarray(100, 400))
    await compare(client, { ...whole, partial: cut }, letter => letter.subarray(100, 400))
    await compare(client, { ...whole, partial: { offset: 1_000_000, count: 1 } }, () => Buffer.alloc(0))
    await client.logout()
  })
})

test('several clients at once, some of them gone in the middle, get their own messages', async () => {
  await withImap(async bed => {
    const clients = await Promise.all(Array.from({ length: 4 }, () => logIn(bed)))
    await append(clients[0] ?? assert.fail())
    await Promise.all(clients.map(client => client.select('INBOX')))
    for (let round = 0; round < 3; round++) {
      const leaving = new LineClient(bed.connect())
      await leaving.command('a', `LOGIN ${testAddress} ${testPassword}`)
      await leaving.command('b', 'SELECT INBOX')
      leaving.send('c FETCH 1:* BODY.PEEK[]')
      const compared = Promise.all(clients.map(client => compare(client, whole)))
      await leaving.line()
      leaving.stream.destroy()
      await compared
    }
    await Promise.all(clients.map(client => client.logout()))
  })
})
