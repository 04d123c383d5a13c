/** Messages of a batch whose octets have to be read one by one: large ones, and those whose inner structure is asked for. */
import type { Selected } from '../session.ts'
import type { Batch } from './batch.ts'
import type { FetchPlan } from './plan.ts'
import { SectionedMessage } from './sections.ts'
import { isReady, isThere } from './write.ts'

/** Opened ahead of the one being written: at most as many MiB in memory. */
const openAhead = 4

export class Opened {
  readonly #plan: FetchPlan
  readonly #batch: Batch
  readonly #session: Selected
  readonly #opening = new Map<number, Promise<SectionedMessage | undefined>>()

  constructor(plan: FetchPlan, batch: Batch, session: Selected) {
    this.#plan = plan
    this.#batch = batch
    this.#session = session
  }

  /** Undefined when it is gone. To be asked in ascending order. */
  at(position: number): Promise<SectionedMessage | undefined> {
    for (let ahead = position; ahead < Math.min(position + openAhead, this.#batch.indexes.length); ahead += 1)
      if (
        !this.#opening.has(ahead) &&
        isThere(this.#plan, this.#batch, ahead) &&
        !isReady(this.#plan, this.#batch, ahead)
      )
        this.#opening.set(ahead, this.#open(ahead))
    const opened = this.#opening.get(position)
    this.#opening.delete(position)
    return opened ?? Promise.resolve(undefined)
  }

  #open(position: number): Promise<SectionedMessage | undefined> {
    const { account, selected } = this.#session
    const headerBytes = this.#batch.parts?.facts.headerBytes?.[position] ?? 0
    const opening = account
      .message(selected.view.emailId(this.#batch.indexes[position] ?? 0))
      .then(source => source && new SectionedMessage(source, headerBytes))
    // heard when its turn comes; if one before fails, nobody will ask
    opening.catch(() => undefined)
    return opening
  }
}
