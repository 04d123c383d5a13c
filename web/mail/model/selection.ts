/** The cursor in a list, and what is chosen: the conversations that are ticked, or all letters that the list had at a moment. */
import { type Signal, signal } from '@preact/signals'
import type { Id } from '#protocols/jmap/wire.ts'
import type { Everything } from './bulk/everything.ts'

export type Whole =
  /** Their ids are being asked for */
  | { readonly kind: 'collecting'; readonly found: number; readonly stop: () => void }
  | { readonly kind: 'ready'; readonly everything: Everything }

export class Selection {
  /** Place of the row that the keyboard is on; -1: none */
  readonly cursor: Signal<number> = signal(-1)
  readonly ticked: Signal<ReadonlySet<Id>> = signal(new Set())
  /** All of the list; undefined: what is ticked alone */
  readonly whole: Signal<Whole | undefined> = signal(undefined)
  /** Where a range begins; its place was this one once */
  #anchor: { readonly thread: Id; readonly at: number } | undefined

  /** Reactive. `email`: the one that stands for the conversation */
  has(thread: Id, email: Id): boolean {
    const whole = this.whole.value
    return whole?.kind === 'ready' ? whole.everything.ids.has(email) : this.ticked.value.has(thread)
  }

  toggle(thread: Id, at: number): void {
    this.#leaveWhole()
    const next = new Set(this.ticked.peek())
    if (!next.delete(thread)) next.add(thread)
    this.ticked.value = next
    this.#anchor = { thread, at }
  }

  /** From the last one that was ticked to this one. */
  extend(at: number, threadAt: (at: number) => Id | undefined): void {
    this.#leaveWhole()
    const from = placeOf(this.#anchor, threadAt) ?? at
    const next = new Set(this.ticked.peek())
    for (let one = Math.min(from, at); one <= Math.max(from, at); one++) {
      const thread = threadAt(one)
      if (thread !== undefined) next.add(thread)
    }
    this.ticked.value = next
  }

  tick(threads: readonly Id[]): void {
    this.#leaveWhole()
    this.ticked.value = new Set(threads)
  }

  clear(): void {
    this.#leaveWhole()
    this.ticked.value = new Set()
    this.#anchor = undefined
  }

  #leaveWhole(): void {
    const whole = this.whole.peek()
    if (whole?.kind === 'collecting') whole.stop()
    this.whole.value = undefined
  }
}

/** Others may have come in before it, or gone. Undefined: it is not there */
function placeOf(
  anchor: { readonly thread: Id; readonly at: number } | undefined,
  threadAt: (at: number) => Id | undefined,
): number | undefined {
  if (!anchor) return undefined
  const { thread, at } = anchor
  for (let by = 0; by <= farthest; by++) {
    if (threadAt(at + by) === thread) return at + by
    if (threadAt(at - by) === thread) return at - by
  }
  return undefined
}

/** So far a row is looked for */
const farthest = 1_000
