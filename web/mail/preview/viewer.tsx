/** Attached files, one after the other, over the page. Loaded when the first one is looked at. */
import { useState } from 'preact/hooks'
import type { LetterPart } from '../model/conversation.ts'
import { sizeText } from '../model/dates.ts'
import { previewKind } from '../model/preview/kind.ts'
import { language, t } from '../texts/texts.ts'
import { Button, IconButton } from '../../ui/button.tsx'
import { useModal } from '../../ui/modal.ts'
import { fileNameOf } from '../views/attachments.tsx'
import { download } from '../views/letter-menu.tsx'
import { useMail } from '../views/mail-context.ts'
import { localeFor } from '../views/message-row.tsx'
import { ArchiveView } from './archive-view.tsx'
import { ImageView } from './image-view.tsx'
import { LetterView } from './letter-view.tsx'
import { useFetched } from './fetched.ts'
import { Problem, Waiting } from './states.tsx'
import { TextView } from './text-view.tsx'
import './viewer.css'

export type ViewerProps = {
  readonly parts: readonly LetterPart[]
  readonly first: number
  readonly onClose: () => void
}

const zooms = [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 3, 4, 6]

export function Viewer({ parts, first, onClose }: ViewerProps) {
  const { client } = useMail()
  const { ref, over, onCancel, onClose: onClosed } = useModal(onClose)
  const [at, setAt] = useState(first)
  const [zoom, setZoom] = useState(1)
  const part = parts[at]
  if (!part) return null
  const name = fileNameOf(part)
  const words = t().preview
  const go = (by: number) => {
    if (!parts[at + by]) return
    setAt(at + by)
    setZoom(1)
  }
  const step = (by: number) => setZoom(zooms[zooms.indexOf(zoom) + by] ?? zoom)
  const save = () => download(client.downloadUrl(part.blobId ?? '', name, part.type), name)
  const onKey = (event: KeyboardEvent) => {
    const act = keys[event.key]
    // a list of charsets has the arrows for itself
    if (!act || event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLSelectElement) return
    event.preventDefault()
    event.stopPropagation()
    if ('go' in act) go(act.go)
    else step(act.zoom)
  }
  return (
    <dialog ref={ref} class="viewer" aria-label={name} onCancel={onCancel} onClose={onClosed} onKeyDown={onKey}>
      <header class="viewer-bar">
        <h2 title={name}>{name}</h2>
        <span class="viewer-facts">
          {sizeText(part.size, localeFor(language.value))}
          {parts.length > 1 && ` · ${words.place(at + 1, parts.length)}`}
        </span>
        <span class="spring" />
        <IconButton icon="minus" label={words.smaller} keys="-" disabled={zoom === zooms[0]} onClick={() => step(-1)} />
        <button type="button" class="viewer-zoom" title={words.whole} onClick={() => setZoom(1)}>
          {Math.round(zoom * 100)}%
        </button>
        <IconButton
          icon="plus"
          label={words.larger}
          keys="+"
          disabled={zoom === zooms.at(-1)}
          onClick={() => step(1)}
        />
        <IconButton icon="download" label={t().reading.download} onClick={save} />
        <IconButton icon="close" label={t().actions.close} keys="Esc" onClick={over} />
      </header>
      <div class="viewer-stage">
        {at > 0 && (
          <IconButton icon="left" class="viewer-step" label={words.previous} keys="←" onClick={() => go(-1)} />
        )}
        <Content key={part.blobId} part={part} name={name} zoom={zoom} onSave={save} />
        {at < parts.length - 1 && (
          <IconButton icon="right" class="viewer-step next" label={words.next} keys="→" onClick={() => go(1)} />
        )}
      </div>
    </dialog>
  )
}

const keys: Readonly<Record<string, { readonly go: number } | { readonly zoom: number }>> = {
  ArrowLeft: { go: -1 },
  ArrowRight: { go: 1 },
  '+': { zoom: 1 },
  ';': { zoom: 1 },
  '=': { zoom: 1 },
  '-': { zoom: -1 },
}

/** pdf.js is larger than all the rest of the webmail. */
function LazyPdf(props: { readonly blobId: string; readonly zoom: number }) {
  const view = useFetched(() => import('./pdf-view.tsx'), [])
  if (view.kind === 'failed') return <Problem text={t().preview.failed} />
  return view.kind === 'here' ? <view.value.PdfView {...props} /> : <Waiting />
}

type ContentProps = {
  readonly part: LetterPart
  readonly name: string
  readonly zoom: number
  readonly onSave: () => void
}

function Content({ part, name, zoom, onSave }: ContentProps) {
  const blobId = part.blobId ?? ''
  const kind = previewKind(part)
  switch (kind) {
    case 'image':
      return <ImageView blobId={blobId} name={name} zoom={zoom} />
    case 'pdf':
      return <LazyPdf blobId={blobId} zoom={zoom} />
    case 'letter':
      return <LetterView blobId={blobId} />
    case 'archive':
      return <ArchiveView blobId={blobId} />
    case undefined:
      return (
        <Problem text={t().preview.none}>
          <Button icon="download" onClick={onSave}>
            {t().reading.download}
          </Button>
        </Problem>
      )
    case 'text':
    case 'table':
    case 'calendar':
    case 'contacts':
      return <TextView part={part} kind={kind} zoom={zoom} />
    default:
      return kind satisfies never
  }
}
