/** What buttons and keys do to contacts. */
import type { ContactCard } from '#protocols/jmap/wire-contacts.ts'
import type { Mail } from '../../model/mail.ts'
import { addressOf } from '../../model/contacts/facts.ts'
import { goContacts, route } from '../../model/route.ts'
import { t } from '../../texts/texts.ts'
import { writing } from '../writing.ts'
import type { ContactsView } from './contacts-view.ts'

/** So long what was deleted can be taken back */
const undoMs = 8_000

export function deleteCards(mail: Mail, { contacts, selection }: ContactsView, cards: readonly ContactCard[]): void {
  if (cards.length === 0) return
  const ids = cards.map(({ id }) => id)
  const { contacts: place } = route.peek()
  if (place?.card !== undefined && ids.includes(place.card)) goContacts({ card: undefined }, { replace: true })
  if (place?.group !== undefined && ids.includes(place.group)) goContacts({ group: undefined }, { replace: true })
  selection.clear()
  const undo = contacts.destroyLater(ids, undoMs, () => mail.notices.say(t().contacts.deleteFailed))
  mail.notices.say(t().contacts.deleted(ids.length), undo, undoMs)
}

export function writeTo(mail: Mail, cards: readonly ContactCard[]): void {
  const to = cards.flatMap(card => addressOf(card) ?? [])
  if (to.length === 0) return mail.notices.say(t().contacts.noAddress)
  writing.peek()?.start({ kind: 'new', to })
}

/** Those that are ticked, else the one that is open or under the cursor. */
export function meantCards({ contacts, ticked, listed, selection }: ContactsView): readonly ContactCard[] {
  if (ticked.peek().length > 0) return ticked.peek()
  const id = route.peek().contacts?.card
  const one = id === undefined ? listed.peek()[selection.cursor.peek()]?.card : contacts.get(id)
  return one ? [one] : []
}

export function openCard(view: ContactsView, at: number): void {
  const card = view.listed.peek()[at]?.card
  if (!card) return
  view.selection.cursor.value = at
  goContacts({ card: card.id }, { replace: route.peek().contacts?.card !== undefined })
}

/** In the place of the card that is shown: back is the list in any case. */
export function editCard({ id }: ContactCard): void {
  goContacts({ card: id, isEditing: true }, { replace: route.peek().contacts?.card === id })
}

export function tickShown({ listed, selection }: ContactsView): void {
  selection.tick(listed.peek().map(({ card }) => card.id))
}
