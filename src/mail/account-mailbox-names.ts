import type { Language } from '#base/text.ts'
import type { MailboxRole } from './account.ts'

export type MailboxNames = Readonly<Record<Exclude<MailboxRole, 'inbox'>, string>>

const names: Readonly<Record<Language, MailboxNames>> = {
  en: { sent: 'Sent', drafts: 'Drafts', junk: 'Junk', trash: 'Trash', archive: 'Archive' },
  ja: { sent: '送信済み', drafts: '下書き', junk: '迷惑メール', trash: 'ゴミ箱', archive: 'アーカイブ' },
}

/** The mailboxes of a new account besides INBOX, in the words of its owner. */
export function mailboxNamesIn(language: Language): MailboxNames {
  return names[language]
}
