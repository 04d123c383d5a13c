import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Id, Mailbox } from '#protocols/jmap/wire.ts'
import { Refused } from '../../model/refused.ts'
import {
  changeFolder,
  type FolderPlace,
  hasBelow,
  isTaken,
  makeFolder,
  placesFor,
  removeFolder,
} from '../../model/folders/folders.ts'
import { isSeen, plainName } from '../../model/plain-signs.ts'
import { go } from '../../model/route.ts'
import { t } from '../../texts/texts.ts'
import { Button } from '../../../ui/button.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { useMail } from '../mail-context.ts'
import { mailboxName } from '../mailbox-name.ts'
import { textIn } from '../settings/form-text.ts'
import './folder-dialog.css'

export type FolderDialogProps = { readonly id: Id | undefined; readonly onClose: () => void }

/** One folder: a new one, or one that is there, which can be deleted here too. */
export function FolderDialog({ id, onClose }: FolderDialogProps) {
  const { mailboxes } = useMail()
  const isLeaving = useSignal(false)
  const folder = id === undefined ? undefined : mailboxes.byId.value.get(id)
  const isGone = id !== undefined && !folder
  // somebody else has deleted it meanwhile: a dialog that is open and not seen would take every key
  useEffect(() => {
    if (isGone) onClose()
  }, [isGone])
  if (isGone) return null
  if (folder && isLeaving.value)
    return <Removal folder={folder} onBack={() => (isLeaving.value = false)} onClose={onClose} />
  return <Form folder={folder} onRemove={() => (isLeaving.value = true)} onClose={onClose} />
}

function Form({
  folder,
  onRemove,
  onClose,
}: {
  readonly folder: Mailbox | undefined
  readonly onRemove: () => void
  readonly onClose: () => void
}) {
  const mail = useMail()
  const words = t().folders
  const { problem, isBusy, act } = useActing(onClose)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.select(), [])
  const onSubmit = (event: Event & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const form = event.currentTarget
    const place: FolderPlace = { name: textIn(form, 'name').trim(), parentId: textIn(form, 'parent') || null }
    if (!isSeen(plainName(place.name))) return void (problem.value = words.refused)
    if (isTaken(mail.mailboxes.all.peek(), place, folder?.id)) return void (problem.value = words.taken)
    void act(() => (folder ? changeFolder(mail, folder.id, place) : makeFolder(mail, place)))
  }
  return (
    <Dialog title={folder ? words.title : words.add} closeLabel={t().actions.close} onClose={onClose}>
      <form class="folder-form" onSubmit={onSubmit}>
        <label>
          {words.name}
          <input
            ref={input}
            class="text-field"
            name="name"
            required
            maxLength={100}
            defaultValue={folder?.name ?? ''}
          />
        </label>
        <label>
          {words.below}
          <Places folder={folder} />
        </label>
        <p role="alert">{problem.value}</p>
        <div class="folder-foot">
          {folder?.myRights.mayDelete && (
            <Button kind="quiet" class="folder-remove" onClick={onRemove}>
              {words.remove}
            </Button>
          )}
          <Button onClick={onClose}>{t().confirm.cancel}</Button>
          <Button kind="primary" type="submit" disabled={isBusy.value}>
            {folder ? words.keep : words.create}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}

function Places({ folder }: { readonly folder: Mailbox | undefined }) {
  const { mailboxes } = useMail()
  return (
    <select class="text-field" name="parent">
      <option value="">{t().folders.top}</option>
      {placesFor(mailboxes.tree.value, folder?.id).map(({ mailbox, depth }) => (
        <option key={mailbox.id} value={mailbox.id} selected={mailbox.id === folder?.parentId}>
          {'\u2003'.repeat(depth) + mailboxName(mailbox)}
        </option>
      ))}
    </select>
  )
}

function Removal({
  folder,
  onBack,
  onClose,
}: {
  readonly folder: Mailbox
  readonly onBack: () => void
  readonly onClose: () => void
}) {
  const mail = useMail()
  const words = t().folders
  const { problem, isBusy, act } = useActing(onClose)
  const isFull = hasBelow(mail.mailboxes.all.value, folder.id)
  const remove = () =>
    act(async () => {
      // whoever looks at it is not left in a folder that is gone
      if (mail.mailbox.peek()?.id === folder.id) go({ place: 'inbox', search: undefined, thread: undefined })
      await removeFolder(mail, folder.id)
    })
  return (
    <Dialog
      title={words.removeTitle(mailboxName(folder))}
      closeLabel={t().actions.close}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onBack}>{t().confirm.cancel}</Button>
          <Button kind="danger" disabled={isFull || isBusy.value} onClick={() => void remove()}>
            {words.removeSure}
          </Button>
        </>
      }
    >
      <p>{isFull ? words.hasBelow : words.removeText(folder.totalEmails)}</p>
      <p role="alert" class="folder-problem">
        {problem.value}
      </p>
    </Dialog>
  )
}

/** Closes when it is done; says what stood in the way. */
function useActing(onClose: () => void) {
  const problem = useSignal('')
  const isBusy = useSignal(false)
  const act = async (doing: () => Promise<unknown>) => {
    isBusy.value = true
    problem.value = ''
    try {
      await doing()
      onClose()
    } catch (error) {
      const isName = error instanceof Refused && error.error.type === 'invalidProperties'
      problem.value = isName ? t().folders.refused : t().folders.failed
    }
    isBusy.value = false
  }
  return { problem, isBusy, act }
}
