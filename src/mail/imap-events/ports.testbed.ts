/** What scripts of IMAP events find around them in tests: an account's own scripts and mailboxes, nothing else. */
import { systemClock } from '#base/clock.ts'
import type { OpenAccounts } from '../accounts.ts'
import { printMailboxId } from '../object-ids.ts'
import type { SieveMailbox, SievePorts } from '../sieve/ports.ts'

export function testSievePorts(accounts: OpenAccounts): SievePorts {
  return {
    scripts: {
      active: async () => undefined,
      async personal(account, name) {
        const bytes = await accounts.scripts.script(account, name)
        return bytes && { name, text: Buffer.from(bytes).toString() }
      },
      global: async () => undefined,
      administrator: () => ({ before: [], after: [] }),
    },
    async accounts(id) {
      const all = await (await accounts.account(id)).mailboxes()
      const shown = (found: (typeof all)[number] | undefined): SieveMailbox | undefined =>
        found && { name: found.name, mailboxId: printMailboxId(found.id), role: found.role }
      return {
        primaryAddress: 'hanako@home.test',
        displayName: 'Hanako',
        addresses: ['hanako@home.test'],
        language: 'en',
        separators: '+',
        mailbox: async name => shown(all.find(mailbox => mailbox.name === name)),
        mailboxById: async mailboxId => shown(all.find(mailbox => printMailboxId(mailbox.id) === mailboxId)),
        mailboxByRole: async role => shown(all.find(mailbox => mailbox.role === role)),
        metadata: async () => undefined,
      }
    },
    memory: { knows: (account, key, now) => accounts.scripts.remembers(account, key, now) },
    lists: { exists: async () => false, contains: async () => false, members: async () => [] },
    environment: { domain: 'home.test', host: 'mail.home.test', version: '1.0', zoneMinutes: () => 540 },
    limits: {
      maxScriptBytes: 65_536,
      maxActions: 32,
      maxRedirects: 4,
      minVacationSeconds: 600,
      maxVacationSeconds: 86_400,
    },
    clock: systemClock,
  }
}
