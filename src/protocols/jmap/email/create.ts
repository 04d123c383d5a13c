/** What Email/set, /import and /copy make: where it goes, and how it is refused. RFC 8621 §4.6 to §4.8 */
import type { FlagChange } from '#mail/account.ts'
import type { EmailCreation, EmailRefusal } from '#mail/account-settings.ts'
import type { MailboxId } from '#mail/ids.ts'
import { readMailboxId } from '#mail/object-ids.ts'
import { type MethodContext, resolvedId } from '../method.ts'
import { ArgumentFault, utc } from '../syntax/arguments.ts'
import { isObject } from '../syntax/request.ts'
import type { JsonObject, JsonValue, SetError } from '../wire.ts'
import type { Invalid } from './compose/invalid.ts'
import { flagChange } from './patch.ts'

export type Placing = Omit<EmailCreation, 'kind' | 'message'>

/** Mailboxes, keywords and the time of an email that is made; what is wrong is told to `invalid`. */
export function placingOf(
  { mailboxIds = null, keywords = null, receivedAt = null }: JsonObject,
  standard: { readonly receivedAt: number; readonly flags?: FlagChange },
  context: Pick<MethodContext, 'created'>,
  invalid: Invalid,
): Placing {
  const mailboxes = mailboxesOf(mailboxIds, context)
  if (!mailboxes) invalid.add('mailboxIds', 'An email is in one mailbox at least, and in those that exist')
  const names = keywords === null ? [] : trueMembers(keywords)
  if (!names) invalid.add('keywords', 'Each keyword is true')
  const flags = keywords === null ? standard.flags : flagChange('replace', names?.map(one => one.toLowerCase()) ?? [])
  return {
    mailboxes: mailboxes ?? [],
    flags: flags ?? flagChange('replace', []),
    internalDate: timeOf(receivedAt, invalid) ?? standard.receivedAt,
  }
}

function mailboxesOf(value: JsonValue, context: Pick<MethodContext, 'created'>): readonly MailboxId[] | undefined {
  const ids = trueMembers(value)?.map(name => readMailboxId(resolvedId(name, context) ?? ''))
  return ids && ids.length > 0 && ids.every(id => id !== undefined) ? ids : undefined
}

function trueMembers(value: JsonValue): readonly string[] | undefined {
  return isObject(value) && Object.values(value).every(one => one === true) ? Object.keys(value) : undefined
}

function timeOf(value: JsonValue, invalid: Invalid): number | undefined {
  if (value === null) return undefined
  try {
    return utc(value, 'receivedAt')
  } catch (error) {
    if (!(error instanceof ArgumentFault)) throw error
    invalid.add('receivedAt', error.message)
    return undefined
  }
}

export function refusalError({ refused }: EmailRefusal): SetError {
  if (refused === 'no-such-message') return { type: 'notFound' }
  if (refused === 'too-many-keywords') return { type: 'tooManyKeywords' }
  if (refused === 'over-quota') return { type: 'overQuota' }
  if (refused === 'no-such-mailbox' || refused === 'no-mailbox') return badMailboxes
  return { type: 'invalidProperties', properties: ['keywords'], description: 'Not a keyword' }
}

const badMailboxes: SetError = {
  type: 'invalidProperties',
  properties: ['mailboxIds'],
  description: 'An email is in one mailbox at least, and in those that exist',
}
