/** `POST /unsubscribe { "emailId" }`: one click leaves a list (RFC 8058), for who is signed in, from our own pages. */
import { deadline } from '#base/deadline.ts'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { parseHeader } from '#formats/message/header.ts'
import { maxHeaderBytes } from '#formats/message/limits.ts'
import { unsubscribing } from '#formats/message/list-unsubscribe.ts'
import { type Accounts, deletedFlag } from '#mail/account.ts'
import { withReader } from '#mail/message-reader.ts'
import { readEmailId } from '#mail/object-ids.ts'
import { sendJson, sendProblem } from '../../jmap/answer.ts'
import { allHeaders } from '../../jmap/email/header-value.ts'
import { plainProblem } from '../../jmap/syntax/problem.ts'
import type { EmailHeader } from '../../jmap/wire.ts'
import { ownPaths } from '../own-paths.ts'
import { sessionOf, type SignInOptions } from '../signed-in.ts'
import type { HttpSite, HttpVisit } from '../site.ts'
import { readFields } from '../small-body.ts'
import { postUnsubscribe, type UnsubscribePostOptions } from './post.ts'

export type UnsubscribeOptions = UnsubscribePostOptions & {
  readonly accounts: Pick<Accounts, 'account'>
  readonly clock: Clock
  readonly log: Log
}

/** All of it, names and addresses included */
const totalMs = 20_000
/** Of one account: a person goes through a full mailbox, a stolen session does not knock at strangers' doors all day */
const perHour = 60
const hourMs = 60 * 60_000

/** One for all listeners: requests of an account are counted together. */
export function createUnsubscribing(options: UnsubscribeOptions): (signIn: SignInOptions) => HttpSite {
  const before = new Map<string, number[]>()
  const isTooOften = (account: string): boolean => {
    const now = options.clock.now()
    const recent = (before.get(account) ?? []).filter(at => at > now - hourMs)
    if (recent.length < perHour) recent.push(now)
    else return true
    before.set(account, recent)
    return false
  }
  return signIn => ownPaths({ '/unsubscribe': { POST: visit => leave(visit, signIn, options, isTooOften) } }, signIn)
}

async function leave(
  visit: HttpVisit,
  signIn: SignInOptions,
  options: UnsubscribeOptions,
  isTooOften: (account: string) => boolean,
): Promise<void> {
  const { request, response } = visit
  const known = await sessionOf(visit, signIn)
  if (!known) return
  const fields = await readFields(request)
  if (!(fields instanceof Map))
    return sendProblem(response, fields as Exclude<typeof fields, ReadonlyMap<string, string>>)
  const { account } = known.login
  const headers = await headersOf(options.accounts, account, fields.get('emailId') ?? '')
  if (!headers) return sendProblem(response, plainProblem(404, 'Not Found', 'There is no such email'))
  const oneClick = unsubscribing(headers, signIn.authservIds?.() ?? [])?.oneClick
  if (!oneClick)
    return sendProblem(response, plainProblem(409, 'Conflict', 'This letter offers no way that can be believed'))
  if (isTooOften(String(account)))
    return sendProblem(response, plainProblem(429, 'Too Many Requests', 'That was often enough for now'), {
      'retry-after': '600',
    })
  using time = deadline(AbortSignal.any([visit.gone, visit.stopping]), totalMs)
  const result = await postUnsubscribe(oneClick.url, options, time.signal)
  // the URL tells who reads what: it stays out of the log
  options.log.info('A list was asked to let go of an address', { outcome: result.outcome, signedBy: oneClick.signedBy })
  await sendJson(response, { ...result, host: new URL(oneClick.url).hostname })
}

/** Undefined: no email that is shown */
async function headersOf(
  accounts: UnsubscribeOptions['accounts'],
  accountId: Parameters<Accounts['account']>[0],
  id: string,
): Promise<readonly EmailHeader[] | undefined> {
  const email = readEmailId(id)
  if (email === undefined) return undefined
  const account = await accounts.account(accountId)
  const row = await account.read(reader =>
    reader.placements(email).some(({ flags }) => !(flags & deletedFlag)) ? reader.email(email) : undefined,
  )
  const message = row && (await account.message(email))
  if (!message) return undefined
  return await withReader(message, reader => {
    const bytes = reader.read(0, Math.min(row.headerBytes, maxHeaderBytes)).slice()
    return allHeaders({ bytes, fields: parseHeader(bytes) })
  })
}
