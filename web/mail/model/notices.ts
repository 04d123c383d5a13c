/** What the program says at the bottom of the window: something was done, and can be undone; or something went wrong. */
import { type Signal, signal } from '@preact/signals'
import type { Id } from '#protocols/jmap/wire.ts'
import type { ActionName } from './actions.ts'
import type { Entry } from './offline/entry.ts'
import type { Ending } from './offline/journal.ts'

export type Notice = {
  readonly key: number
  readonly about: /** `to`: a mailbox, or the keyword of a label */
    | { readonly kind: 'done'; readonly action: ActionName; readonly count: number; readonly to: Id | undefined }
    | { readonly kind: 'failed' }
    /** What waited for the network was carried out, or refused */
    | { readonly kind: 'ended'; readonly entry: Entry; readonly ending: 'done' | 'refused' }
    /** Words of whoever says them, in the language of the page */
    | { readonly kind: 'said'; readonly text: string }
  readonly undo: (() => void) | undefined
}

const shownMs = 8_000

export class Notices {
  readonly current: Signal<Notice | undefined> = signal(undefined)
  #timer: ReturnType<typeof setTimeout> | undefined
  #key = 0

  done(action: ActionName, count: number, to?: Id, undo?: () => void): void {
    this.#show({ kind: 'done', action, count, to }, undo)
  }

  failed(): void {
    this.#show({ kind: 'failed' }, undefined)
  }

  ended(entry: Entry, ending: Ending): void {
    const isLetter = entry.what.kind === 'send'
    if (ending === 'refused' || (ending === 'done' && isLetter)) this.#show({ kind: 'ended', entry, ending }, undefined)
  }

  /** `forMs`: how long it can be undone */
  say(text: string, undo?: () => void, forMs = shownMs): void {
    this.#show({ kind: 'said', text }, undo, forMs)
  }

  undo(): void {
    const { undo } = this.current.peek() ?? {}
    this.dismiss()
    undo?.()
  }

  dismiss(): void {
    clearTimeout(this.#timer)
    this.current.value = undefined
  }

  #show(about: Notice['about'], undo: (() => void) | undefined, forMs = shownMs): void {
    clearTimeout(this.#timer)
    this.current.value = { key: ++this.#key, about, undo }
    this.#timer = setTimeout(() => (this.current.value = undefined), forMs)
  }
}
