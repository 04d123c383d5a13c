import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Letter } from '../../model/conversation.ts'
import { t } from '../../texts/texts.ts'
import { Dialog } from '../../../ui/dialog.tsx'
import { AwaySection } from './away-section.tsx'
import type { SettingsSection } from '../dialog-request.ts'
import { DevicesSection } from './devices-section.tsx'
import { DisplaySection } from './display-section.tsx'
import { LazyFilters } from './filters/lazy.tsx'
import { LabelsSection } from './labels-section.tsx'
import { NewsSection } from './news-section.tsx'
import { SecuritySection } from './security-section.tsx'
import { WritingSection } from './writing-section.tsx'
import './settings.css'

const sections = {
  writing: WritingSection,
  display: DisplaySection,
  away: AwaySection,
  filters: LazyFilters,
  labels: LabelsSection,
  news: NewsSection,
  devices: DevicesSection,
  security: SecuritySection,
} as const satisfies Record<SettingsSection, unknown>
type Name = keyof typeof sections
const names = Object.keys(sections) as readonly Name[]

/** Where more of the row is out of sight, it fades: `before`, `after` or both */
function markEdges(row: HTMLElement | null): void {
  if (!row) return
  const left = Math.abs(row.scrollLeft)
  const edges = [...(left > 4 ? ['before'] : []), ...(left + row.clientWidth < row.scrollWidth - 4 ? ['after'] : [])]
  row.dataset['more'] = edges.join(' ')
}

export function SettingsDialog({
  section = 'writing',
  like,
  onClose,
}: {
  readonly section: SettingsSection | undefined
  readonly like: Letter | undefined
  readonly onClose: () => void
}) {
  const open = useSignal<Name>(section)
  const tabs = useRef<HTMLDivElement>(null)
  const Section = sections[open.value]
  // on a phone the tabs stand in a row that is wider than the page
  useEffect(() => {
    document.getElementById(`account-tab-${open.value}`)?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [open.value])
  useEffect(() => {
    const watch = new ResizeObserver(() => markEdges(tabs.current))
    if (tabs.current) watch.observe(tabs.current)
    return () => watch.disconnect()
  }, [])
  return (
    <Dialog title={t().account.title} closeLabel={t().actions.close} onClose={onClose} wide>
      <div class="account">
        <div
          ref={tabs}
          class="account-tabs"
          role="tablist"
          aria-label={t().account.title}
          onScroll={() => markEdges(tabs.current)}
        >
          {names.map(name => (
            <button
              key={name}
              type="button"
              role="tab"
              id={`account-tab-${name}`}
              aria-selected={open.value === name}
              aria-controls="account-panel"
              tabIndex={open.value === name ? 0 : -1}
              onClick={() => (open.value = name)}
              onKeyDown={event => {
                const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key]
                const next = by && names[(names.indexOf(name) + by + names.length) % names.length]
                if (!next) return
                event.preventDefault()
                open.value = next
                document.getElementById(`account-tab-${next}`)?.focus()
              }}
            >
              {t().account.sections[name]}
            </button>
          ))}
        </div>
        <div id="account-panel" class="account-panel" role="tabpanel" aria-labelledby={`account-tab-${open.value}`}>
          <Section key={open.value} like={like} />
        </div>
      </div>
    </Dialog>
  )
}
