import { t } from '../texts/texts.ts'
import { IconButton } from '../../ui/button.tsx'
import { MenuButton, MenuItem } from '../../ui/menu.tsx'
import { WholeLine } from './bulk/whole-line.tsx'
import { archive, isLast, isStarred, isUnread, junk, tickLoaded, toggleRead, toggleStar, trash } from './commands.ts'
import { showDialog } from './dialog-request.ts'
import { useMail } from './mail-context.ts'

/** In the place of the list's name while conversations are ticked. What a narrow one has no room for stands in its menu. */
export function ListBar() {
  const mail = useMail()
  const ticked = [...mail.selection.ticked.value]
  const role = mail.mailbox.value?.role
  const words = t().actions
  const whole = mail.selection.whole.value
  const count = whole?.kind === 'ready' ? whole.everything.ids.size : ticked.length
  const anyUnread = ticked.some(thread => isUnread(mail, thread))
  const allStarred = ticked.every(thread => isStarred(mail, thread))
  const chooseMailbox = () => showDialog({ kind: 'move', threads: undefined })
  const junkWords = role === 'junk' ? words.notJunk : words.junk
  return (
    <>
      <header class="list-head list-bar">
        <IconButton icon="close" label={t().list.untick} keys="Esc" onClick={() => mail.selection.clear()} />
        <strong role="status">{t().list.ticked(count)}</strong>
        <IconButton icon="check" class="bar-wide" label={t().list.tickAll} keys="*" onClick={() => tickLoaded(mail)} />
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
          icon={anyUnread ? 'read' : 'unread'}
          label={anyUnread ? words.read : words.unread}
          keys="Shift+U"
          onClick={() => toggleRead(mail)}
        />
        <IconButton icon="move" class="bar-wide" label={words.move} keys="v" onClick={chooseMailbox} />
        <IconButton
          icon="label"
          class="bar-wide"
          label={t().labels.choose}
          keys="l"
          onClick={() => showDialog({ kind: 'label' })}
        />
        <MenuButton icon="more" label={words.more}>
          <MenuItem icon="check" onClick={() => tickLoaded(mail)}>
            {t().list.tickAll}
          </MenuItem>
          <MenuItem icon="move" onClick={chooseMailbox}>
            {words.move}
          </MenuItem>
          <MenuItem icon="label" onClick={() => showDialog({ kind: 'label' })}>
            {t().labels.choose}
          </MenuItem>
          <MenuItem icon="star" onClick={() => toggleStar(mail)}>
            {allStarred ? words.unstar : words.star}
          </MenuItem>
          <MenuItem icon={role === 'junk' ? 'notJunk' : 'junk'} onClick={() => junk(mail)}>
            {junkWords}
          </MenuItem>
        </MenuButton>
      </header>
      <WholeLine />
    </>
  )
}
