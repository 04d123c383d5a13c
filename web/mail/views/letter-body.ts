/** What shows bodies of letters comes behind the first page: cleaning HTML is half of all our script. */
import { type Signal, signal } from '@preact/signals'
import type { Attachments } from './attachments.tsx'
import type { LetterContent } from './letter-content.tsx'

export type LetterParts = { readonly LetterContent: typeof LetterContent; readonly Attachments: typeof Attachments }

/** Undefined until they are here */
export const letterParts: Signal<LetterParts | undefined> = signal(undefined)

export function loadLetterBody(): void {
  if (letterParts.peek()) return
  // where a newer version has taken the place of ours, main.tsx loads the page anew
  import('./letter-parts.ts').then(
    parts => (letterParts.value = parts),
    () => undefined,
  )
}
