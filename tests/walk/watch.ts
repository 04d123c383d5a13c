/** What a client has asked to be told of at any time. RFC 5465 */
export type Watch = {
  /** Whether EXPUNGE may come while no command runs (RFC 5465 §6.1.1, §6.1.2) */
  readonly selected: 'selected' | 'selected-delayed'
  /** Mailboxes beside the selected one */
  readonly others: ReadonlySet<string> | 'personal'
  /** MailboxName: CREATE, DELETE and RENAME by others */
  readonly names: boolean
}

export function watches({ others }: Watch, name: string): boolean {
  return others === 'personal' || others.has(name)
}
