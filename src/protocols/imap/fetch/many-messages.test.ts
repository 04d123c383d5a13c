// Hundreds of whole messages in a row: each batch comes in memory that the batch before the last has used.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { memorySource } from '#formats/message-source.ts'
import { Connection } from '#net/connection.ts'
import { ImapClient } from '../client/client.ts'
import { testAddress, testPassword, withImap } from '../imap.testbed.ts'

/** Some so large that they are not gathered with others, and so many that they come in several batches. */
const letters = Array.from({ length: 900 }, (_, number) => {
  const size = number % 7 === 0 ? 20_000 + number * 20 : 300 + ((number * 37) % 4000)
  return Buffer.from(`Subject: ${number}\r\n\r\n${`${number} `.repeat(size).slice(0, size)}\r\n`)
})

const hash = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

test('each message comes as it was kept', async () => {
  await withImap(async bed => {
    const client = await ImapClient.open(new Connection(bed.connect()))
    await client.login(testAddress, testPassword)
    const messages = letters.map(letter => ({
      flags: [],
      internalDate: undefined,
      message: { kind: 'message', source: memorySource(letter), binary: false } as const,
    }))
    await client.run({ name: 'APPEND', mailbox: 'INBOX', messages })
    await client.select('INBOX')
    const section = { part: [], text: { kind: 'ALL' } } as const
    for (let round = 0; round < 2; round++) {
      const fetched = await client.fetch(
        [{ first: 1, last: letters.length }],
        [{ item: 'BODY[]', section, peek: true, partial: undefined }],
      )
      assert.equal(fetched.length, letters.length)
      for (const { message, values } of fetched) {
        const [body] = values.bodies
        const octets = Buffer.concat(await Array.fromAsync(body?.source?.open() ?? []))
        assert.equal(hash(octets), hash(letters[message - 1] ?? assert.fail()), `message ${message}`)
      }
      await setImmediate()
    }
    await client.logout()
  })
})
