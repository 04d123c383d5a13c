import type { ContactCard } from '#protocols/jmap/wire-contacts.ts'
import { displayName } from '../../model/contacts/facts.ts'
import { goContacts, route } from '../../model/route.ts'
import { t } from '../../texts/texts.ts'
import { MenuButton, MenuItem } from '../../../ui/menu.tsx'
import { useMail } from '../mail-context.ts'
import { deleteCards, writeTo } from './contact-acts.ts'
import { useContacts } from './contacts-view.ts'

/** All, or one of the groups. */
export function GroupChips() {
  const { contacts, group } = useContacts()
  const groups = contacts.groups.value
  if (groups.length === 0) return null
  return (
    <div class="group-chips">
      <div class="group-scroll" role="group" aria-label={t().contacts.groups}>
        <Chip id={undefined} name={t().contacts.all} count={contacts.people.value.length} />
        {groups.map(one => (
          <Chip key={one.id} id={one.id} name={displayName(one)} count={contacts.membersOf(one).length} />
        ))}
      </div>
      {group.value && <GroupMenu group={group.value} />}
    </div>
  )
}

function Chip({ id, name, count }: { readonly id: string | undefined; readonly name: string; readonly count: number }) {
  const { selection } = useContacts()
  const isChosen = route.value.contacts?.group === id
  return (
    <button
      type="button"
      class="group-chip"
      aria-pressed={isChosen}
      onClick={() => {
        selection.clear()
        goContacts({ group: id, card: undefined })
      }}
    >
      <span>{name || t().contacts.unnamed}</span>
      <span class="group-count">{count}</span>
    </button>
  )
}

function GroupMenu({ group }: { readonly group: ContactCard }) {
  const mail = useMail()
  const view = useContacts()
  const texts = t().contacts
  const members = () => view.contacts.membersOf(group)
  return (
    <MenuButton icon="more" size={18} label={texts.group.menu}>
      <MenuItem icon="compose" onClick={() => writeTo(mail, members())}>
        {texts.writeAll}
      </MenuItem>
      <MenuItem icon="drafts" onClick={() => (view.dialog.value = { kind: 'group-name', group, cards: [] })}>
        {texts.group.rename}
      </MenuItem>
      <MenuItem icon="download" onClick={() => (view.dialog.value = { kind: 'export', cards: undefined })}>
        {texts.export.menu}
      </MenuItem>
      <MenuItem icon="trash" danger onClick={() => deleteCards(mail, view, [group])}>
        {texts.group.delete}
      </MenuItem>
    </MenuButton>
  )
}
