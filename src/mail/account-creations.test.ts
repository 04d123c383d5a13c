// Emails that are made by `setEmails` (RFC 8621 §4.6, §4.8): in all of their mailboxes at once, and no file stays of what was refused.
import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import type { MessageSource } from '#formats/message-source.ts'
import { type Account, isRefusal, seenFlag } from './account.ts'
import type { EmailCreation } from './account-settings.ts'
import { accountId, largeLetter, letter, withAccounts } from './accounts.testbed.ts'
import type { MailboxId } from './ids.ts'

const id = accountId(21)
const flags = { mode: 'replace', system: seenFlag, keywords: ['blue'] } as const

test('in two mailboxes at once; what is refused leaves neither a row nor a file, and takes nothing with it', async () => {
  await withAccounts(async (accounts, folder) => {
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const [inbox, archive] = await mailboxes(account, ['INBOX', 'Archive'])
    const create = (message: MessageSource, into: readonly number[]): EmailCreation => {
      return {
        kind: 'create',
        message,
        mailboxes: into as readonly MailboxId[],
        flags,
        internalDate: 1_700_000_000_000,
      }
    }
    const before = await account.quota()
    const done = await account.setEmails([
      create(largeLetter(300_000), [inbox, archive]),
      create(largeLetter(300_000), [inbox, 999]),
      create(letter('nowhere'), []),
      create(letter('small'), [archive]),
    ])
    assert.ok('results' in done)
    assert.deepEqual(
      done.results.map(result => ('refused' in result ? result.refused : 'sizeBytes' in result)),
      [true, 'no-such-mailbox', 'no-mailbox', true],
    )
    assert.equal((await readdir(join(folder, id, 'messages'))).length, 1)
    assert.equal((await account.quota()).messages, before.messages + 2)
    const [first] = done.results
    assert.ok(first && 'email' in first)
    const placements = await account.read(reader => reader.placements(first.email))
    assert.deepEqual(new Set(placements.map(({ mailbox }) => mailbox)), new Set([inbox, archive]))

    const late = await account.setEmails([create(largeLetter(300_000), [inbox])], { ifModSeq: done.before })
    assert.deepEqual(late, { refused: 'state-mismatch' })
    assert.equal((await readdir(join(folder, id, 'messages'))).length, 1)
  })
})

test('a letter that cannot be read to its end: nothing is made of all that came with it', async () => {
  await withAccounts(async (accounts, folder) => {
    await accounts.createAccount(id, 'en')
    const account = await accounts.account(id)
    const [inbox] = await mailboxes(account, ['INBOX'])
    const whole = largeLetter(300_000)
    const short: MessageSource = { ...whole, sizeBytes: whole.sizeBytes + 1, place: { kind: 'stream' } }
    const made = { kind: 'create', mailboxes: [inbox], flags, internalDate: 0 } as const
    await assert.rejects(
      account.setEmails([
        { ...made, message: whole },
        { ...made, message: short },
      ]),
      /not as long/,
    )
    assert.deepEqual(await readdir(join(folder, id, 'messages')), [])
    assert.equal((await account.quota()).messages, 0)
  })
})

async function mailboxes<const Names extends readonly string[]>(
  account: Account,
  names: Names,
): Promise<{ readonly [Index in keyof Names]: MailboxId }> {
  const ids: MailboxId[] = []
  for (const name of names) {
    const there = await account.mailboxNamed(name)
    const mailbox = there ?? (await account.createMailbox(name))
    assert.ok(!isRefusal(mailbox))
    ids.push(mailbox.id)
  }
  return ids as unknown as { readonly [Index in keyof Names]: MailboxId }
}
