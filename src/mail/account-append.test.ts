import assert from 'node:assert/strict'
import { mkdtemp, rm, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { concatBytes, utf8 } from '#base/bytes.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { isRefusal, type NewMessage } from './account.ts'
import { accountId, withAccounts } from './accounts.testbed.ts'
import type { EmailId } from './ids.ts'
import { openSpool } from './spool.ts'

const id = accountId(9)
const flags = { mode: 'replace', system: 0, keywords: [] } as const

/** Small ones, one at the limit of the database, one over it, one longer than the reading window, and small ones again. */
const sizes = [
  90,
  4096,
  128 * 1024,
  128 * 1024 + 1,
  3_000_000,
  ...Array.from({ length: 600 }, (_, at) => 200 + 17 * at),
]

function bytesOf(number: number, sizeBytes: number): Uint8Array {
  const head = `Subject: ${number}\r\n\r\n`
  return utf8(head + `${number}.`.repeat(Math.ceil(sizeBytes / 2)).slice(0, sizeBytes - head.length))
}

async function withSpooled(act: (messages: readonly MessageSource[], path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-append-'))
  try {
    const file = await (await openSpool(folder)).create()
    const messages: MessageSource[] = []
    for (const [number, sizeBytes] of sizes.entries()) {
      await file.write(bytesOf(number, sizeBytes))
      messages.push(file.endMessage())
    }
    await file.finish()
    const [first] = messages
    assert.ok(first?.place.kind === 'file')
    await act(messages, first.place.path)
    await file.discard()
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

const asNew = (message: MessageSource): NewMessage => ({ message, flags, internalDate: 1_700_000_000_000 })

test('messages that share a spool file are kept octet for octet, whatever their order', async () => {
  await withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const inbox = await account.mailboxNamed('INBOX')
    assert.ok(inbox)
    await withSpooled(async messages => {
      const order = [...messages.keys(), 3, 0, 4, 2]
      const placed = await account.append(
        inbox.id,
        order.map(number => asNew(messages[number] as MessageSource)),
      )
      assert.ok(!isRefusal(placed))
      for (const [at, number] of order.entries()) {
        const kept = await account.message(placed[at]?.emailId as EmailId)
        assert.ok(kept)
        const bytes = concatBytes(await Array.fromAsync(kept.open()))
        assert.equal(Buffer.compare(bytes, bytesOf(number, sizes[number] ?? 0)), 0, `message ${number}`)
      }
    })
    assert.deepEqual((await accounts.scrub(id)).damaged, [])
  })
})

test('a spool file that has lost its end keeps nothing of the APPEND', async () => {
  await withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const inbox = await account.mailboxNamed('INBOX')
    assert.ok(inbox)
    await withSpooled(async (messages, path) => {
      const small = messages.filter(({ sizeBytes }) => sizeBytes <= 128 * 1024)
      const last = small.at(-1)
      assert.ok(last?.place.kind === 'file')
      await truncate(path, last.place.offset + last.sizeBytes - 1)
      await assert.rejects(account.append(inbox.id, small.map(asNew)), /shorter/)
    })
    assert.equal((await account.mailboxNamed('INBOX'))?.messages, 0)
    assert.equal((await account.quota()).usedBytes, 0)
  })
})
