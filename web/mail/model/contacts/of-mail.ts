/** One Contacts for everybody who is signed in, however many parts of the page ask for it. */
import type { Mail } from '../mail.ts'
import { Contacts } from './contacts.ts'
import { isContact } from './is-contact.ts'

const opened = new WeakMap<Mail['client'], Contacts>()

export function contactsOf({ client, news }: Pick<Mail, 'client' | 'news'>): Contacts {
  const known = opened.get(client)
  if (known) return known
  const contacts = new Contacts(client)
  opened.set(client, contacts)
  isContact.value = email => contacts.withAddress(email) !== undefined
  news.add(states => contacts.hear(states))
  globalThis.addEventListener?.('pagehide', () => void contacts.flush())
  return contacts
}
