/**
 * What accounts may keep. RFC 9208. One quota root holds all mailboxes of an account with a limit: the empty string is one's own; an
 * administrator sees and sets those of others, whose names are their addresses. An account without a limit has no quota root.
 */
import type { Account } from '#mail/account.ts'
import type { AccountId } from '#mail/ids.ts'
import { loggedIn, type Command } from '../command.ts'
import type { Peer } from '../peer.ts'
import { no, ok } from '../reply.ts'
import type { Authenticated, Selected } from '../session.ts'
import { printAstring, printMailbox } from '../syntax/print.ts'

type LoggedIn = 'authenticated' | 'selected'

/** RFC 9208 §4.1.1 */
export const getQuota = {
  name: 'GETQUOTA',
  states: loggedIn,
  async run({ root }, session, peer) {
    const named = await rootNamed(root, session, peer)
    const quota = named && (await quotaResponse(named.name, named.account))
    if (quota === undefined) return no('NONEXISTENT', 'No such quota root')
    peer.output.write(quota)
    return ok('GETQUOTA completed')
  },
} satisfies Command<'GETQUOTA', LoggedIn>

/** RFC 9208 §4.1.2: also for a mailbox that does not exist yet. */
export const getQuotaRoot = {
  name: 'GETQUOTAROOT',
  states: loggedIn,
  async run({ mailbox }, { account }, { output, enabled }) {
    const quota = await quotaResponse('', account)
    output.write(`* QUOTAROOT ${printMailbox(mailbox, enabled)}${quota === undefined ? '' : ' ""'}\r\n${quota ?? ''}`)
    return ok('GETQUOTAROOT completed')
  },
} satisfies Command<'GETQUOTAROOT', LoggedIn>

/**
 * RFC 9208 §4.1.3: what is not named is unlimited afterwards. A limit is the administrator's word (§6: the right "a"), also about the
 * own account.
 */
export const setQuota = {
  name: 'SETQUOTA',
  states: loggedIn,
  async run({ root, limits }, session, peer) {
    if (!(await mayAdministrate(session, peer))) return no('NOPERM', 'Quotas are set by the administrator')
    const [first, ...others] = limits
    if (others.length > 0 || (first && first.resource.toUpperCase() !== 'STORAGE'))
      return no('CANNOT', 'STORAGE is the only resource with a limit')
    const limitBytes = first && Math.min(first.limit, maxStorage) * unit
    const named = await rootNamed(root, session, peer)
    if (!named || !(await peer.quotas.setLimit(named.id, limitBytes))) return no('NONEXISTENT', 'No such quota root')
    peer.log.info('A quota was set', { by: session.login.account, account: named.id, limitBytes: limitBytes ?? null })
    const { usedBytes } = await named.account.quota()
    if (limitBytes !== undefined) peer.output.write(quotaLine(named.name, usedBytes, limitBytes))
    return ok('SETQUOTA completed')
  },
} satisfies Command<'SETQUOTA', LoggedIn>

type Root = { readonly name: string; readonly id: AccountId; readonly account: Account }

/** Undefined: there is none, or it is not for everybody to know. */
async function rootNamed(root: string, session: Authenticated | Selected, peer: Peer): Promise<Root | undefined> {
  if (root === '') return { name: root, id: session.login.account, account: session.account }
  if (!(await mayAdministrate(session, peer))) return undefined
  const user = await peer.quotas.userNamed(root)
  return user && { name: user.address, id: user.account, account: await peer.accounts.account(user.account) }
}

function mayAdministrate({ login }: Authenticated | Selected, { quotas }: Peer): Promise<boolean> {
  return quotas.isAdministrator(login.account)
}

/** Undefined without a limit. MESSAGE is a resource that nothing limits: it is counted by STATUS, and stands in no QUOTA. RFC 9208 §3.1 */
async function quotaResponse(root: string, account: Account): Promise<string | undefined> {
  const { usedBytes, limitBytes } = await account.quota()
  return limitBytes === undefined ? undefined : quotaLine(root, usedBytes, limitBytes)
}

function quotaLine(root: string, usedBytes: number, limitBytes: number): string {
  return `* QUOTA ${printAstring(root)} (STORAGE ${kibibytes(usedBytes)} ${kibibytes(limitBytes)})\r\n`
}

/** RFC 9208 §5.1: units of 1024 octets, both rounded alike */
const unit = 1024
/** So that octets are still counted exactly: 8 PiB */
const maxStorage = Math.floor(Number.MAX_SAFE_INTEGER / unit)

function kibibytes(bytes: number): number {
  return Math.ceil(bytes / unit)
}
