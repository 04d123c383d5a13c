/** What went wrong with filters and scripts, in words. */
import { type Signal, useSignal } from '@preact/signals'
import { Refused } from '../../../model/refused.ts'
import { ChangedElsewhere } from '../../../model/filters/filter-store.ts'
import { filterTexts } from '../../../texts/filters.ts'

export type Told = {
  readonly text: Signal<string>
  readonly isBusy: Signal<boolean>
  /** False: it went wrong, and that is said */
  act(what: () => Promise<unknown>, changedElsewhere?: string): Promise<boolean>
}

export function useTold(): Told {
  const text = useSignal('')
  const isBusy = useSignal(false)
  return {
    text,
    isBusy,
    async act(what, changedElsewhere) {
      if (isBusy.peek()) return false
      text.value = ''
      isBusy.value = true
      try {
        await what()
        return true
      } catch (error) {
        text.value = wordsFor(error, changedElsewhere)
        return false
      } finally {
        isBusy.value = false
      }
    },
  }
}

function wordsFor(error: unknown, changedElsewhere = filterTexts().changedElsewhere): string {
  if (error instanceof ChangedElsewhere) return changedElsewhere
  return error instanceof Refused ? refusedWords(error) : filterTexts().failed
}

/** The server's own words are for programs, but what it says of a script: that is in the language of its user. */
function refusedWords({ error: { type }, message }: Refused): string {
  const words = filterTexts()
  if (type === 'tooLarge' || type === 'overQuota') return words.tooLong
  if (type === 'forbidden') return words.runByOther
  if (type === 'alreadyExists' || type === 'invalidProperties') return words.badFolder
  return words.refused(message)
}
