import type { Mailbox } from '#protocols/jmap/wire.ts'
import type { IconName } from '../../ui/icon.tsx'
import { plainName } from '../model/plain-signs.ts'
import { t } from '../texts/texts.ts'

const icons: Readonly<Record<string, IconName>> = {
  inbox: 'inbox',
  drafts: 'drafts',
  sent: 'sent',
  archive: 'archive',
  junk: 'junk',
  trash: 'trash',
}

/** By what it is for, in the reader's language; else as it is called. */
export function mailboxName({ name, role }: Pick<Mailbox, 'name' | 'role'>): string {
  const names: Readonly<Record<string, unknown>> = t().mailboxes
  const own = role === null || !Object.hasOwn(icons, role) ? undefined : names[role]
  return typeof own === 'string' ? own : plainName(name)
}

export function mailboxIcon({ role }: Pick<Mailbox, 'role'>): IconName {
  return (role !== null && icons[role]) || 'folder'
}
