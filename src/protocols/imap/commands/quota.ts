/**
 * What the account may keep. RFC 9208. One quota root, named by the empty string, holds all mailboxes of an account with a limit;
 * an account without one has no quota root.
 */
import type { Account } from '#mail/account.ts'
import { loggedIn, type Command } from '../command.ts'
import { no, ok } from '../reply.ts'
import { printMailbox } from '../syntax/print.ts'

type LoggedIn = 'authenticated' | 'selected'

/** RFC 9208 §4.1.1 */
export const getQuota = {
  name: 'GETQUOTA',
  states: loggedIn,
  async run({ root }, { account }, { output }) {
    const quota = root === '' ? await quotaResponse(account) : undefined
    if (quota === undefined) return no('NONEXISTENT', 'No such quota root')
    output.write(quota)
    return ok('GETQUOTA completed')
  },
} satisfies Command<'GETQUOTA', LoggedIn>

/** RFC 9208 §4.1.2: also for a mailbox that does not exist yet. */
export const getQuotaRoot = {
  name: 'GETQUOTAROOT',
  states: loggedIn,
  async run({ mailbox }, { account }, { output, enabled }) {
    const quota = await quotaResponse(account)
    output.write(`* QUOTAROOT ${printMailbox(mailbox, enabled)}${quota === undefined ? '' : ' ""'}\r\n${quota ?? ''}`)
    return ok('GETQUOTAROOT completed')
  },
} satisfies Command<'GETQUOTAROOT', LoggedIn>

/**
 * A limit is the administrator's word to a person (RFC 9208 §6: the right "a"), and whoever logs in here is a person with the own
 * account alone: so QUOTASET is not offered, and who asks all the same is told (§4.1.3).
 */
export const setQuota = {
  name: 'SETQUOTA',
  states: loggedIn,
  run: () => no('NOPERM', 'Quotas are set by the administrator'),
} satisfies Command<'SETQUOTA', LoggedIn>

/** Undefined without a limit. MESSAGE is a resource that nothing limits: it is counted by STATUS, and stands in no QUOTA. RFC 9208 §3.1 */
async function quotaResponse(account: Account): Promise<string | undefined> {
  const { usedBytes, limitBytes } = await account.quota()
  return limitBytes === undefined
    ? undefined
    : `* QUOTA "" (STORAGE ${kibibytes(usedBytes)} ${kibibytes(limitBytes)})\r\n`
}

/** RFC 9208 §5.1: units of 1024 octets, both rounded alike */
function kibibytes(bytes: number): number {
  return Math.ceil(bytes / 1024)
}
