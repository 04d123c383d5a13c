import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import { Database } from '#store/sqlite.ts'
import { isRefusal } from './account.ts'
import { accountId, largeLetter, letter, withAccounts } from './accounts.testbed.ts'
import type { EmailId } from './ids.ts'

const id = accountId(9)

test('letters from before there were previews get theirs when they are asked for, and keep them', async () => {
  await withAccounts(async (accounts, folder) => {
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const inbox = await account.mailboxNamed('INBOX')
    assert.ok(inbox)
    const flags = { mode: 'add', system: 0, keywords: [] } as const
    const letters = [letter('a', 'first\r\n'), largeLetter(200_000), letter('c', 'third\r\n')]
    const placed = await account.append(
      inbox.id,
      letters.map(message => ({ message, flags, internalDate: 1 })),
    )
    assert.ok(!isRefusal(placed))
    const ids = placed.map(one => one.emailId)
    const made = await account.previews(ids)
    assert.deepEqual(made, ['first', `${'x'.repeat(70)} ${'x'.repeat(70)} ${'x'.repeat(58)}`, 'third'])
    using database = new Database(join(folder, id, 'account.db'), { durability: 'NORMAL', busyTimeoutMs: 5000 })
    const forget = () => database.write(() => database.prepare('UPDATE email SET preview = NULL WHERE id < 3').run())
    forget()
    const strange = 99 as EmailId
    assert.deepEqual(await account.previews([...ids, strange], { lazy: true }), [null, null, 'third', undefined])
    assert.deepEqual(await account.previews([...ids, strange]), [...made, undefined])
    assert.deepEqual(await account.previews(ids, { lazy: true }), made, 'and they are kept')
  })
})
