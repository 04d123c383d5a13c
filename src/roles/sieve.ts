/** What Sieve scripts find around them at home. */
import { domainOf } from '#formats/address/address.ts'
import { maxScriptBytesEver } from '#formats/sieve/limits.ts'
import type { Config } from '#config/schema.ts'
import type { Mailbox } from '#mail/account.ts'
import type { OpenAccounts } from '#mail/accounts.ts'
import type { OpenDirectory } from '#mail/directory/open.ts'
import type { MessageFiler } from '#mail/filing.ts'
import type { AccountId } from '#mail/ids.ts'
import { printMailboxId } from '#mail/object-ids.ts'
import { scriptName } from '#mail/account-scripts.ts'
import {
  type Administrator,
  type AdministratorScript,
  printFileProblem,
  readAdministrator,
} from '#mail/sieve/administrator.ts'
import { externalLists, type OwnAddressBook } from '#mail/sieve/external-lists.ts'
import { createSieveFiler } from '#mail/sieve/filer.ts'
import type { SieveAccount, SieveLimits, SieveMailbox, SievePorts } from '#mail/sieve/ports.ts'
import { version } from './status.ts'
import type { Surroundings } from './surroundings.ts'

export type SieveParts = {
  readonly accounts: OpenAccounts
  readonly directory: OpenDirectory
  /** The account has written to this address */
  readonly hasWrittenTo: OwnAddressBook['hasWrittenTo']
}

export type SieveAtHome = {
  /** Of accounts that have an active script, and of all where the administrator has some */
  filerFor(account: AccountId): Promise<MessageFiler | undefined>
  /** As `filerFor` would, with another script in place of the active one */
  readonly ports: SievePorts
  readonly administrator: () => Administrator
  /** Reads the administrator's files again; what it gives back puts them to work. Rejects where one is broken. */
  prepare(config: Config): Promise<() => void>
}

export async function sieveAtHome(
  around: Surroundings,
  parts: SieveParts,
  scope: AsyncDisposableStack,
): Promise<SieveAtHome> {
  const { log } = around
  let administrator = await readAdministrator(around.config.home.sieve)
  for (const problem of administrator.problems)
    log.error('A file for Sieve is broken and counts for nothing', { problem: printFileProblem(problem, 'en') })
  const ports = sievePorts(around, parts, () => administrator, scope)
  const file = createSieveFiler(ports, {
    failed: error => log.error('A script could not be run', { error: String(error) }),
    passedOver: ({ column, line, script, text }) =>
      log.error('A script of the administrator failed and was passed over', { script, line, column, problem: text.en }),
  })
  const { scripts } = parts.accounts
  return {
    ports,
    async filerFor(account) {
      const { after, before } = ports.scripts.administrator()
      return before.length + after.length > 0 || (await scripts.active(account)) ? file : undefined
    },
    administrator: () => administrator,
    async prepare(config) {
      const next = await readAdministrator(config.home.sieve)
      const [problem] = next.problems
      if (problem) throw new Error(printFileProblem(problem, 'en'))
      return () => (administrator = next)
    },
  }
}

const runnable = (scripts: readonly AdministratorScript[]) => scripts.filter(({ problems }) => problems.length === 0)

function sievePorts(
  around: Surroundings,
  { accounts, directory, hasWrittenTo }: SieveParts,
  administrator: () => Administrator,
  scope: AsyncDisposableStack,
): SievePorts {
  const { clock, config, live } = around
  const { scripts } = accounts
  const addresses = addressesOf(directory, scope)
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
  return {
    scripts: {
      async active(account) {
        const script = await scripts.active(account)
        return script && { name: script.name, text: text(script.bytes) }
      },
      async personal(account, name) {
        const bytes = await scripts.script(account, name)
        return bytes && { name, text: text(bytes) }
      },
      global: async name => administrator().global.get(scriptName(name) ?? name),
      administrator() {
        const { after, before } = administrator()
        return { before: runnable(before), after: runnable(after) }
      },
    },
    accounts: account => sieveAccount(account, { accounts, directory, addresses }),
    memory: { knows: (account, key, now) => scripts.remembers(account, key, now) },
    lists: externalLists(administrator, {
      hasWrittenTo,
      isContact: (account, address) => accounts.isContact(account, address),
      addresses: async (account, limit) => (await accounts.account(account)).contacts.addresses(limit),
    }),
    environment: {
      domain: config.hostname.split('.').slice(1).join('.') || config.hostname,
      host: config.hostname,
      version,
      zoneMinutes: at => -new Date(at).getTimezoneOffset(),
    },
    get limits(): SieveLimits {
      const maxScriptBytes = Math.min(config.home.sieve.scriptSize, maxScriptBytesEver)
      return { ...fixedLimits, maxScriptBytes, maxRedirects: live.current.home.sieve.redirects }
    },
    clock,
  }
}

const daySeconds = 24 * 3600

/** RFC 5230 §4.1 asks for a day at least as what `:days` can say; `:seconds` (RFC 6131) may ask for less, down to this. */
const fixedLimits = { maxActions: 64, minVacationSeconds: 600, maxVacationSeconds: 90 * daySeconds } as const

type AddressesOf = (account: AccountId) => Promise<readonly string[]>

async function sieveAccount(
  id: AccountId,
  { accounts, addresses, directory }: Pick<SieveParts, 'accounts' | 'directory'> & { readonly addresses: AddressesOf },
): Promise<SieveAccount> {
  const account = await accounts.account(id)
  const [user, own, domains] = await Promise.all([directory.userOf(id), addresses(id), directory.domains()])
  if (!user) throw new Error('The account belongs to nobody')
  const domain = domainOf(user.address)
  // Few scripts ask for them, and to read an account ends what its journal had put off
  let read: Promise<readonly Mailbox[]> | undefined
  const find = async (isMeant: (mailbox: Mailbox) => boolean) => (await (read ??= account.mailboxes())).find(isMeant)
  const named = (name: string) => find(mailbox => mailbox.name === keptName(name))
  return {
    primaryAddress: user.address,
    displayName: user.name,
    addresses: own,
    language: user.language,
    separators: domains.find(({ name }) => name === domain)?.separators ?? '',
    mailbox: async name => shown(await named(name)),
    mailboxById: async mailboxId => shown(await find(({ id: number }) => printMailboxId(number) === mailboxId)),
    mailboxByRole: async role => shown(await find(mailbox => mailbox.role === role)),
    async metadata(name, entry) {
      const mailbox = name === '' ? undefined : await named(name)
      if (name !== '' && !mailbox) return undefined
      const query = { entries: [entry.toLowerCase()], depth: 0, maxBytes: undefined } as const
      const { found } = await account.metadata(mailbox?.id, query)
      return found[0] && Buffer.from(found[0].value).toString()
    },
  }
}

function keptName(name: string): string {
  return name.normalize('NFC').replace(/^inbox(?=\/|$)/i, 'INBOX')
}

function shown(mailbox: Mailbox | undefined): SieveMailbox | undefined {
  return mailbox && { name: mailbox.name, mailboxId: printMailboxId(mailbox.id), role: mailbox.role }
}

/** Each account's own address and the aliases that lead to it: found once, until something changes. */
function addressesOf(directory: OpenDirectory, scope: AsyncDisposableStack): AddressesOf {
  let known: Promise<ReadonlyMap<AccountId, readonly string[]>> | undefined
  scope.use(directory.watch(() => (known = undefined)))
  async function find(): Promise<ReadonlyMap<AccountId, readonly string[]>> {
    const found = new Map<AccountId, string[]>()
    for (const user of await directory.users()) found.set(user.account, [user.address])
    for (const { address } of await directory.aliases()) {
      const led = await directory.resolve(address)
      if (led.kind === 'local') for (const { account } of led.targets) found.get(account)?.push(address)
    }
    return found
  }
  return async account => (await (known ??= find())).get(account) ?? []
}
