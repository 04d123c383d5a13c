import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Id } from '#protocols/jmap/wire.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { move } from './commands.ts'
import { useMail } from './mail-context.ts'
import { mailboxIcon, mailboxName } from './mailbox-name.ts'

/** Type a part of a name, Enter takes the first; a name that nothing has makes a folder. */
export function MoveDialog({
  threads,
  onClose,
}: {
  readonly threads: readonly Id[] | undefined
  readonly onClose: () => void
}) {
  const mail = useMail()
  const input = useRef<HTMLInputElement>(null)
  const part = useSignal('')
  useEffect(() => input.current?.focus(), [])
  const wanted = part.value.normalize('NFKC').toLowerCase()
  const fits = mail.mailboxes.tree.value.filter(
    ({ mailbox }) =>
      mailbox.id !== mail.mailbox.value?.id &&
      mailbox.myRights.mayAddItems &&
      mailbox.role !== 'drafts' &&
      `${mailboxName(mailbox)} ${mailbox.name}`.normalize('NFKC').toLowerCase().includes(wanted),
  )
  const choose = (id: Id) => {
    onClose()
    move(mail, id, threads)
  }
  const name = part.value.trim()
  const isNew = name !== '' && !fits.some(({ mailbox }) => mailboxName(mailbox) === name || mailbox.name === name)
  const isMaking = useRef(false)
  const isOver = useRef(false)
  useEffect(() => () => void (isOver.current = true), [])
  const makeAndChoose = async () => {
    // a key that is held down is pressed again and again
    if (isMaking.current) return
    isMaking.current = true
    try {
      const { makeFolder } = await import('../model/folders/folders.ts')
      const id = await makeFolder(mail, { name, parentId: null })
      // who has left meanwhile moves nothing
      if (!isOver.current) choose(id)
    } catch {
      mail.notices.say(t().folders.failed)
    }
    isMaking.current = false
  }
  return (
    <Dialog title={t().actions.move} closeLabel={t().actions.close} onClose={onClose}>
      <div class="move">
        <input
          ref={input}
          type="text"
          class="text-field"
          placeholder={t().search.placeholder}
          aria-label={t().actions.move}
          onInput={event => (part.value = event.currentTarget.value)}
          onKeyDown={event => {
            const [first] = fits
            if (event.key !== 'Enter' || event.isComposing || event.keyCode === 229) return
            if (first) choose(first.mailbox.id)
            else if (isNew) void makeAndChoose()
          }}
        />
        <ul>
          {fits.map(({ mailbox, depth }) => (
            <li key={mailbox.id}>
              <button type="button" class="move-to" style={{ '--depth': depth }} onClick={() => choose(mailbox.id)}>
                <Icon name={mailboxIcon(mailbox)} size={18} />
                {mailboxName(mailbox)}
              </button>
            </li>
          ))}
          {isNew && (
            <li>
              <button type="button" class="move-to" style={{ '--depth': 0 }} onClick={() => void makeAndChoose()}>
                <Icon name="plus" size={18} />
                {t().folders.makeAndMove(name)}
              </button>
            </li>
          )}
        </ul>
      </div>
    </Dialog>
  )
}
