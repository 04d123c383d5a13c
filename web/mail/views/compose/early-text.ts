/** The text of a letter while the editor is still on its way: it can be read and written in, and the editor takes over what stands there then. */
import { cleanFragment, type OwnImages } from './clean-html.ts'

/** Of the private use area, so in no text that a keyboard writes */
const marks = Array.from({ length: 64 }, (_, at) => String.fromCodePoint(0xe000 + at))

export type EarlyText = {
  readonly html: string
  /** Stands in it where the caret is; undefined: nowhere */
  readonly mark: string | undefined
}

export function showText(root: HTMLElement, html: string, images: OwnImages): void {
  root.replaceChildren(cleanFragment(html, images))
}

/** Without an editor, what is pasted would come in as it is. */
export function pasteAsText(event: ClipboardEvent): void {
  event.preventDefault()
  document.execCommand('insertText', false, event.clipboardData?.getData('text/plain') ?? '')
}

/** Resolves when no input method is composing there: its text must not be taken from under it. */
export function composed(root: HTMLElement, isComposing: () => boolean): Promise<void> {
  if (!isComposing()) return Promise.resolve()
  return new Promise(resolve => root.addEventListener('compositionend', () => setTimeout(resolve), { once: true }))
}

/** The text, with a mark where the caret is, if it is there and not before everything. What was quoted may have any sign but the mark. */
export function takeText(root: HTMLElement): EarlyText {
  const { focusNode = null, focusOffset = 0 } = root.ownerDocument.getSelection() ?? {}
  const isInside = focusNode && root.contains(focusNode) && !(focusNode === root && focusOffset === 0)
  const mark = isInside ? marks.find(one => !root.textContent.includes(one)) : undefined
  if (focusNode && mark !== undefined) {
    const range = root.ownerDocument.createRange()
    range.setStart(focusNode, focusOffset)
    range.insertNode(new Text(mark))
  }
  return { html: root.innerHTML, mark }
}

/** Takes the mark away. Undefined: there was none */
export function caretIn(root: HTMLElement, mark: string | undefined): Range | undefined {
  if (mark === undefined) return undefined
  const texts = root.ownerDocument.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const text = texts.currentNode as Text
    const at = text.data.indexOf(mark)
    if (at < 0) continue
    text.deleteData(at, mark.length)
    const range = root.ownerDocument.createRange()
    const { parentElement } = text
    // a line without anything in it has no height
    if (text.data === '' && parentElement && parentElement.textContent === '' && !parentElement.querySelector('br'))
      parentElement.append(root.ownerDocument.createElement('br'))
    range.setStart(text, at)
    return range
  }
  return undefined
}
