/** A reader who touches everything: what waits for a click, a key or the focus gets it. */

/** `mayFollow`: links that lead elsewhere are followed */
export function stir(document: Document, mayFollow: (link: Element) => boolean): void {
  const all = Array.from(Document.prototype.querySelectorAll.call(document, '*')).slice(0, 400)
  for (const element of all) for (const name of handlersOf(element)) element.dispatchEvent(eventOf(name))
  for (const element of all) {
    if (/^(?:a|area|button|input|label|summary)$/.test(element.localName) && !mayFollow(element)) continue
    if ('focus' in element) (element as HTMLElement).focus({ preventScroll: true })
    if (/^(?:a|area|button|input|label|summary)$/.test(element.localName)) press(element)
  }
}

/** Its own handlers, and for what has none the common ones. */
function handlersOf(element: Element): readonly string[] {
  const own = Array.from(element.attributes, ({ name }) => name.toLowerCase()).filter(name => /^on[a-z]+$/.test(name))
  const named = own.map(name => name.slice(2)).filter(name => !/^(?:error|load|begin)$/.test(name))
  return named.length > 0 ? named : ['mouseover', 'pointerover', 'focus', 'keydown', 'animationend', 'toggle']
}

function eventOf(name: string): Event {
  return /^(?:click|dblclick|auxclick)$/.test(name)
    ? new MouseEvent(name, { bubbles: true, cancelable: true })
    : new Event(name, { bubbles: true, cancelable: true })
}

function press(element: Element): void {
  if (element instanceof HTMLElement || 'click' in element) (element as HTMLElement).click()
  else
    element.dispatchEvent(
      new MouseEvent('click', { bubbles: true, cancelable: true, view: element.ownerDocument.defaultView }),
    )
}
