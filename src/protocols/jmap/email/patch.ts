/** What Email/set may change of an email, from its patch object. RFC 8620 §5.3, RFC 8621 §4.6 */
import { answeredFlag, draftFlag, type FlagChange, flaggedFlag, seenFlag } from '#mail/account.ts'
import type { EmailChange } from '#mail/account-settings.ts'
import type { EmailId, MailboxId } from '#mail/ids.ts'
import { readMailboxId } from '#mail/object-ids.ts'
import { isObject } from '../syntax/request.ts'
import type { JsonObject, JsonValue, SetError } from '../wire.ts'

const system: ReadonlyMap<string, number> = new Map([
  ['$seen', seenFlag],
  ['$answered', answeredFlag],
  ['$flagged', flaggedFlag],
  ['$draft', draftFlag],
])

type Members = ReadonlyMap<string, boolean>
/** `whole`: the property itself was given; else single members of it */
type Patched = { readonly whole: boolean; readonly members: Members }

/** `resolve`: a mailbox that was created in this request, by its creation id */
export function emailPatch(
  email: EmailId,
  patch: JsonObject,
  resolve: (id: string) => string | undefined,
): EmailChange | SetError {
  const found = new Map<string, Patched>()
  for (const [path, value] of Object.entries(patch)) {
    const [property = '', member, ...deeper] = path.split('/')
    if (property !== 'mailboxIds' && property !== 'keywords')
      return {
        type: 'invalidProperties',
        properties: [path],
        description: 'Only mailboxIds and keywords can be changed',
      }
    const known = found.get(property)
    if (deeper.length > 0 || (known && (known.whole || member === undefined)))
      return { type: 'invalidPatch', description: `${path.slice(0, 100)} cannot be set beside what else is set` }
    const members = member === undefined ? wholeOf(value) : memberOf(member, value)
    if (!members)
      return {
        type: 'invalidProperties',
        properties: [property],
        description: 'Each member is true; one that goes is null',
      }
    found.set(property, { whole: member === undefined, members: new Map([...(known?.members ?? []), ...members]) })
  }
  const mailboxes = mailboxesOf(found.get('mailboxIds'), resolve)
  if (mailboxes && 'type' in mailboxes) return mailboxes
  return { kind: 'update', email, mailboxes, flags: flagsOf(found.get('keywords')) }
}

function wholeOf(value: JsonValue): Members | undefined {
  if (!isObject(value) || !Object.values(value).every(one => one === true)) return undefined
  return new Map(Object.keys(value).map(name => [name, true]))
}

function memberOf(member: string, value: JsonValue): Members | undefined {
  // a pointer's escapes, RFC 6901 §3
  const name = member.replaceAll('~1', '/').replaceAll('~0', '~')
  return value === true || value === null ? new Map([[name, value === true]]) : undefined
}

function mailboxesOf(
  patched: Patched | undefined,
  resolve: (id: string) => string | undefined,
): Extract<EmailChange, { kind: 'update' }>['mailboxes'] | SetError {
  if (!patched) return undefined
  const add: MailboxId[] = []
  const remove: MailboxId[] = []
  for (const [name, isIn] of patched.members) {
    const id = readMailboxId(resolve(name) ?? '')
    if (id !== undefined) (isIn ? add : remove).push(id)
    else if (isIn)
      return {
        type: 'invalidProperties',
        properties: ['mailboxIds'],
        description: `There is no mailbox ${name.slice(0, 100)}`,
      }
  }
  return patched.whole ? { all: add } : { add, remove }
}

function flagsOf(patched: Patched | undefined): readonly FlagChange[] {
  if (!patched) return []
  const named = (isSet: boolean) =>
    [...patched.members].filter(([, set]) => set === isSet).map(([name]) => name.toLowerCase())
  if (patched.whole) return [flagChange('replace', named(true))]
  return [flagChange('add', named(true)), flagChange('remove', named(false))]
}

/** Names in lower case */
export function flagChange(mode: FlagChange['mode'], names: readonly string[]): FlagChange {
  return {
    mode,
    system: names.reduce((bits, name) => bits | (system.get(name) ?? 0), 0),
    keywords: names.filter(name => !system.has(name)),
  }
}
