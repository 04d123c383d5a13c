import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { isRefusal, seenFlag } from './account.ts'
import type { EmailId } from './ids.ts'
import { accountId, collect, delivery, letter, withAccounts } from './accounts.testbed.ts'

const signal = new AbortController().signal

test('a delivered message is in the inbox with its bytes as received behind our own block', async () => {
  await withAccounts(async accounts => {
    const id = accountId(1)
    await accounts.createAccount(id, 'en')
    const trace = utf8('Return-Path: <a@example.org>\r\n')
    const result = await accounts.deliver(delivery(id, { trace, message: letter('Hello', 'One line\r\n') }), signal)
    assert.equal(result.status, 'stored')
    if (result.status !== 'stored') return
    const account = await accounts.account(id)
    const message = await account.message(result.emailId)
    assert.ok(message)
    const bytes = await collect(message)
    assert.equal(Buffer.from(bytes).toString().slice(0, 30), 'Return-Path: <a@example.org>\r\n')
    assert.ok(Buffer.from(bytes).toString().endsWith('One line\r\n'))
    const inbox = await account.mailboxNamed('inbox')
    assert.ok(inbox)
    assert.equal(inbox.messages, 1)
    assert.equal(inbox.unseen, 1)
    using view = await account.open(inbox.id)
    assert.equal(view?.length, 1)
    assert.equal(view?.emailId(0), result.emailId)
    const [row] = await account.emails([result.emailId, 999 as EmailId])
    assert.match(Buffer.from(row?.envelope ?? []).toString(), /"Hello"/)
  })
})

test('a session sees changes only when it advances', async () => {
  await withAccounts(async accounts => {
    const id = accountId(1)
    await accounts.createAccount(id, 'ja')
    const account = await accounts.account(id)
    assert.deepEqual(
      (await account.mailboxes()).map(mailbox => mailbox.name),
      ['INBOX', '送信済み', '下書き', '迷惑メール', 'ゴミ箱', 'アーカイブ'],
    )
    const inbox = await account.mailboxNamed('INBOX')
    assert.ok(inbox)
    using view = await account.open(inbox.id)
    assert.ok(view)
    let told = 0
    view.onNews(() => told++)
    const flags = { mode: 'add', system: seenFlag, keywords: ['$Work'] } as const
    const placed = await account.append(inbox.id, [
      { message: letter('One'), flags, internalDate: 1 },
      { message: letter('Two'), flags: { ...flags, system: 0 }, internalDate: 2 },
    ])
    assert.ok(!isRefusal(placed))
    assert.equal(told, 1)
    assert.equal(view.length, 0)
    const { expunged, ...news } = view.advance({ expunges: false })
    assert.deepEqual([expunged.uids.length, news], [0, { added: 2, changed: [], mailboxGone: false }])
    assert.equal(view.flags(0), seenFlag | 32)
    assert.deepEqual(await account.keywordNames(), ['$Work'])
  })
})
