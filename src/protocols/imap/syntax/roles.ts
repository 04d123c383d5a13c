/** Special-use attributes. RFC 6154 §2 */

export type MailboxRole = 'inbox' | 'sent' | 'drafts' | 'junk' | 'trash' | 'archive'

const attributes = {
  sent: '\\Sent',
  drafts: '\\Drafts',
  junk: '\\Junk',
  trash: '\\Trash',
  archive: '\\Archive',
} as const

/** The inbox has no attribute of its own. */
export function specialUseOf(role: MailboxRole | undefined): string | undefined {
  return role === undefined || role === 'inbox' ? undefined : attributes[role]
}

export function roleOf(attribute: string): MailboxRole | undefined {
  const wanted = attribute.toLowerCase()
  for (const [role, name] of Object.entries(attributes)) if (name.toLowerCase() === wanted) return role as MailboxRole
  return undefined
}
