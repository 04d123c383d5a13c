/** What Mailbox/set is given of a mailbox, checked. RFC 8621 §2, §2.5 */
import type { MailboxRole } from '#mail/account.ts'
import type { MailboxProperties } from '#mail/account-settings.ts'
import type { MailboxId } from '#mail/ids.ts'
import { keptMailboxName } from '#mail/mailbox-name.ts'
import { Invalid } from '../email/compose/invalid.ts'
import type { JsonObject, JsonValue, SetError } from '../wire.ts'

const roles: ReadonlySet<string> = new Set<MailboxRole>(['inbox', 'sent', 'drafts', 'junk', 'trash', 'archive'])
const maxSortOrder = 2 ** 31 - 1

/** `parent`: what a `parentId` names; undefined when it is nothing */
export type ResolveParent = (parentId: string) => MailboxId | { readonly created: string } | undefined

/** A property that is not given stays undefined; null is its standard value (RFC 8620 §5.3). */
export function mailboxProperties(given: JsonObject, parent: ResolveParent): MailboxProperties | SetError {
  const invalid = new Invalid()
  const found: { -readonly [Name in keyof MailboxProperties]: MailboxProperties[Name] } = {}
  for (const [property, value] of Object.entries(given)) {
    const read = Object.hasOwn(readers, property) ? readers[property] : undefined
    const part = read?.(value, parent)
    if (part) Object.assign(found, part)
    else invalid.add(property, read ? `${property} cannot have this value` : 'This property cannot be set')
  }
  return invalid.error ?? found
}

const readers: Readonly<Record<string, (value: JsonValue, parent: ResolveParent) => MailboxProperties | undefined>> = {
  // whether it may hold a “/” is decided where it is known what it is called now
  name: value => (typeof value === 'string' && keptMailboxName(value) !== undefined ? { name: value } : undefined),
  parentId(value, parentOf) {
    if (value === null) return { parent: null }
    const parent = typeof value === 'string' ? parentOf(value) : undefined
    return parent === undefined ? undefined : { parent }
  },
  role(value) {
    if (value === null) return { role: null }
    return typeof value === 'string' && roles.has(value) ? { role: value as MailboxRole } : undefined
  },
  sortOrder(value) {
    const order = value ?? 0
    return typeof order === 'number' && Number.isInteger(order) && order >= 0 && order <= maxSortOrder
      ? { sortOrder: order }
      : undefined
  },
  isSubscribed(value) {
    const on = value ?? false
    return typeof on === 'boolean' ? { subscribed: on } : undefined
  },
}
