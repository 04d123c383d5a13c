/** The desk of who is signed in, and how they like to write. */
import { type Signal, signal } from '@preact/signals'
import type { Content } from '../../model/compose/content.ts'
import type { Desk } from '../../model/compose/desk.ts'

export const desk: Signal<Desk | undefined> = signal(undefined)

const formatKey = 'hikyaku.format'

export function rememberFormat(format: Content['format']): void {
  try {
    localStorage.setItem(formatKey, format)
  } catch {
    // a browser may forbid it: then it is rich again next time
  }
}

export function rememberedFormat(): Content['format'] {
  try {
    return localStorage.getItem(formatKey) === 'plain' ? 'plain' : 'rich'
  } catch {
    return 'rich'
  }
}
