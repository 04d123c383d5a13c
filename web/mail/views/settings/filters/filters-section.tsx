/** Filters of the account: the list, or one of them in its form. */
import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import type { Piece } from '#formats/sieve/filters/document.ts'
import type { Filter } from '#formats/sieve/filters/filter.ts'
import type { SieveScript } from '#protocols/jmap/wire-sending.ts'
import type { Letter } from '../../../model/conversation.ts'
import { FilterStore } from '../../../model/filters/filter-store.ts'
import { filterLike, proposalsFor } from '../../../model/filters/proposals.ts'
import { t } from '../../../texts/texts.ts'
import { showDialog } from '../../dialog-request.ts'
import { useMail } from '../../mail-context.ts'
import { useLoaded } from '../loaded.ts'
import { FilterEditor } from './filter-editor.tsx'
import { FilterList } from './filter-list.tsx'
import { HandEditor } from './hand-editor.tsx'
import { ScriptEditor } from './script-editor.tsx'
import './filters.css'

export type Editing =
  /** Without a piece it is new */
  | {
      readonly kind: 'filter'
      readonly piece: Piece | undefined
      readonly filter: Filter
      readonly like: Letter | undefined
    }
  | { readonly kind: 'hand'; readonly piece: Extract<Piece, { kind: 'hand' }> }
  | { readonly kind: 'script'; readonly script: SieveScript }

export function FiltersSection({ like }: { readonly like?: Letter | undefined }) {
  const { client } = useMail()
  const store = useMemo(() => new FilterStore(client), [client])
  const loaded = useLoaded(() => store.read().then(() => true))
  const editing = useSignal<Editing | undefined>(like && startLike(like))
  // once: whoever comes back to this tab sees the list
  useEffect(() => {
    if (like) showDialog({ kind: 'settings', section: 'filters' })
  }, [])
  const close = () => void (editing.value = undefined)
  if (loaded.hasFailed.value) return <p>{t().account.loadFailed}</p>
  if (!loaded.value.value) return null
  const now = editing.value
  if (now?.kind === 'filter') return <FilterEditor store={store} editing={now} onClose={close} />
  if (now?.kind === 'script') return <ScriptEditor store={store} script={now.script} onClose={close} />
  if (now?.kind === 'hand') return <HandEditor store={store} piece={now.piece} onClose={close} />
  return <FilterList store={store} onEdit={one => (editing.value = one)} />
}

function startLike(like: Letter): Editing {
  const [first] = proposalsFor(like)
  return { kind: 'filter', piece: undefined, filter: filterLike(first?.condition, first?.name ?? ''), like }
}
