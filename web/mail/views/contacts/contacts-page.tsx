/** The contacts in the place of the mail: whom there is, and one of them. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { isGroup } from '../../model/contacts/facts.ts'
import { contactsOf } from '../../model/contacts/of-mail.ts'
import { goContacts, route } from '../../model/route.ts'
import { t } from '../../texts/texts.ts'
import { Button } from '../../../ui/button.tsx'
import { Icon } from '../../../ui/icon.tsx'
import { useMail } from '../mail-context.ts'
import { ContactCardView } from './contact-card.tsx'
import { ContactForm } from './contact-form.tsx'
import { listenToContactKeys } from './contact-keys.ts'
import { ContactList } from './contact-list.tsx'
import { ContactsDialogs } from './contacts-dialogs.tsx'
import { ContactsProvider, type ContactsView, viewOf } from './contacts-view.ts'
import './contacts.css'

export function ContactsPage() {
  const mail = useMail()
  const contacts = contactsOf(mail)
  const view = viewOf(contacts)
  useEffect(() => void contacts.load(), [contacts])
  useEffect(() => listenToContactKeys(view, mail), [view, mail])
  const { card: id, isEditing = false } = route.value.contacts ?? {}
  const shown = id === undefined ? undefined : contacts.get(id)
  // a group's address shows whom it has
  useEffect(() => {
    if (shown && isGroup(shown) && !isEditing) goContacts({ card: undefined, group: shown.id }, { replace: true })
  }, [shown?.id, isEditing])
  return (
    <ContactsProvider value={view}>
      <ListPane view={view} />
      <section class="pane-reading contacts-one" aria-label={t().contacts.title}>
        <Shown view={view} />
      </section>
      {view.dialog.value && <ContactsDialogs />}
    </ContactsProvider>
  )
}

function ListPane({ view }: { readonly view: ContactsView }) {
  const isOver = useSignal(false)
  const onDrop = (event: DragEvent) => {
    const [file] = event.dataTransfer?.files ?? []
    isOver.value = false
    if (!file) return
    event.preventDefault()
    view.dialog.value = { kind: 'import', file }
  }
  return (
    <section
      class="pane-list contacts-list"
      aria-label={t().contacts.label}
      onDrop={onDrop}
      onDragOver={event => {
        if (!event.dataTransfer?.types.includes('Files')) return
        event.preventDefault()
        isOver.value = true
      }}
      onDragLeave={event => event.target === event.currentTarget && (isOver.value = false)}
    >
      <ContactList />
      {isOver.value && <div class="contacts-drop">{t().contacts.import.drop}</div>}
    </section>
  )
}

function Shown({ view: { contacts } }: { readonly view: ContactsView }) {
  const { card: id, isEditing = false } = route.value.contacts ?? {}
  if (id === 'new') return <ContactForm key="new" card={undefined} />
  const card = id === undefined ? undefined : contacts.get(id)
  if (card) return isEditing ? <ContactForm key={card.id} card={card} /> : <ContactCardView key={card.id} card={card} />
  if (id !== undefined && contacts.state.value === 'loading')
    return <div class="reading-none" aria-busy="true" aria-label={t().link.loading} />
  if (contacts.state.value === 'failed')
    return (
      <div class="reading-none">
        <p>{t().contacts.loadFailed}</p>
        <Button onClick={() => void contacts.load()}>{t().link.again}</Button>
      </div>
    )
  return (
    <div class="reading-none">
      <Icon name="people" size={56} />
      <p>{id === undefined ? t().contacts.none : t().contacts.gone}</p>
    </div>
  )
}
