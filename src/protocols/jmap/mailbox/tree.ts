/** Mailboxes as JMAP shows them (RFC 8621 §2): a name below a parent instead of a path. */
import type { MailboxRecord } from '#mail/account-reader.ts'
import type { MailboxId } from '#mail/ids.ts'

export type TreePlace = { readonly name: string; readonly parent: MailboxId | undefined }

/**
 * The nearest mailbox above that is there; what is left of the path is the name. (A level may be gone that still has mailboxes below it:
 * RFC 9051 §6.3.5.)
 */
export function placesOf(mailboxes: readonly MailboxRecord[]): ReadonlyMap<MailboxId, TreePlace> {
  const byName = new Map(mailboxes.map(mailbox => [mailbox.name, mailbox.id]))
  return new Map(mailboxes.map(({ id, name }) => [id, placeOf(name, byName)]))
}

function placeOf(path: string, byName: ReadonlyMap<string, MailboxId>): TreePlace {
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    const parent = byName.get(path.slice(0, slash))
    if (parent !== undefined) return { name: path.slice(slash + 1), parent }
  }
  return { name: path, parent: undefined }
}
