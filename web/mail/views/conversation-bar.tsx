import type { Conversation } from '../model/conversation.ts'
import { leaveThread } from '../model/route.ts'
import { t } from '../texts/texts.ts'
import { IconButton } from '../../ui/button.tsx'
import { MenuButton, MenuItem } from '../../ui/menu.tsx'
import { archive, isLast, junk, placeOfThread, step, toggleRead, toggleStar, isStarred, trash } from './commands.ts'
import { showDialog } from './dialog-request.ts'
import { useMail } from './mail-context.ts'
import { printConversation } from './print.ts'

export function ConversationBar({ conversation }: { readonly conversation: Conversation }) {
  const mail = useMail()
  const threads = [conversation.threadId]
  const words = t().actions
  const role = mail.mailbox.value?.role
  const at = placeOfThread(mail, conversation.threadId)
  const total = mail.list.value?.total.value ?? 0
  const starred = isStarred(mail, conversation.threadId)
  return (
    <div class="reading-bar" role="toolbar" aria-label={words.more}>
      <IconButton icon="back" class="reading-back" label={words.back} keys="u" onClick={leaveThread} />
      {role !== 'archive' && !isLast(role) && (
        <IconButton icon="archive" label={words.archive} keys="e" onClick={() => archive(mail, threads)} />
      )}
      <IconButton
        icon="trash"
        label={isLast(role) ? words.destroy : words.trash}
        keys="#"
        onClick={() => trash(mail, threads)}
      />
      <IconButton
        icon={role === 'junk' ? 'notJunk' : 'junk'}
        label={role === 'junk' ? words.notJunk : words.junk}
        keys="!"
        onClick={() => junk(mail, threads)}
      />
      <IconButton icon="move" label={words.move} keys="v" onClick={() => showDialog({ kind: 'move', threads })} />
      <IconButton
        icon="label"
        label={t().labels.choose}
        keys="l"
        onClick={() => showDialog({ kind: 'label', threads })}
      />
      <IconButton icon="unread" label={words.unread} keys="Shift+U" onClick={() => toggleRead(mail, threads)} />
      <span class="spring" />
      <IconButton
        icon="up"
        class="reading-step"
        label={words.previous}
        keys="k"
        disabled={at <= 0}
        onClick={() => step(mail, -1)}
      />
      <IconButton
        icon="down"
        class="reading-step"
        label={words.next}
        keys="j"
        disabled={at < 0 || at >= total - 1}
        onClick={() => step(mail, 1)}
      />
      <MenuButton icon="more" label={words.more}>
        <MenuItem icon="star" onClick={() => toggleStar(mail, threads)}>
          {starred ? words.unstar : words.star}
        </MenuItem>
        <MenuItem
          icon="unfold"
          onClick={() => void conversation.unfold(conversation.rows.map(({ id }) => id)).catch(() => undefined)}
        >
          {t().reading.unfoldAll}
        </MenuItem>
        <MenuItem icon="print" onClick={() => void printConversation(mail, conversation)}>
          {t().reading.print}
        </MenuItem>
      </MenuButton>
    </div>
  )
}
