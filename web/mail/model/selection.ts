/** The cursor in a list, and the conversations that are ticked. */
import { type Signal, signal } from '@preact/signals'
import type { Id } from '#protocols/jmap/wire.ts'

export class Selection {
  /** Place of the row that the keyboard is on; -1: none */
  readonly cursor: Signal<number> = signal(-1)
  readonly ticked: Signal<ReadonlySet<Id>> = signal(new Set())
  /** Where a range begins */
  #anchor = -1

  toggle(thread: Id, at: number): void {
    const next = new Set(this.ticked.peek())
    if (!next.delete(thread)) next.add(thread)
    this.ticked.value = next
    this.#anchor = at
  }

  /** From the last one that was ticked to this one. */
  extend(at: number, threadAt: (at: number) => Id | undefined): void {
    const from = this.#anchor < 0 ? at : this.#anchor
    const next = new Set(this.ticked.peek())
    for (let one = Math.min(from, at); one <= Math.max(from, at); one++) {
      const thread = threadAt(one)
      if (thread !== undefined) next.add(thread)
    }
    this.ticked.value = next
  }

  tick(threads: readonly Id[]): void {
    this.ticked.value = new Set(threads)
  }

  clear(): void {
    this.ticked.value = new Set()
    this.#anchor = -1
  }
}
