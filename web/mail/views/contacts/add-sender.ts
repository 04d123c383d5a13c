/** From a letter to the contacts: whoever is there already is shown. */
import type { EmailAddress } from '#protocols/jmap/wire.ts'
import { contactsOf } from '../../model/contacts/of-mail.ts'
import type { Mail } from '../../model/mail.ts'
import { allContacts, go } from '../../model/route.ts'
import { prefill } from './prefill.ts'

export async function addSender(mail: Mail, address: EmailAddress): Promise<void> {
  const contacts = contactsOf(mail)
  await contacts.load()
  const known = contacts.withAddress(address.email)
  if (!known) prefill(address)
  go({ contacts: { ...allContacts, card: known?.id ?? 'new', isEditing: !known } })
}
