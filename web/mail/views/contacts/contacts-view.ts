/** What is looked at among the contacts: the words, the group, who is selected, which dialog is open. It stays while one reads mail in between. */
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { ContactCard } from '#protocols/jmap/wire-contacts.ts'
import type { Id } from '#protocols/jmap/wire.ts'
import type { Contacts } from '../../model/contacts/contacts.ts'
import { type Listed, matching, ordered } from '../../model/contacts/order.ts'
import { type Route, route } from '../../model/route.ts'
import { Selection } from '../../model/selection.ts'
import { language } from '../../texts/texts.ts'

export type ContactsDialog =
  | { readonly kind: 'import'; readonly file: File | undefined }
  | { readonly kind: 'export'; readonly cards: readonly ContactCard[] | undefined }
  | { readonly kind: 'groups'; readonly cards: readonly ContactCard[] }
  /** Without a group: a new one, of these people */
  | { readonly kind: 'group-name'; readonly group: ContactCard | undefined; readonly cards: readonly ContactCard[] }
  | { readonly kind: 'leave'; readonly to: Route }

export type ContactsView = {
  readonly contacts: Contacts
  readonly words: Signal<string>
  readonly group: ReadonlySignal<ContactCard | undefined>
  readonly listed: ReadonlySignal<readonly Listed[]>
  readonly selection: Selection
  readonly ticked: ReadonlySignal<readonly ContactCard[]>
  readonly dialog: Signal<ContactsDialog | undefined>
}

const views = new WeakMap<Contacts, ContactsView>()

export function viewOf(contacts: Contacts): ContactsView {
  const known = views.get(contacts)
  if (known) return known
  const words = signal('')
  const selection = new Selection()
  const group = computed(() => {
    const id = route.value.contacts?.group
    return id === undefined ? undefined : contacts.get(id)
  })
  const all = computed(() => ordered(contacts.people.value, language.value))
  const inGroup = computed(() => {
    const members = group.value?.members
    return members ? all.value.filter(({ card }) => members[card.uid] === true) : group.value ? [] : all.value
  })
  const view: ContactsView = {
    contacts,
    words,
    group,
    listed: computed(() => matching(inGroup.value, words.value)),
    selection,
    ticked: computed(() => [...selection.ticked.value].flatMap(id => contacts.get(id) ?? [])),
    dialog: signal(undefined),
  }
  views.set(contacts, view)
  return view
}

const Context = createContext<ContactsView | undefined>(undefined)
export const ContactsProvider = Context.Provider

export function useContacts(): ContactsView {
  const view = useContext(Context)
  if (!view) throw new Error('No contacts')
  return view
}

export function idAt(view: ContactsView, at: number): Id | undefined {
  return view.listed.peek()[at]?.card.id
}
