// Requests and responses as text, each file on a fresh server with one user.
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { delivery } from '#mail/accounts.testbed.ts'
import type { MailEvent } from '#mail/events.ts'
import type { DeliveryId } from '#mail/ids.ts'
import { printEmailId, printMailboxId } from '#mail/object-ids.ts'
import { homeTrace } from '#mail/trace-block.ts'
import { type JmapBed, withJmap } from '#protocols/jmap/jmap.testbed.ts'
import { type About, comesIn, reportBytes } from '#protocols/jmap/submission/report.testbed.ts'
import { happens } from '../support/jmap-happenings.ts'
import { runJmapTranscript } from '../support/jmap-transcript.ts'

for (const file of globSync('src/protocols/jmap/transcripts/*.txt').sort())
  test(basename(file), async () => {
    await withJmap(async bed => {
      await runJmapTranscript(readFileSync(file, 'utf8'), {
        using: Object.keys((await bed.session()).capabilities),
        variables: { accountId: bed.accountId, ...(await roleMailboxes(bed)) },
        prepare: async (words, variables) => {
          if (words[0] === 'delivered') await delivered(bed, words, variables)
          else if (words[0] === 'reported') await reported(bed, words, variables)
          else if (!(await aroundIt(bed, words)))
            await happens(await bed.accounts.account(bed.account), words, variables)
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

/** What happens beside the account: in its limits, the directory, its scripts. False: something else */
async function aroundIt(
  { account, accounts, directory, events, quota }: JmapBed,
  [what, first = '', ...more]: readonly string[],
): Promise<boolean> {
  const { scripts } = accounts
  const name = first.replaceAll('_', ' ')
  if (what === 'quota') quota.limitBytes = first === 'none' ? undefined : Number(first)
  else if (what === 'alias') await directory.addAlias(first, ['yuki@home.test'])
  else if (what === 'script') assert.deepEqual(await scripts.put(account, name, utf8(more.join(' '))), {})
  else if (what === 'activate') assert.deepEqual(await scripts.activate(account, name), {})
  else if (what === 'renamescript') assert.deepEqual(await scripts.rename(account, name, more.join(' ')), {})
  else if (what === 'deletescript') assert.deepEqual(await scripts.delete(account, name), {})
  else if (what === 'event') {
    // a step of the trace, as this box records it
    const text = [first, ...more].join(' ').replaceAll('${account}', account)
    events.record(JSON.parse(text) as MailEvent)
  } else if (what === 'active') assert.equal((await scripts.active(account))?.name, name)
  else return false
  return true
}

/** A report on what was sent comes in. */
async function reported(
  bed: JmapBed,
  [, name = '', ...words]: readonly string[],
  variables: Map<string, unknown>,
): Promise<void> {
  const text = words.join(' ').replaceAll(/\$\{(\w+)\}/g, (_, variable: string) => String(variables.get(variable)))
  variables.set(name, `L${await comesIn(bed, reportBytes(JSON.parse(text) as About))}`)
}

/** A letter comes in under this delivery id, with the lines that home puts before it. */
async function delivered(
  { account, accounts }: JmapBed,
  [, name = '', id = '']: readonly string[],
  variables: Map<string, unknown>,
): Promise<void> {
  const recipient = 'yuki@home.test'
  const from = { helo: 'mx.home.test', clientAddress: '127.0.0.1', tls: undefined }
  const at = Date.parse('2026-11-27T09:00:00Z')
  const about = { reversePath: 'aki@internet.test', recipient, from, smtpUtf8: false, at, id: id as DeliveryId }
  const trace = homeTrace({ ...about, hostname: 'mail.home.test' })
  const message = memorySource(utf8(`From: aki@internet.test\r\nMessage-ID: <${name}@internet.test>\r\n\r\nHello\r\n`))
  const attempt = { id: id as DeliveryId }
  const result = await accounts.deliver(
    delivery(account, { recipient, trace, message, attempt }),
    AbortSignal.timeout(60_000),
  )
  assert.equal(result.status, 'stored')
  variables.set(name, printEmailId(result.emailId))
}
