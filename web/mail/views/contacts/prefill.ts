/** What a new contact begins with: who has written a letter. */
import type { EmailAddress } from '#protocols/jmap/wire.ts'
import { type ContactForm, guessName } from '../../model/contacts/form.ts'

let waiting: EmailAddress | undefined

export function prefill(address: EmailAddress): void {
  waiting = address
}

/** Once */
export function takePrefilled(): Partial<ContactForm> {
  const address = waiting
  waiting = undefined
  if (!address) return {}
  const name = address.name?.trim() ?? ''
  // a name that is the address says nothing
  return {
    ...(name !== '' && !name.includes('@') && guessName(name.replace(/^["'](.*)["']$/, '$1'))),
    emails: [{ key: 'e1', value: address.email, type: 'other' }],
  }
}
