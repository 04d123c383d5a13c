import { useEffect } from 'preact/hooks'
import { useSignal } from '@preact/signals'
import type { Composition } from '../../model/compose/composition.ts'
import { shortDate } from '../../model/dates.ts'
import { language, t } from '../../texts/texts.ts'
import { localeFor } from '../message-row.tsx'

export function SaveState({ composition }: { readonly composition: Composition }) {
  const state = composition.state.value
  const savedAt = useSignal<Date | undefined>(undefined)
  useEffect(() => {
    if (state === 'saved') savedAt.value = new Date()
  }, [state])
  return (
    <span class="save-state" data-state={state} role="status">
      {wordsFor(state, savedAt.value)}
    </span>
  )
}

function wordsFor(state: Composition['state']['value'], savedAt: Date | undefined): string {
  const words = t().writing
  const locale = localeFor(language.value)
  switch (state) {
    case 'new':
      return ''
    case 'saving':
      return words.saving
    case 'kept':
      return t().away.draftKept
    case 'failed':
      return words.notSaved
    case 'sending':
      return words.sending
    case 'changed':
    case 'saved':
      return savedAt ? words.saved(shortDate(savedAt, savedAt, { locale, yesterday: '' })) : ''
    default:
      return state satisfies never
  }
}
