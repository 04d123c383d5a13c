/** What shows bodies of letters comes behind the first page: cleaning HTML is half of all our script. */
import { type Signal, signal } from '@preact/signals'
import type { ComponentType } from 'preact'
import type { LetterBodyProps } from '../letter/letter-body.tsx'

/** Undefined until it is here */
export const letterBody: Signal<ComponentType<LetterBodyProps> | undefined> = signal(undefined)

export function loadLetterBody(): void {
  if (letterBody.peek()) return
  // where a newer version has taken the place of ours, main.tsx loads the page anew
  import('../letter/letter-body.tsx').then(
    ({ LetterBody }) => (letterBody.value = LetterBody),
    () => undefined,
  )
}
