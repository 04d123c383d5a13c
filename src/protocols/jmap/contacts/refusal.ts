import { printCardId } from '#formats/jscontact/ids.ts'
import type { ContactRefusal } from '#mail/contacts.ts'
import type { SetError } from '../wire.ts'

/** In the words of RFC 8620 §5.3 and RFC 9610 §2.3 */
export function contactError(refusal: ContactRefusal): SetError {
  switch (refusal.refused) {
    case 'no-such-book':
    case 'no-such-card':
      return { type: 'notFound' }
    case 'is-default':
      return { type: 'forbidden', description: 'The default address book stays until another one is the default' }
    case 'has-cards':
      return { type: 'addressBookHasContents' }
    case 'too-many-entries':
      return { type: 'overQuota', description: 'There are too many' }
    case 'invalid-patch':
      return { type: 'invalidPatch' }
    case 'invalid-property':
      return {
        type: 'invalidProperties',
        properties: refusal.property === '' ? [] : [refusal.property],
        description: refusal.why,
      }
    case 'value-too-large':
      return { type: 'tooLarge', maxSize: refusal.limitBytes }
    case 'uid-exists':
      return {
        type: 'invalidProperties',
        properties: ['uid'],
        description: 'Another card has it',
        existingId: printCardId(refusal.card),
      }
    default:
      return refusal satisfies never
  }
}
