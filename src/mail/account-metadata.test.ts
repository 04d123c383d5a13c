import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { maxMetadataBytes, maxMetadataEntries, maxMetadataValueBytes } from '#store/account/limits.ts'
import { isRefusal, type Account } from './account.ts'
import type { AccountChange } from './account-change.ts'
import { isWithin } from './account-metadata.ts'
import { accountId, testOptions, withAccounts } from './accounts.testbed.ts'
import { openAccounts } from './accounts.ts'
import type { MailboxId } from './ids.ts'

const id = accountId(1)
const all = { entries: ['/private', '/shared'], depth: 'infinity', maxBytes: undefined } as const

async function withAccount(act: (account: Account, inbox: MailboxId) => Promise<void>): Promise<void> {
  await withAccounts(async accounts => {
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const inbox = await account.mailboxNamed('INBOX')
    assert.ok(inbox)
    await act(account, inbox.id)
  })
}

const entry = (name: string, value: string | Uint8Array | undefined) => ({
  name,
  value: typeof value === 'string' ? utf8(value) : value,
})

async function names(account: Account, mailbox: MailboxId | undefined): Promise<readonly string[]> {
  return (await account.metadata(mailbox, all)).found.map(({ name }) => name)
}

test('what was set is there after a restart, for the mailbox and for the account as a whole', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-metadata-'))
  try {
    for (const round of [1, 2]) {
      await using accounts = await openAccounts(testOptions(folder))
      if (round === 1) await accounts.createAccount(id, 'en')
      const account = await accounts.account(id)
      const inbox = await account.mailboxNamed('INBOX')
      if (round === 1) {
        await account.setMetadata(inbox?.id, [entry('/private/comment', Uint8Array.of(0, 255, 1))])
        await account.setMetadata(undefined, [entry('/private/vendor/example/x', '')])
      }
      const of = await account.metadata(inbox?.id, all)
      assert.deepEqual(of.found, [{ name: '/private/comment', value: Uint8Array.of(0, 255, 1) }])
      assert.deepEqual((await account.metadata(undefined, all)).found, [
        { name: '/private/vendor/example/x', value: new Uint8Array(0) },
      ])
    }
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
})

test('all entries or none', () =>
  withAccount(async (account, inbox) => {
    const tooLarge = new Uint8Array(maxMetadataValueBytes + 1)
    const refused = await account.setMetadata(inbox, [entry('/private/a', 'x'), entry('/private/b', tooLarge)])
    assert.deepEqual(refused, { refused: 'value-too-large', limitBytes: maxMetadataValueBytes })
    assert.deepEqual(await names(account, inbox), [])
    assert.ok(!isRefusal(await account.setMetadata(inbox, [entry('/private/b', tooLarge.subarray(1))])))
    assert.deepEqual(await account.setMetadata(9999 as MailboxId, [entry('/private/a', 'x')]), {
      refused: 'no-such-mailbox',
    })
  }))

test('a mailbox has so many entries; one that is full can still change and lose some', () =>
  withAccount(async (account, inbox) => {
    const full = Array.from({ length: maxMetadataEntries }, (_, at) => entry(`/private/e${at}`, 'x'))
    assert.ok(!isRefusal(await account.setMetadata(inbox, full)))
    const more = entry('/private/more', 'x')
    assert.deepEqual(await account.setMetadata(inbox, [more]), { refused: 'too-many-entries' })
    assert.ok(!isRefusal(await account.setMetadata(inbox, [entry('/private/e0', 'y')])))
    assert.ok(!isRefusal(await account.setMetadata(inbox, [entry('/private/e0', undefined), more])))
    assert.equal((await names(account, inbox)).length, maxMetadataEntries)
    assert.ok(!isRefusal(await account.setMetadata(undefined, [more])), 'the account as a whole counts by itself')
  }))

test('all entries of an account together have a bound, and renaming the inbox does not pass it', () =>
  withAccount(async (account, inbox) => {
    const value = new Uint8Array(maxMetadataValueBytes)
    const each = Math.floor(maxMetadataBytes / maxMetadataValueBytes / 3) - 1
    const mailboxes: (MailboxId | undefined)[] = [undefined, inbox]
    for (const name of ['A', 'B']) {
      const made = await account.createMailbox(name)
      assert.ok(!isRefusal(made))
      mailboxes.push(made.id)
    }
    const results: object[] = []
    for (const mailbox of mailboxes)
      for (let at = 0; at < each; at += 1)
        results.push(await account.setMetadata(mailbox, [entry(`/private/e${at}`, value)]))
    assert.deepEqual(results[0], {})
    assert.deepEqual(results.at(-1), { refused: 'over-quota' })
    const before = await names(account, inbox)
    await account.renameMailbox('INBOX', 'Old')
    const old = await account.mailboxNamed('Old')
    assert.deepEqual(await names(account, old?.id), [])
    assert.deepEqual(await names(account, inbox), before)
  }))

test('watchers hear which entries, of which mailbox, and who did it', () =>
  withAccount(async (account, inbox) => {
    const heard: AccountChange[] = []
    using _watch = account.watch(change => heard.push(change))
    await account.as('one').setMetadata(inbox, [entry('/private/a', 'x'), entry('/private/b', undefined)])
    await account.as('two').setMetadata(undefined, [entry('/private/a', 'x')])
    await account.setMetadata(undefined, [entry('/private/a', 'x')])
    await account.as('three').createMailbox('A/B')
    await account.renameMailbox('A', 'C')
    await account.deleteMailbox('C/B')
    assert.deepEqual(
      heard.flatMap(({ metadata }) => metadata),
      [
        { name: 'INBOX', entries: ['/private/a'], by: 'one' },
        { name: undefined, entries: ['/private/a'], by: 'two' },
      ],
    )
    assert.deepEqual(
      heard.flatMap(change => change.names.map(({ kind, name, from, by }) => [kind, name, from, by])),
      [
        ['created', 'A', undefined, 'three'],
        ['created', 'A/B', undefined, 'three'],
        ['renamed', 'C', 'A', undefined],
        ['deleted', 'C/B', undefined, undefined],
      ],
    )
  }))

test('depth', () => {
  assert.ok(isWithin('/a', '/a', 0))
  assert.ok(!isWithin('/a/b', '/a', 0))
  assert.ok(isWithin('/a/b', '/a', 1))
  assert.ok(!isWithin('/a/b/c', '/a', 1))
  assert.ok(isWithin('/a/b/c', '/a', 'infinity'))
  assert.ok(!isWithin('/ab', '/a', 'infinity'))
})
