import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Letter } from '../../../model/conversation.ts'
import { t } from '../../../texts/texts.ts'
import type { FiltersSection } from './filters-section.tsx'

/** Sieve is read and written there: only who has to do with filters needs it. */
export function LazyFilters({ like }: { readonly like?: Letter | undefined }) {
  const Loaded = useSignal<typeof FiltersSection | undefined>(undefined)
  const hasFailed = useSignal(false)
  useEffect(() => {
    import('./filters-section.tsx').then(
      ({ FiltersSection: loaded }) => (Loaded.value = loaded),
      () => (hasFailed.value = true),
    )
  }, [])
  if (hasFailed.value) return <p>{t().account.loadFailed}</p>
  return Loaded.value ? <Loaded.value like={like} /> : null
}
