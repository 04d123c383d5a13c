import { useEffect, useRef } from 'preact/hooks'
import { t } from '../../texts/texts.ts'
import { filesOf } from './files.ts'
import type { EditorHandle } from './rich-editor.tsx'

type Props = {
  readonly text: string
  readonly autofocus: boolean
  readonly onReady: (handle: EditorHandle | undefined) => void
  readonly onChange: () => void
  readonly onFiles: (files: readonly File[]) => boolean
}

export function PlainEditor({ text, autofocus, onReady, onChange, onFiles }: Props) {
  const area = useRef<HTMLTextAreaElement>(null)
  useEffect(() => {
    const one = area.current
    if (!one) return
    one.value = text
    one.setSelectionRange(0, 0)
    if (autofocus) one.focus()
    onReady({
      read: () => ({ html: '', text: one.value }),
      insertImage: () => undefined,
      focus: () => one.focus(),
    })
    return () => onReady(undefined)
    // the field holds the text from here on
  }, [])
  return (
    <textarea
      ref={area}
      class="editor plain-editor"
      aria-label={t().writing.text}
      onInput={onChange}
      onPaste={event => {
        const files = filesOf(event.clipboardData)
        if (files.length > 0 && !event.clipboardData?.types.includes('text/plain') && onFiles(files))
          event.preventDefault()
      }}
    />
  )
}
