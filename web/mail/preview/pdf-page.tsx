/** One page: its pixels while it is near, its text over them for who marks or is read it, and its links. */
import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../texts/texts.ts'
import { linksOf, type PageLink, type PDFDocumentProxy, type PDFPageProxy, TextLayer } from './pdf.ts'

/** What one canvas may have: more is refused by some browsers, and a page may say that it is as large as a house. */
const maxCanvasPixels = 16_000_000
const maxSide = 8_192
/** Height in widths: beyond it a page is shown narrower than it says */
const maxRatio = 20
const usualRatio = Math.SQRT2

type Props = {
  readonly document: PDFDocumentProxy
  readonly number: number
  /** CSS pixels */
  readonly width: number
  readonly isNear: boolean
}

export function PdfPage({ document, number, width, isNear }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const text = useRef<HTMLDivElement>(null)
  const [ratio, setRatio] = useState(usualRatio)
  const [links, setLinks] = useState<readonly PageLink[]>([])
  const [failed, setFailed] = useState(false)
  useEffect(() => {
    const [place, words] = [canvas.current, text.current]
    if (!isNear || !place || !words) return undefined
    const end = new AbortController()
    const show = async () => {
      const page = await document.getPage(number)
      if (end.signal.aborted) return
      const own = page.getViewport({ scale: 1 })
      const real = own.height / own.width
      setRatio(Number.isFinite(real) && real > 0 ? Math.min(maxRatio, Math.max(1 / maxRatio, real)) : usualRatio)
      await draw(page, place, width, end.signal)
      if (end.signal.aborted) return
      setLinks(await linksOf(page))
      await write(page, words, width)
    }
    show().catch(() => !end.signal.aborted && setFailed(true))
    return () => {
      end.abort()
      // what is not seen costs nothing
      place.width = place.height = 0
      words.replaceChildren()
      setLinks([])
    }
  }, [document, number, width, isNear])
  return (
    <section
      class="viewer-page"
      data-page={number}
      aria-label={t().preview.page(number)}
      style={{ width: `${width}px`, height: `${Math.round(width * ratio)}px` }}
    >
      <canvas ref={canvas} aria-hidden="true" />
      <div ref={text} class="viewer-words" />
      {links.map(({ link, left, top, width: wide, height }, at) => (
        <a
          key={at}
          href={link.href}
          target="_blank"
          rel="noopener noreferrer nofollow"
          title={link.href}
          aria-label={link.href}
          style={{ left: percent(left), top: percent(top), width: percent(wide), height: percent(height) }}
        />
      ))}
      {failed && <p class="viewer-note">{t().preview.failed}</p>}
    </section>
  )
}

function percent(part: number): string {
  return `${(part * 100).toFixed(3)}%`
}

async function draw(page: PDFPageProxy, canvas: HTMLCanvasElement, width: number, signal: AbortSignal): Promise<void> {
  const own = page.getViewport({ scale: 1 })
  const wanted = (width * Math.min(devicePixelRatio, 3)) / own.width
  const room = Math.sqrt(maxCanvasPixels / (own.width * own.height))
  const scale = Math.min(wanted, room, maxSide / own.width, maxSide / own.height)
  const viewport = page.getViewport({ scale })
  canvas.width = Math.max(1, Math.floor(viewport.width))
  canvas.height = Math.max(1, Math.floor(viewport.height))
  // what stands in fields is shown, and cannot be changed
  const task = page.render({ canvas, viewport, intent: 'display' })
  signal.addEventListener('abort', () => task.cancel())
  await task.promise
  canvas.dataset['drawn'] = 'true'
}

async function write(page: PDFPageProxy, place: HTMLDivElement, width: number): Promise<void> {
  const scale = width / page.getViewport({ scale: 1 }).width
  place.replaceChildren()
  place.style.setProperty('--total-scale-factor', String(scale))
  const viewport = page.getViewport({ scale })
  await new TextLayer({ textContentSource: page.streamTextContent(), container: place, viewport }).render()
}
