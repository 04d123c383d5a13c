import { useComputed } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Heading, Listed } from '../../model/contacts/order.ts'
import { goContacts, route } from '../../model/route.ts'
import { density } from '../../model/settings.ts'
import { t } from '../../texts/texts.ts'
import { Button, IconButton } from '../../../ui/button.tsx'
import { Icon } from '../../../ui/icon.tsx'
import { MenuButton, MenuItem } from '../../../ui/menu.tsx'
import { VirtualList } from '../../../ui/virtual-list.tsx'
import { useMail } from '../mail-context.ts'
import { deleteCards, tickShown, writeTo } from './contact-acts.ts'
import { ContactRow } from './contact-row.tsx'
import { useContacts } from './contacts-view.ts'
import { GroupChips } from './group-chips.tsx'

/** Pixels, as contacts.css has them */
const rowHeights = { comfortable: 64, compact: 52 } as const

export function ContactList() {
  const { isLinked } = useMail()
  const view = useContacts()
  const { listed, selection, contacts, words } = view
  const open = useComputed(() => route.value.contacts?.card)
  const all = listed.value
  // the cursor follows what is opened by other ways than keys
  useEffect(() => {
    const at = open.value === undefined ? -1 : all.findIndex(({ card }) => card.id === open.value)
    if (at >= 0) selection.cursor.value = at
  }, [open.value, all])
  return (
    <>
      {selection.ticked.value.size > 0 ? <TickedBar /> : <ListHead />}
      <SearchField />
      {!isLinked.value && (
        <p class="list-kept" role="status">
          {t().away.contactsReadOnly}
        </p>
      )}
      <GroupChips />
      {all.length > 0 ? (
        <div class="contacts-rows">
          <VirtualList
            key={`${route.value.contacts?.group ?? ''} ${words.value}`}
            count={all.length}
            rowHeight={rowHeights[density.value]}
            label={t().contacts.label}
            cursor={selection.cursor.value}
            rowKey={at => all[at]?.card.id ?? at}
            onRange={() => undefined}
            row={at => <ContactRow at={at} listed={all[at]} isFirst={all[at]?.heading !== all[at - 1]?.heading} />}
          />
          {all.length > 15 && <HeadingIndex all={all} />}
        </div>
      ) : (
        <Nobody isLoading={contacts.state.value === 'loading'} />
      )}
    </>
  )
}

function Nobody({ isLoading }: { readonly isLoading: boolean }) {
  const { contacts, words, group, dialog } = useContacts()
  const mayChange = useMail().isLinked.value
  const texts = t().contacts
  if (isLoading) return <div class="list-note" aria-busy="true" aria-label={t().link.loading} />
  if (contacts.state.value === 'failed') return <p class="list-note">{texts.loadFailed}</p>
  if (words.value !== '') return <p class="list-note">{texts.noneFound}</p>
  if (group.value) return <p class="list-note">{texts.emptyGroup}</p>
  if (!mayChange) return <p class="list-note">{texts.noneFound}</p>
  return (
    <div class="list-note contacts-empty">
      <Icon name="people" size={48} />
      <p>{texts.empty}</p>
      <div class="contacts-begin">
        <Button kind="primary" icon="add" onClick={() => goContacts({ card: 'new', isEditing: true })}>
          {texts.add}
        </Button>
        <Button icon="upload" onClick={() => (dialog.value = { kind: 'import', file: undefined })}>
          {texts.import.menu}
        </Button>
      </div>
    </div>
  )
}

function ListHead() {
  const { contacts, dialog, listed } = useContacts()
  const texts = t().contacts
  const mayChange = useMail().isLinked.value
  return (
    <header class="list-head">
      <h1>{texts.title}</h1>
      <span class="list-count">{contacts.state.value === 'ready' && texts.people(listed.value.length)}</span>
      {mayChange && (
        <IconButton
          icon="add"
          label={texts.add}
          keys="n"
          onClick={() => goContacts({ card: 'new', isEditing: true })}
        />
      )}
      <MenuButton icon="more" label={texts.more}>
        {mayChange && (
          <MenuItem icon="upload" onClick={() => (dialog.value = { kind: 'import', file: undefined })}>
            {texts.import.menu}
          </MenuItem>
        )}
        <MenuItem icon="download" onClick={() => (dialog.value = { kind: 'export', cards: undefined })}>
          {texts.export.menu}
        </MenuItem>
        {mayChange && (
          <MenuItem icon="people" onClick={() => (dialog.value = { kind: 'group-name', group: undefined, cards: [] })}>
            {texts.group.create}
          </MenuItem>
        )}
      </MenuButton>
    </header>
  )
}

/** In the place of the head while some are selected. */
function TickedBar() {
  const mail = useMail()
  const view = useContacts()
  const { selection, ticked, dialog } = view
  const texts = t().contacts
  const cards = ticked.value
  const mayChange = mail.isLinked.value
  return (
    <header class="list-head list-bar">
      <IconButton icon="close" label={t().list.untick} keys="Esc" onClick={() => selection.clear()} />
      <strong>{t().list.ticked(cards.length)}</strong>
      <IconButton icon="check" label={texts.tickAll} keys="*" onClick={() => tickShown(view)} />
      <span class="spring" />
      <IconButton icon="compose" label={texts.writeAll} onClick={() => writeTo(mail, cards)} />
      {mayChange && (
        <IconButton
          icon="people"
          label={texts.group.addTo}
          onClick={() => (dialog.value = { kind: 'groups', cards })}
        />
      )}
      <IconButton
        icon="download"
        label={texts.export.menu}
        onClick={() => (dialog.value = { kind: 'export', cards })}
      />
      {mayChange && (
        <IconButton icon="trash" label={texts.delete} keys="#" onClick={() => deleteCards(mail, view, cards)} />
      )}
    </header>
  )
}

function SearchField() {
  const { words, selection } = useContacts()
  const texts = t().contacts
  const set = (text: string) => {
    words.value = text
    selection.cursor.value = -1
  }
  return (
    <div class="contacts-search search">
      <Icon name="search" size={18} />
      <input
        id="contacts-search"
        type="search"
        aria-label={texts.search}
        placeholder={texts.searchPlaceholder}
        value={words.value}
        onInput={event => set(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key !== 'Escape' || event.isComposing) return
          set('')
          event.currentTarget.blur()
        }}
      />
      {words.value !== '' && <IconButton icon="close" size={16} label={texts.clearSearch} onClick={() => set('')} />}
    </div>
  )
}

/** あかさたな and A to Z at the edge: to the first of each. */
function HeadingIndex({ all }: { readonly all: readonly Listed[] }) {
  const { selection } = useContacts()
  const firsts = new Map<Heading, number>()
  all.forEach(({ heading }, at) => !firsts.has(heading) && firsts.set(heading, at))
  if (firsts.size < 3) return null
  return (
    <nav class="contacts-index" aria-label={t().contacts.index}>
      {Array.from(firsts, ([heading, at]) => (
        <button
          key={heading}
          type="button"
          onClick={event => {
            selection.cursor.value = at
            const box = event.currentTarget.closest('.contacts-rows')?.querySelector('.virtual-list')
            if (box) box.scrollTop = at * rowHeights[density.peek()]
          }}
        >
          {heading}
        </button>
      ))}
    </nav>
  )
}
