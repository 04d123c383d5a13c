import { t } from '../texts/texts.ts'
import { IconButton } from '../../ui/button.tsx'
import { archive, isLast, isUnread, junk, tickLoaded, toggleRead, trash } from './commands.ts'
import { showDialog } from './dialog-request.ts'
import { useMail } from './mail-context.ts'

/** In the place of the list's name while conversations are ticked. */
export function ListBar() {
  const mail = useMail()
  const ticked = [...mail.selection.ticked.value]
  const role = mail.mailbox.value?.role
  const words = t().actions
  const anyUnread = ticked.some(thread => isUnread(mail, thread))
  return (
    <header class="list-head list-bar">
      <IconButton icon="close" label={t().list.untick} keys="Esc" onClick={() => mail.selection.clear()} />
      <strong>{t().list.ticked(ticked.length)}</strong>
      <IconButton icon="check" label={t().list.tickAll} keys="*" onClick={() => tickLoaded(mail)} />
      <span class="spring" />
      {role !== 'archive' && !isLast(role) && (
        <IconButton icon="archive" label={words.archive} keys="e" onClick={() => archive(mail)} />
      )}
      <IconButton
        icon="trash"
        label={isLast(role) ? words.destroy : words.trash}
        keys="#"
        onClick={() => trash(mail)}
      />
      <IconButton
        icon={role === 'junk' ? 'notJunk' : 'junk'}
        label={role === 'junk' ? words.notJunk : words.junk}
        keys="!"
        onClick={() => junk(mail)}
      />
      <IconButton
        icon={anyUnread ? 'read' : 'unread'}
        label={anyUnread ? words.read : words.unread}
        keys="Shift+U"
        onClick={() => toggleRead(mail)}
      />
      <IconButton
        icon="move"
        label={words.move}
        keys="v"
        onClick={() => showDialog({ kind: 'move', threads: ticked })}
      />
    </header>
  )
}
