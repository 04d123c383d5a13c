import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Composition } from '../../model/compose/composition.ts'
import type { Desk } from '../../model/compose/desk.ts'
import { t } from '../../texts/texts.ts'
import { IconButton } from '../../../ui/button.tsx'
import { useMail } from '../mail-context.ts'
import { AttachmentChips } from './attachment-chips.tsx'
import { ComposeFields } from './compose-fields.tsx'
import { ComposeFoot } from './compose-foot.tsx'
import { addFile, filesOf, newContentId } from './files.ts'
import { FoldedLetters } from './folded-letters.tsx'
import { desk } from './open-desk.ts'
import { PlainEditor } from './plain-editor.tsx'
import { type EditorHandle, RichEditor } from './rich-editor.tsx'
import { SaveState } from './save-state.tsx'
import './compose.css'

/** What is being written, over the lower corner of a desktop, or all of a phone; what is folded stands beside it. */
export function ComposeWindow() {
  const mine = desk.value
  const composition = mine?.current.value
  if (!mine) return null
  return (
    <>
      {composition && <Open key={composition} desk={mine} composition={composition} />}
      <FoldedLetters desk={mine} />
    </>
  )
}

type Props = { readonly desk: Desk; readonly composition: Composition }

function Open({ desk: mine, composition }: Props) {
  const mail = useMail()
  const isOver = useSignal(false)
  const editor = useRef<EditorHandle | undefined>(undefined)
  const { format, subject, to } = composition.content.value
  const title = subject.trim() === '' ? t().writing.newLetter : subject
  useFocusBack()
  const onReady = (handle: EditorHandle | undefined) => {
    editor.current = handle
    if (mine.current.peek() === composition) mine.body = handle && (() => handle.read())
  }
  const images = {
    urlOf: (cid: string) => {
      const part = composition.content.peek().attachments.find(one => one.cid === cid)
      return part?.blobId === undefined ? undefined : mail.client.downloadUrl(part.blobId, part.name, part.type)
    },
  }
  const attach = (files: readonly File[], isIntoText: boolean): boolean => {
    for (const file of files) {
      const isImage = isIntoText && format === 'rich' && /^image\/(?:png|jpeg|gif|webp)$/.test(file.type)
      void (isImage ? insert(file) : addFile(mail, composition, file))
    }
    return files.length > 0
  }
  const insert = async (file: File) => {
    const cid = newContentId()
    const blobId = await addFile(mail, composition, file, cid)
    if (blobId !== undefined)
      editor.current?.insertImage(cid, mail.client.downloadUrl(blobId, file.name, file.type), file.name)
    composition.touch()
  }
  const onDrop = (event: DragEvent) => {
    const files = filesOf(event.dataTransfer)
    isOver.value = false
    if (files.length === 0) return
    event.preventDefault()
    attach(files, event.target instanceof Element && event.target.closest('.editor') !== null)
  }
  const onDragOver = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes('Files')) return
    event.preventDefault()
    isOver.value = true
  }
  return (
    <section
      class="compose"
      role="dialog"
      aria-label={title}
      data-over={isOver.value}
      onDropCapture={onDrop}
      onDragOver={onDragOver}
      onDragLeave={event => event.target === event.currentTarget && (isOver.value = false)}
      onKeyDown={event =>
        event.key === 'Escape' && !event.isComposing && void mine.close().catch(() => mail.notices.failed())
      }
    >
      <header class="compose-head" onDblClick={() => mine.fold()}>
        <h2>{title}</h2>
        <SaveState composition={composition} />
        <IconButton icon="minus" size={18} label={t().writing.minimise} onClick={() => mine.fold()} />
        <IconButton
          icon="close"
          size={18}
          label={t().writing.close}
          onClick={() => void mine.close().catch(() => mail.notices.failed())}
        />
      </header>
      <div class="compose-body">
        <ComposeFields desk={mine} composition={composition} />
        <div class="compose-text">
          {format === 'rich' ? (
            <RichEditor
              key="rich"
              html={composition.content.peek().html}
              images={images}
              autofocus={to.length > 0}
              onReady={onReady}
              onChange={() => composition.touch()}
              onFiles={files => attach(files, true)}
            />
          ) : (
            <PlainEditor
              key="plain"
              text={composition.content.peek().text}
              autofocus={to.length > 0}
              onReady={onReady}
              onChange={() => composition.touch()}
              onFiles={files => attach(files, false)}
            />
          )}
        </div>
        <AttachmentChips composition={composition} />
        <ComposeFoot
          desk={mine}
          composition={composition}
          onFiles={files => attach(files, false)}
          read={() => editor.current?.read()}
          focus={() => editor.current?.focus()}
        />
      </div>
      {isOver.value && <div class="compose-drop">{t().writing.dropHere}</div>}
    </section>
  )
}

/** Whoever closes it goes on where they were. */
function useFocusBack(): void {
  useEffect(() => {
    const before = document.activeElement
    return () =>
      queueMicrotask(() => {
        if (document.activeElement === document.body && before instanceof HTMLElement && before.isConnected)
          before.focus()
      })
  }, [])
}
