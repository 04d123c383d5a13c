/** The window's title and icon say how much of the inbox is unread. */
import { effect } from '@preact/signals'
import type { Mail } from '../model/mail.ts'
import { route } from '../model/route.ts'
import { t } from '../texts/texts.ts'
import { mailboxName } from './mailbox-name.ts'

export function titleEffect({ mailboxes, mailbox }: Mail): () => void {
  return effect(() => {
    const unread = mailboxes.role('inbox')?.unreadThreads ?? 0
    const here = route.value.contacts
      ? t().contacts.title
      : mailbox.value
        ? mailboxName(mailbox.value)
        : t().search.title
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${here} – ${t().program}`
    const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]')
    const wanted = unread > 0 ? '/icon-unread.svg' : '/icon.svg'
    if (icon && icon.getAttribute('href') !== wanted) icon.href = wanted
  })
}
