/** The text of a letter while the editor is still on its way: it can be read and written in, and the editor takes over what stands there then. */
import { cleanFragment, type OwnImages } from './clean-html.ts'

/** Stands for the caret while the text goes over; of the private use area, so in no text that a keyboard writes */
const caret = '\uE0A1'

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

/** The text, with a mark where the caret is, if it is there and not before everything. */
export function takeText(root: HTMLElement): string {
  const { focusNode = null, focusOffset = 0 } = root.ownerDocument.getSelection() ?? {}
  if (focusNode && root.contains(focusNode) && !(focusNode === root && focusOffset === 0)) {
    const range = root.ownerDocument.createRange()
    range.setStart(focusNode, focusOffset)
    range.insertNode(new Text(caret))
  }
  return root.innerHTML
}

/** Takes the mark away. Undefined: there was none */
export function caretIn(root: HTMLElement): Range | undefined {
  const texts = root.ownerDocument.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  while (texts.nextNode()) {
    const text = texts.currentNode as Text
    const at = text.data.indexOf(caret)
    if (at < 0) continue
    text.deleteData(at, caret.length)
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
