// A peer that takes its time, while others fetch: what waits to be taken must not change, though its memory is used again.
import assert from 'node:assert/strict'
import type { Duplex } from 'node:stream'
import test from 'node:test'
import { setImmediate, setTimeout as delay } from 'node:timers/promises'
import { memorySource } from '#formats/message-source.ts'
import { Connection } from '#net/connection.ts'
import { ImapClient } from '../client/client.ts'
import { testAddress, testPassword, withImap, type Testbed } from '../imap.testbed.ts'

/** Many that are too large to be gathered with others, small ones between them, and enough for several batches. No two alike. */
const letters = Array.from({ length: 260 }, (_, number) => {
  const size = number % 5 === 0 ? 900 + number : 17_000 + ((number * 977) % 24_000)
  return Buffer.from(`Subject: ${number}\r\n\r\n${`${number} `.repeat(size).slice(0, size)}\r\n`)
})

const answer = Buffer.concat([
  ...letters.flatMap((letter, index) => [
    Buffer.from(`* ${index + 1} FETCH (BODY[] {${letter.length}}\r\n`),
    letter,
    Buffer.from(')\r\n'),
  ]),
  Buffer.from('f OK FETCH completed\r\n'),
])

test('a slow reader gets the right octets while others fetch', async () => {
  await withImap(async bed => {
    await fill(bed)
    const slow = await selected(bed)
    const fast = await selected(bed)
    slow.write('f FETCH 1:* (BODY.PEEK[])\r\n')
    const reading = { done: false }
    const slowly = expectAnswer(slow, 20_000, () => delay(1)).finally(() => (reading.done = true))
    let rounds = 0
    for (; !reading.done; rounds++) {
      fast.write('f FETCH 1:* (BODY.PEEK[])\r\n')
      await expectAnswer(fast, 1_000_000, () => setImmediate())
    }
    await slowly
    assert.ok(rounds > 1, 'others fetched meanwhile')
  })
})

async function fill(bed: Testbed): Promise<void> {
  const client = await ImapClient.open(new Connection(bed.connect()))
  await client.login(testAddress, testPassword)
  const messages = letters.map(letter => ({
    flags: [],
    internalDate: undefined,
    message: { kind: 'message', source: memorySource(letter), binary: false } as const,
  }))
  await client.run({ name: 'APPEND', mailbox: 'INBOX', messages })
  await client.logout()
}

async function selected(bed: Testbed): Promise<Duplex> {
  const stream = bed.connect()
  stream.write(`l LOGIN ${testAddress} ${testPassword}\r\ns SELECT INBOX\r\n`)
  let seen = ''
  while (!/^s OK .*\r\n/m.test(seen)) seen += (await taken(stream, 10_000)).toString()
  return stream
}

/** Takes so many octets at a time, with a pause behind each, and compares as it goes. */
async function expectAnswer(stream: Duplex, most: number, pause: () => Promise<unknown>): Promise<void> {
  for (let at = 0; at < answer.length; await pause()) {
    const octets = await taken(stream, Math.min(most, answer.length - at))
    const same = octets.equals(answer.subarray(at, at + octets.length))
    assert.ok(same, `octets ${at} to ${at + octets.length} are not those of the letters`)
    at += octets.length
  }
}

async function taken(stream: Duplex, most: number): Promise<Buffer> {
  for (;;) {
    const octets = stream.read(Math.min(most, stream.readableLength)) as Buffer | null
    if (octets && octets.length > 0) return octets
    assert.ok(!stream.readableEnded, 'the server has closed')
    await setImmediate()
  }
}
