import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type Squire from 'squire-rte'
import { t } from '../../texts/texts.ts'
import { IconButton } from '../../../ui/button.tsx'
import { cleanFragment, type OwnImages, sentHtml, textOfElement } from './clean-html.ts'
import { caretIn, composed, pasteAsText, showText, takeText } from './early-text.ts'

export type EditorHandle = {
  readonly read: () => { readonly html: string; readonly text: string }
  readonly insertImage: (cid: string, url: string, name: string) => void
  readonly focus: () => void
}

type Props = {
  readonly html: string
  readonly images: OwnImages
  readonly autofocus: boolean
  readonly onReady: (handle: EditorHandle | undefined) => void
  readonly onChange: () => void
  /** True: they were taken, and are not pasted as well */
  readonly onFiles: (files: readonly File[]) => boolean
}

/** Squire, loaded when somebody writes. What is typed before it is there stays. */
export function RichEditor({ html, images, autofocus, onReady, onChange, onFiles }: Props) {
  const root = useRef<HTMLDivElement>(null)
  const editor = useRef<Squire | undefined>(undefined)
  const isComposing = useRef(false)
  const path = useSignal('')
  useEffect(() => {
    let isOver = false
    const text = root.current
    if (!text) return
    showText(text, html, images)
    if (autofocus) text.focus()
    onReady(readerOf(text))
    // where it cannot be loaded, the text is written without it
    const load = async () => {
      const { default: Editor } = await import('squire-rte')
      await composed(text, () => isComposing.current)
      if (isOver) return
      const isFocused = document.activeElement === text
      const early = takeText(text)
      const one = new Editor(text, { blockTag: 'DIV', sanitizeToDOMFragment: given => cleanFragment(given, images) })
      one.setHTML(early.html)
      const caret = caretIn(text, early.mark)
      if (caret && isFocused) one.setSelection(caret)
      else one.moveCursorToStart()
      one.addEventListener('input', onChange)
      one.addEventListener('pathChange', () => (path.value = one.getPath()))
      editor.current = one
      // it knows of a focus only that came after it
      if (isFocused) text.blur()
      if (autofocus || isFocused) one.focus()
      onReady({
        ...readerOf(text),
        insertImage: (cid, url, name) => void one.insertImage(url, { 'data-cid': cid, alt: name }),
        focus: () => one.focus(),
      })
    }
    void load().catch(() => undefined)
    return () => {
      isOver = true
      onReady(undefined)
      editor.current?.destroy()
      editor.current = undefined
    }
    // the editor holds the text from here on: a draft that is saved does not set it anew
  }, [])
  const onPaste = (event: ClipboardEvent) => {
    const files = [...(event.clipboardData?.files ?? [])]
    if (files.length === 0 || event.clipboardData?.types.includes('text/html') || !onFiles(files)) {
      if (!editor.current) pasteAsText(event)
      return
    }
    event.preventDefault()
    event.stopImmediatePropagation()
  }
  return (
    <>
      <div
        ref={root}
        class="editor"
        contentEditable
        role="textbox"
        aria-multiline="true"
        aria-label={t().writing.text}
        onPasteCapture={onPaste}
        onInput={() => editor.current ?? onChange()}
        onCompositionStart={() => (isComposing.current = true)}
        onCompositionEnd={() => (isComposing.current = false)}
      />
      <Tools editor={() => editor.current} path={path.value} />
    </>
  )
}

function readerOf(root: HTMLElement): EditorHandle {
  return {
    read: () => ({ html: sentHtml(root), text: textOfElement(root) }),
    insertImage: (cid, url, name) => {
      const image = Object.assign(root.ownerDocument.createElement('img'), { src: url, alt: name })
      image.dataset['cid'] = cid
      root.append(image)
    },
    focus: () => root.focus(),
  }
}

function Tools({ editor, path }: { readonly editor: () => Squire | undefined; readonly path: string }) {
  const words = t().writing
  const has = (tag: RegExp) => tag.test(path)
  const act = (what: (one: Squire) => unknown) => () => {
    const one = editor()
    if (one) what(one)
  }
  const switched = (isOn: boolean, on: (one: Squire) => unknown, off: (one: Squire) => unknown) => act(isOn ? off : on)
  const [bold, italic, underline] = [has(/>B\b|^B\b/), has(/>I\b|^I\b/), has(/>U\b|^U\b/)]
  const [bullets, numbers, quote, link] = [has(/>?UL\b/), has(/>?OL\b/), has(/>?BLOCKQUOTE\b/), has(/>A\b|^A\b/)]
  return (
    // the selection in the text stays while the pointer is here
    <div class="tools" role="toolbar" aria-label={words.tools} onMouseDown={event => event.preventDefault()}>
      <IconButton
        icon="bold"
        size={18}
        label={words.bold}
        pressed={bold}
        onClick={switched(
          bold,
          one => one.bold(),
          one => one.removeBold(),
        )}
      />
      <IconButton
        icon="italic"
        size={18}
        label={words.italic}
        pressed={italic}
        onClick={switched(
          italic,
          one => one.italic(),
          one => one.removeItalic(),
        )}
      />
      <IconButton
        icon="underline"
        size={18}
        label={words.underline}
        pressed={underline}
        onClick={switched(
          underline,
          one => one.underline(),
          one => one.removeUnderline(),
        )}
      />
      <IconButton
        icon="bullets"
        size={18}
        label={words.bullets}
        pressed={bullets}
        onClick={switched(
          bullets,
          one => one.makeUnorderedList(),
          one => one.removeList(),
        )}
      />
      <IconButton
        icon="numbers"
        size={18}
        label={words.numbers}
        pressed={numbers}
        onClick={switched(
          numbers,
          one => one.makeOrderedList(),
          one => one.removeList(),
        )}
      />
      <IconButton
        icon="quote"
        size={18}
        label={words.quote}
        pressed={quote}
        onClick={switched(
          quote,
          one => one.increaseQuoteLevel(),
          one => one.decreaseQuoteLevel(),
        )}
      />
      <IconButton
        icon="link"
        size={18}
        label={words.link}
        pressed={link}
        onClick={switched(link, askForLink, one => one.removeLink())}
      />
      <IconButton icon="noFormat" size={18} label={words.noFormat} onClick={act(one => one.removeAllFormatting())} />
    </div>
  )
}

function askForLink(editor: Squire): void {
  const given = prompt(t().writing.linkAddress, 'https://')?.trim()
  if (!given || given === 'https://') return
  const url = /^(?:https?:|mailto:)/i.test(given) ? given : given.includes('@') ? `mailto:${given}` : `https://${given}`
  editor.makeLink(url, {})
}
