import { useSignal } from '@preact/signals'
import { type KnownLabel, labelSearch } from '../../model/labels/labels.ts'
import { go, printRoute, route } from '../../model/route.ts'
import { t } from '../../texts/texts.ts'
import { carriesThreads, droppedThreads } from '../drag.ts'
import { useMail } from '../mail-context.ts'
import './labels.css'

/** Each label is a search for it; what is dropped on it gets it. */
export function LabelItems() {
  const { labels } = useMail()
  const shown = labels.shown.value
  if (shown.length === 0) return null
  return (
    <>
      <h2>{t().labels.title}</h2>
      <ul>
        {shown.map(label => (
          <LabelItem key={label.keyword} label={label} />
        ))}
      </ul>
    </>
  )
}

function LabelItem({ label }: { readonly label: KnownLabel }) {
  const mail = useMail()
  const isOver = useSignal(false)
  const search = labelSearch(label, t().labels.operator)
  const to = { place: 'search', search, thread: undefined }
  return (
    <li>
      <a
        class="mailbox"
        href={printRoute(to)}
        aria-current={route.value.search === search ? 'page' : undefined}
        data-over={isOver.value}
        style={{ '--depth': 0 }}
        onClick={event => {
          if (event.metaKey || event.ctrlKey || event.shiftKey) return
          event.preventDefault()
          go(to)
        }}
        onDragOver={event => {
          if (!carriesThreads(event)) return
          event.preventDefault()
          isOver.value = true
        }}
        onDragLeave={() => (isOver.value = false)}
        onDrop={event => {
          isOver.value = false
          if (!carriesThreads(event)) return
          event.preventDefault()
          void mail.actions.label(droppedThreads(event), label.keyword, true)
        }}
      >
        <span class="label-dot" data-color={label.color} />
        <span class="mailbox-name">{label.name}</span>
      </a>
    </li>
  )
}
