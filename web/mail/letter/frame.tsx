/** The frame of a letter in HTML. */
import { useEffect, useRef } from 'preact/hooks'
import { emptyDocument, fillDocument, sandbox, showInlineImage } from './frame-document.ts'
import { followSize } from './frame-size.ts'
import type { CleanLetter } from './sanitise.ts'

export type LetterFrameProps = {
  readonly letter: CleanLetter
  /** Where images of the internet come from when they are shown */
  readonly imageSource: string | undefined
  /** blob: URLs by Content-ID, as they arrive */
  readonly inlineUrls: ReadonlyMap<string, string>
  readonly title: string
  /** True: it was taken care of */
  readonly onMailto?: ((href: string) => boolean) | undefined
}

export function LetterFrame({ letter, imageSource, inlineUrls, title, onMailto }: LetterFrameProps) {
  const frame = useRef<HTMLIFrameElement>(null)
  const urls = useRef(inlineUrls)
  urls.current = inlineUrls
  const mailto = useRef(onMailto)
  mailto.current = onMailto

  useEffect(() => {
    const element = frame.current
    if (!element) return
    // taken over into the frame; a frame that is moved in the page begins anew, and gets them again
    const nodes = [...letter.body.childNodes]
    let size: Disposable | undefined
    const fill = () => {
      const document = element.contentDocument
      // some browsers tell of the empty document that was there before
      if (document?.URL !== 'about:srcdoc') return
      size?.[Symbol.dispose]()
      fillDocument(document, letter, nodes)
      showAll(document, letter, urls.current)
      document.addEventListener('click', event => onClick(event, document, href => mailto.current?.(href) === true))
      document.addEventListener('keydown', event => passOn(event, element))
      size = followSize(element, document)
    }
    element.addEventListener('load', fill)
    element.srcdoc = emptyDocument(imageSource)
    return () => {
      element.removeEventListener('load', fill)
      size?.[Symbol.dispose]()
    }
  }, [letter, imageSource])

  useEffect(() => {
    const document = frame.current?.contentDocument
    if (document) showAll(document, letter, inlineUrls)
  }, [letter, inlineUrls])

  return (
    <iframe
      ref={frame}
      class={`letter-frame letter-frame-${letter.scheme}`}
      sandbox={sandbox}
      referrerpolicy="no-referrer"
      allow=""
      title={title}
    />
  )
}

function showAll(document: Document, { cids }: CleanLetter, urls: ReadonlyMap<string, string>): void {
  for (const [at, cid] of cids.entries()) {
    const url = urls.get(cid)
    if (url !== undefined) showInlineImage(document, at, url)
  }
}

function onClick(event: MouseEvent, document: Document, mailto: (href: string) => boolean): void {
  // elements of another window: no instanceof
  const link = (event.target as Element | null)?.closest?.('a, area, [data-letter-target]')
  if (!link) return
  const target = link.getAttribute('data-letter-target')
  if (target !== null) {
    event.preventDefault()
    const found = document.getElementById(target) ?? document.getElementsByName(target)[0]
    found?.scrollIntoView({ block: 'start', behavior: 'smooth' })
    return
  }
  const href = link.getAttribute('href') ?? ''
  if (href.startsWith('mailto:') && mailto(href)) event.preventDefault()
}

/** Keys are the page's, also when the letter has the focus. */
function passOn(event: KeyboardEvent, frame: HTMLIFrameElement): void {
  const { key, code, ctrlKey, metaKey, altKey, shiftKey, repeat } = event
  const again = new KeyboardEvent('keydown', {
    key,
    code,
    ctrlKey,
    metaKey,
    altKey,
    shiftKey,
    repeat,
    bubbles: true,
    cancelable: true,
  })
  if (!frame.dispatchEvent(again)) event.preventDefault()
}
