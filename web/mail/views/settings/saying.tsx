import { type Signal, useSignal } from '@preact/signals'
import { AccessFault } from '../../model/account/access.ts'
import { Refused } from '../../model/refused.ts'
import { t } from '../../texts/texts.ts'

export type Saying = { readonly text: Signal<string>; act(what: () => Promise<unknown>): Promise<boolean> }

/** What a section says below what was pressed: that it is done, or why not. */
export function useSaying(): Saying {
  const text = useSignal('')
  return {
    text,
    async act(what) {
      text.value = ''
      try {
        await what()
        return true
      } catch (error) {
        text.value = wordsFor(error)
        return false
      }
    },
  }
}

function wordsFor(error: unknown): string {
  const words = t().account
  if (error instanceof AccessFault)
    return { wrong: words.wrong, 'too-many': words.tooMany, failed: words.failed }[error.kind]
  // the server's own words are for programs, but better than none
  if (error instanceof Refused && isOtherAnswer(error)) return words.awayOther
  return error instanceof Refused ? `${words.saveFailed} ${error.message}` : words.saveFailed
}

/** A script of one's own sends vacation responses already. */
function isOtherAnswer({ error: { type, properties } }: Refused): boolean {
  return type === 'forbidden' && (properties?.includes('isEnabled') ?? false)
}

export function Said({ saying }: { readonly saying: Saying }) {
  return (
    <p class="account-said" role="status">
      {saying.text.value}
    </p>
  )
}
