// Requests and responses as text, each file on a fresh server with one user.
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import test from 'node:test'
import { printMailboxId } from '#mail/object-ids.ts'
import { type JmapBed, withJmap } from '#protocols/jmap/jmap.testbed.ts'
import { happens } from '../support/jmap-happenings.ts'
import { runJmapTranscript } from '../support/jmap-transcript.ts'

for (const file of globSync('src/protocols/jmap/transcripts/*.txt').sort())
  test(basename(file), async () => {
    await withJmap(async bed => {
      await runJmapTranscript(readFileSync(file, 'utf8'), {
        using: Object.keys((await bed.session()).capabilities),
        variables: { accountId: bed.accountId, ...(await roleMailboxes(bed)) },
        prepare: async (words, variables) => {
          if (words[0] === 'quota') bed.quota.limitBytes = words[1] === 'none' ? undefined : Number(words[1])
          else if (words[0] === 'alias') await bed.directory.addAlias(words[1] ?? '', ['yuki@home.test'])
          else await happens(await bed.accounts.account(bed.account), words, variables)
        },
        async post(body) {
          const headers = { 'content-type': 'application/json' }
          const { status, bytes } = await bed.ask({ method: 'POST', path: '/jmap/api', headers, body })
          return { status, text: bytes.toString() }
        },
      })
    })
  })

/** `${inbox}`, `${drafts}` … are the ids of the mailboxes with these roles. */
async function roleMailboxes({ accounts, account }: JmapBed): Promise<Record<string, string>> {
  const mailboxes = await (await accounts.account(account)).mailboxes()
  return Object.fromEntries(mailboxes.map(({ id, role }) => [role ?? 'none', printMailboxId(id)]))
}
