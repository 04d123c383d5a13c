import assert from 'node:assert/strict'
import test from 'node:test'
import { concatBytes, utf8 } from '#base/bytes.ts'
import { silentLog } from '#base/log.ts'
import { memorySource } from '#formats/message-source.ts'
import { isRefusal, type Account, type Mailbox } from '#mail/account.ts'
import { testAccount, testAddress, testPassword, withImap, type Testbed } from './imap.testbed.ts'
import { LineClient } from './line-client.testbed.ts'
import { newMessages } from './new-messages.ts'
import type { Peer } from './peer.ts'
import { Refused } from './reply.ts'
import { authenticated } from './session.ts'

const plain = { mode: 'add', system: 0, keywords: [] } as const

async function withLetter(
  sizeBytes: number,
  act: (bed: Testbed, account: Account, inbox: Mailbox) => Promise<void>,
): Promise<void> {
  await withImap(async bed => {
    const account = await bed.accounts.account(testAccount)
    const inbox = await account.mailboxNamed('INBOX')
    assert.ok(inbox)
    const bytes = concatBytes([utf8('Subject: x\r\n\r\n'), new Uint8Array(sizeBytes - 14).fill(97)])
    const message = memorySource(bytes)
    assert.ok(!isRefusal(await account.append(inbox.id, [{ message, flags: plain, internalDate: 1 }])))
    await act(bed, account, inbox)
  })
}

test('what is put together is measured before anything is kept', async () => {
  await withLetter(1000, async (bed, account) => {
    using client = new LineClient(bed.connect({ appendLimitBytes: 2500 }))
    await client.line()
    await client.command('a', `LOGIN ${testAddress} ${testPassword}`)
    const url = 'URL /INBOX/;UID=1'
    const [fits] = await client.command('b', `APPEND INBOX CATENATE (${url} ${url})`)
    assert.match(fits ?? '', /^b OK /)
    const [tooBig] = await client.command('c', `APPEND INBOX CATENATE (${url} ${url} ${url})`)
    assert.equal(tooBig, 'c NO [TOOBIG] This is larger than may be kept here')
    const [several] = await client.command('d', `APPEND INBOX CATENATE (${url}) CATENATE (${url} ${url})`)
    assert.equal(several, 'd NO [TOOBIG] This is larger than may be kept here')
    const parts = Array.from({ length: 257 }, () => 'URL /INBOX/;UID=1').join(' ')
    const [tooMany] = await client.command('e', `APPEND INBOX CATENATE (${parts})`)
    assert.match(tooMany ?? '', /^e BAD /)
    assert.equal((await account.quota()).usedBytes, 3000)
  })
})

test('large letters are put together without being held', async () => {
  await withLetter(3_000_000, async (bed, account, inbox) => {
    using client = new LineClient(bed.connect())
    await client.line()
    await client.command('a', `LOGIN ${testAddress} ${testPassword}`)
    const [done] = await client.command(
      'b',
      'APPEND INBOX CATENATE (URL /INBOX/;UID=1 URL /INBOX/;UID=1/;SECTION=TEXT)',
    )
    assert.match(done ?? '', /^b OK /)
    const id = await account.emailAt(inbox.id, 2)
    const message = id === undefined ? undefined : await account.message(id)
    assert.equal(message?.sizeBytes, 5_999_986)
    assert.equal(message.place.kind, 'file')
  })
})

test('a letter that goes after it was measured is told, and nothing is kept', async () => {
  await withLetter(500_000, async (_bed, account, inbox) => {
    const ended = new AbortController().signal
    const session = authenticated({ account: testAccount, address: testAddress, ended }, account)
    const limits = { hostname: 'home.test', appendLimitBytes: 1e9, log: silentLog }
    const peer = { ...limits, enabled: { rev2: true, utf8Accept: false }, offers: () => true } as unknown as Peer
    const url = { kind: 'url', url: utf8('/INBOX/;UID=1') } as const
    const parts = Array.from({ length: 9 }, () => url)
    const message = { flags: [], internalDate: undefined, message: { kind: 'catenation', parts } } as const
    const made = await newMessages([message], session, peer)
    await account.changeFlags(inbox.id, [1 as never], { mode: 'add', system: 16, keywords: [] })
    assert.equal((await account.expunge(inbox.id)).expunged.length, 2)
    const isBadUrl = (error: unknown) => error instanceof Refused && error.reply.code === 'BADURL /INBOX/;UID=1'
    await assert.rejects(() => account.append(inbox.id, made), isBadUrl)
    assert.deepEqual(await account.quota().then(({ messages, usedBytes }) => [messages, usedBytes]), [0, 0])
  })
})
