/** A frame as high as its letter, and a letter no wider than its frame. Watched from the page: in the frame nothing runs. */

/** Higher letters scroll by themselves. */
const maxHeight = 60_000
/** Smaller nobody could read: the rest scrolls sideways. */
const minZoom = 0.5

export function followSize(frame: HTMLIFrameElement, document: Document): Disposable {
  let width = -1
  const resize = () => {
    if (frame.clientWidth !== width) {
      width = frame.clientWidth
      fitWidth(document)
    }
    const height = Math.min(heightOf(document), maxHeight)
    document.documentElement.style.overflowY = height === maxHeight ? 'auto' : ''
    if (Math.abs(height - frame.clientHeight) >= 1) frame.style.height = `${height}px`
  }
  const refit = () => {
    width = -1
    resize()
  }
  const observer = new ResizeObserver(resize)
  observer.observe(document.body)
  observer.observe(frame)
  // images have their width only when they have come
  document.addEventListener('load', refit, true)
  document.addEventListener('toggle', refit, true)
  refit()
  return {
    [Symbol.dispose]() {
      observer.disconnect()
      document.removeEventListener('load', refit, true)
      document.removeEventListener('toggle', refit, true)
    },
  }
}

/** Of the content, never of the frame: what follows from the frame's height may not be what it follows. */
function heightOf({ documentElement, body }: Document): number {
  const scrollbar =
    documentElement.offsetHeight > 0
      ? Math.max(0, (documentElement.ownerDocument.defaultView?.innerHeight ?? 0) - documentElement.clientHeight)
      : 0
  return (
    Math.ceil(Math.max(documentElement.getBoundingClientRect().height, body.getBoundingClientRect().height)) + scrollbar
  )
}

function fitWidth({ documentElement, body }: Document): void {
  body.style.setProperty('zoom', '1')
  const [has, wants] = [documentElement.clientWidth, documentElement.scrollWidth]
  if (has > 0 && wants > has + 1)
    body.style.setProperty('zoom', String(Math.max(minZoom, Math.floor((has / wants) * 1000) / 1000)))
}
