import { useSignal } from '@preact/signals'
import type { ContactCard } from '#protocols/jmap/wire-contacts.ts'
import { displayName } from '../../model/contacts/facts.ts'
import { goContacts } from '../../model/route.ts'
import { t } from '../../texts/texts.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { useMail } from '../mail-context.ts'
import { useContacts } from './contacts-view.ts'

type Props = { readonly cards: readonly ContactCard[]; readonly onClose: () => void }

/** In which groups these people are. */
export function GroupsDialog({ cards, onClose }: Props) {
  const mail = useMail()
  const view = useContacts()
  const { contacts, dialog } = view
  const texts = t().contacts.group
  const busy = useSignal<string | undefined>(undefined)
  const set = async (group: ContactCard, isIn: boolean) => {
    busy.value = group.id
    try {
      await (isIn ? contacts.addMembers(group, cards) : contacts.removeMembers(group, cards))
    } catch {
      mail.notices.say(texts.failed)
    }
    busy.value = undefined
  }
  return (
    <Dialog
      title={texts.choose(cards.length)}
      closeLabel={t().actions.close}
      onClose={onClose}
      footer={
        <>
          <Button icon="add" onClick={() => (dialog.value = { kind: 'group-name', group: undefined, cards })}>
            {texts.create}
          </Button>
          <span class="spring" />
          <Button kind="primary" onClick={onClose}>
            {texts.done}
          </Button>
        </>
      }
    >
      <ul class="group-list">
        {contacts.groups.value.map(group => {
          const count = cards.filter(({ uid }) => group.members?.[uid] === true).length
          return (
            <li key={group.id}>
              <label class="group-check">
                <input
                  type="checkbox"
                  checked={count === cards.length}
                  disabled={busy.value !== undefined}
                  ref={box => void (box && (box.indeterminate = count > 0 && count < cards.length))}
                  onChange={event => void set(group, event.currentTarget.checked)}
                />
                <span>{displayName(group) || t().contacts.unnamed}</span>
                <span class="group-count">{t().contacts.people(contacts.membersOf(group).length)}</span>
              </label>
            </li>
          )
        })}
      </ul>
    </Dialog>
  )
}

/** A new group, or another name for one. */
export function GroupNameDialog({ group, cards, onClose }: Props & { readonly group: ContactCard | undefined }) {
  const { contacts, selection } = useContacts()
  const texts = t().contacts.group
  const name = useSignal(group ? displayName(group) : '')
  const fault = useSignal('')
  const save = async () => {
    const full = name.peek().trim()
    if (full === '') return
    try {
      if (group) await contacts.update(group.id, { name: { full } })
      else {
        const members = Object.fromEntries(cards.map(({ uid }) => [uid, true as const]))
        const uid = `urn:uuid:${crypto.randomUUID()}`
        const made = { '@type': 'Card', version: '1.0', uid, kind: 'group', name: { full }, members } as const
        goContacts({ group: await contacts.create(made), card: undefined })
        selection.clear()
      }
      onClose()
    } catch {
      fault.value = texts.failed
    }
  }
  return (
    <Dialog
      title={group ? texts.rename : texts.create}
      closeLabel={t().actions.close}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t().confirm.cancel}</Button>
          <Button kind="primary" disabled={name.value.trim() === ''} onClick={() => void save()}>
            {texts.save}
          </Button>
        </>
      }
    >
      <label class="form-field">
        {texts.name}
        <input
          class="text-field"
          autofocus
          maxLength={250}
          autoComplete="off"
          value={name.value}
          onInput={event => (name.value = event.currentTarget.value)}
          onKeyDown={event => {
            if (event.key === 'Enter' && !event.isComposing && event.keyCode !== 229) void save()
          }}
        />
      </label>
      {fault.value !== '' && (
        <p class="form-fault" role="alert">
          {fault.value}
        </p>
      )}
    </Dialog>
  )
}
