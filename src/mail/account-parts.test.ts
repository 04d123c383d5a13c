// Parts of many emails at once, against the same read one by one.
import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { Database } from '#store/sqlite.ts'
import { join } from 'node:path'
import { isRefusal, type Account } from './account.ts'
import type { EmailPart, EmailPartName } from './account-email.ts'
import { accountId, collect, largeLetter, letter, withAccounts } from './accounts.testbed.ts'
import type { EmailId } from './ids.ts'

const names = ['envelope', 'bodyStructure', 'body', 'commonFields', 'header', 'message'] as const
const facts = ['internalDate', 'sizeBytes', 'threadId', 'headerBytes', 'sentDate'] as const

const wideHeader = memorySource(utf8(`Subject: wide\r\n${'X-Field: \u00e9\0 value\r\n'.repeat(600)}\r\nbody\r\n`))
const letters = [
  letter('One'),
  letter('Two', `8 bit \u00e9 and NUL \0 and more\r\n`),
  memorySource(utf8('no header at all')),
  wideHeader,
  letter('Just small enough', 'x'.repeat(64 * 1024 - 400)),
  letter('Just too large', 'x'.repeat(64 * 1024)),
  largeLetter(400_000),
  letter('会議の件'),
  ...Array.from({ length: 40 }, (_, number) => letter(`Filler ${number}`, 'y'.repeat(60_000))),
]

async function withLetters(act: (account: Account, ids: readonly EmailId[], folder: string) => Promise<void>) {
  await withAccounts(async (accounts, folder) => {
    const id = accountId(1)
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const inbox = await account.mailboxNamed('INBOX')
    assert.ok(inbox)
    const flags = { mode: 'add', system: 0, keywords: [] } as const
    const placed = await account.append(
      inbox.id,
      letters.map((message, at) => ({ message, flags, internalDate: at * 1000 })),
    )
    assert.ok(!isRefusal(placed))
    await act(
      account,
      placed.map(({ emailId }) => emailId),
      join(folder, id),
    )
  })
}

function octets(part: EmailPart | undefined, at: number): string | undefined {
  const end = part?.ends[at] ?? 0
  return part && end > 0 ? Buffer.from(part.bytes.subarray(part.starts[at], end)).toString('latin1') : undefined
}

const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

test('in any order, doubled and gone ones among them, piece by piece: the same as one by one', async () => {
  await withLetters(async (account, ids) => {
    const gone = 9999 as EmailId
    // as many as are read by the reading thread, too
    const many = [...ids, ...ids.toReversed(), gone, ...ids]
    const orders = [
      ids,
      ids.toReversed(),
      many,
      [gone, ...ids.slice(0, 3), gone, ...ids.slice(1, 9), ...ids.slice(0, 2)],
    ]
    for (const order of orders) {
      let pieces = 0
      for (let from = 0; from < order.length; pieces++) {
        const asked = order.slice(from)
        const { count, found, facts: known, parts } = await account.emailParts(asked, [...names, ...facts])
        assert.ok(count > 0 && count <= asked.length)
        for (let at = 0; at < count; at++) {
          const id = asked[at] as EmailId
          const [row] = await account.emails([id])
          assert.equal(found[at], row ? 1 : 0)
          if (!row) continue
          const source = await account.message(id)
          const message = latin1(await collect(source ?? assert.fail()))
          assert.equal(octets(parts.envelope, at), latin1(row.envelope))
          assert.equal(octets(parts.bodyStructure, at), latin1(row.bodyStructure))
          assert.equal(octets(parts.body, at), latin1(row.body))
          assert.equal(octets(parts.message, at), row.sizeBytes <= 64 * 1024 ? message : undefined)
          const isSmall = row.sizeBytes < 300_000 && row.headerBytes > 0 && row.headerBytes <= 8192
          assert.equal(octets(parts.header, at), isSmall ? message.slice(0, row.headerBytes) : undefined)
          if (row.headerBytes < 4000 && message.includes('Subject:'))
            assert.equal(
              octets(parts.commonFields, at),
              message.slice(0, row.headerBytes).replaceAll(/^X-.*\r\n|^\r\n/gm, ''),
            )
          assert.equal(known.internalDate?.[at], row.internalDate)
          assert.equal(known.sizeBytes?.[at], row.sizeBytes)
          assert.equal(known.threadId?.[at], row.threadId)
          assert.equal(known.headerBytes?.[at], row.headerBytes)
        }
        from += count
      }
      if (order.length >= ids.length) assert.ok(pieces > 1, 'about 2.5 MB do not come in one piece')
    }
  })
})

test('a part alone, also where some are gone', async () => {
  await withLetters(async (account, ids) => {
    for (const asked of [ids, [...ids.slice(0, 3), 9999 as EmailId, ...ids.slice(1, 3)], []])
      for (const name of ['envelope', 'bodyStructure', 'body'] as const) {
        const { count, found, parts } = await account.emailParts(asked, [name])
        assert.equal(count, asked.length)
        for (const [at, id] of asked.entries()) {
          const [row] = await account.emails([id])
          assert.equal(found[at], row ? 1 : 0)
          assert.equal(octets(parts[name], at), row && latin1(row[name]))
        }
      }
  })
})

test('octets in the room that is lent for them are the same', async () => {
  await withLetters(async (account, ids) => {
    const room = new SharedArrayBuffer(1024 * 1024)
    // as many as the reading thread is asked for
    const asked = [...ids, ...ids, ...ids]
    const lent = await account.emailParts(asked, ['message'], room)
    const own = await account.emailParts(asked, ['message'])
    assert.ok(lent.parts.message?.bytes.buffer instanceof SharedArrayBuffer)
    assert.equal(lent.count, own.count)
    for (let at = 0; at < own.count; at++) assert.equal(octets(lent.parts.message, at), octets(own.parts.message, at))
    const small = await account.emailParts(asked, ['message'], new SharedArrayBuffer(100))
    assert.notEqual(small.parts.message?.bytes.length, 0)
    assert.equal(octets(small.parts.message, 1), octets(own.parts.message, 1))
  })
})

test('only what was asked for comes', async () => {
  await withLetters(async (account, ids) => {
    const { parts, facts: known } = await account.emailParts(ids, ['envelope', 'sizeBytes'])
    assert.deepEqual(Object.keys(parts), ['envelope'] satisfies EmailPartName[])
    assert.deepEqual(Object.keys(known), ['sizeBytes'])
  })
})

test('a damaged message is not among them, and is named when it is read', async () => {
  await withLetters(async (account, ids, folder) => {
    {
      using database = new Database(join(folder, 'account.db'), { durability: 'FULL', busyTimeoutMs: 2000 })
      database
        .prepare(`UPDATE body SET bytes = CAST(replace(CAST(bytes AS TEXT), 'Body', 'BODY') AS BLOB) WHERE email = ?`)
        .run(ids[0] ?? 0)
    }
    const { parts } = await account.emailParts(ids.slice(0, 2), ['message'])
    assert.equal(octets(parts.message, 0), undefined)
    assert.match(octets(parts.message, 1) ?? '', /8 bit/)
    await assert.rejects(account.message(ids[0] as EmailId), /no longer match/)
  })
})
