import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../texts/texts.ts'
import { useMail } from '../views/mail-context.ts'
import { useFetched } from './fetched.ts'
import { octetsOf } from './octets.ts'
import { LockedPdf, openPdf, type PDFDocumentProxy } from './pdf.ts'
import { PdfPage } from './pdf-page.tsx'
import { Problem, Waiting } from './states.tsx'

/** More pages than a book are for a program of its own. */
const maxPages = 1_000

export function PdfView({ blobId, zoom }: { readonly blobId: string; readonly zoom: number }) {
  const { client } = useMail()
  const pdf = useFetched(
    async signal => {
      const open = await openPdf(await octetsOf(client, blobId, signal))
      signal.addEventListener('abort', () => open[Symbol.dispose]())
      if (signal.aborted) open[Symbol.dispose]()
      return open.document
    },
    [blobId],
  )
  if (pdf.kind === 'loading') return <Waiting />
  if (pdf.kind === 'failed')
    return <Problem text={pdf.error instanceof LockedPdf ? t().preview.locked : t().preview.failed} />
  return <Pages document={pdf.value} zoom={zoom} />
}

function Pages({ document, zoom }: { readonly document: PDFDocumentProxy; readonly zoom: number }) {
  const scroll = useRef<HTMLDivElement>(null)
  const [room, setRoom] = useState(0)
  const near = usePagesInSight(scroll)
  useEffect(() => {
    const place = scroll.current
    if (!place) return undefined
    const watch = new ResizeObserver(() => setRoom(place.clientWidth))
    watch.observe(place)
    return () => watch.disconnect()
  }, [])
  const numbers = Array.from({ length: Math.min(document.numPages, maxPages) }, (_, at) => at + 1)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keys
    <div ref={scroll} class="viewer-pages" tabIndex={0} aria-label={t().preview.pages(document.numPages)}>
      {room > 0 &&
        numbers.map(number => (
          <PdfPage
            key={number}
            document={document}
            number={number}
            width={Math.round(Math.min(maxWidth, room - 32) * zoom)}
            isNear={near.has(number)}
          />
        ))}
      {document.numPages > maxPages && <p class="viewer-cut">{t().preview.cut}</p>}
    </div>
  )
}

/** A sheet is no larger than this at first, however wide the window */
const maxWidth = 900

/** Numbers of the pages that are seen, or are about to be: these alone are drawn. */
function usePagesInSight(scroll: { readonly current: HTMLElement | null }): ReadonlySet<number> {
  const [near, setNear] = useState<ReadonlySet<number>>(new Set([1]))
  useEffect(() => {
    const place = scroll.current
    if (!place) return undefined
    const seen = new Set<number>()
    const watch = new IntersectionObserver(
      entries => {
        for (const { target, isIntersecting } of entries) {
          const number = Number((target as HTMLElement).dataset['page'])
          if (isIntersecting) seen.add(number)
          else seen.delete(number)
        }
        setNear(new Set([...seen].sort((one, other) => one - other).slice(0, maxDrawn)))
      },
      { root: place, rootMargin: '60% 0px' },
    )
    const follow = new MutationObserver(() => {
      for (const page of place.querySelectorAll('[data-page]')) watch.observe(page)
    })
    follow.observe(place, { childList: true })
    return () => {
      watch.disconnect()
      follow.disconnect()
    }
  }, [])
  return near
}

/** Pages that are kept as pixels at the same time */
const maxDrawn = 8
