/** Who is told of what happens to entries. */
import type { Log } from '#base/log.ts'
import type { Attempted } from './pump.ts'
import type { QueueChange } from './queue.ts'

export class QueueWatchers {
  readonly #log: Log
  readonly #listeners = new Set<(change: QueueChange) => void>()

  constructor(log: Log) {
    this.#log = log
  }

  add(listener: (change: QueueChange) => void): Disposable {
    const entry = (change: QueueChange) => listener(change)
    this.#listeners.add(entry)
    return { [Symbol.dispose]: () => void this.#listeners.delete(entry) }
  }

  tell(change: QueueChange): void {
    for (const listener of this.#listeners)
      try {
        listener(change)
      } catch (error) {
        this.#log.error('A change of the queue was not heard', { delivery: change.id, error: String(error) })
      }
  }
}

export function shownResult({
  recipient,
  result,
  state,
}: Attempted['results'][number]): QueueChange['results'][number] {
  return { address: recipient.address, result, state }
}
