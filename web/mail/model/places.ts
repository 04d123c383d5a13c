/** Who stands where in a long list of which parts are known. A value: each change makes a new one. */
import type { Id, QueryChangesResponse } from '#protocols/jmap/wire.ts'

export const windowSize = 50

export class Places {
  static readonly none = new Places([], new Set())
  /** undefined: somebody */
  readonly ids: readonly (Id | undefined)[]
  /** Windows of which we are sure: what stands in others may be old */
  readonly #sure: ReadonlySet<number>

  private constructor(ids: readonly (Id | undefined)[], sure: ReadonlySet<number>) {
    this.ids = ids
    this.#sure = sure
  }

  isSure(at: number): boolean {
    return this.#sure.has(windowOf(at))
  }

  /** The answer of a query from the beginning of a window: these stand there, and so many there are in all. */
  filled(position: number, found: readonly Id[], total: number): Places {
    const here = new Set<Id>(found)
    const ids = this.ids.map(id => (id !== undefined && here.has(id) ? undefined : id))
    resize(ids, total)
    for (const [index, id] of found.entries()) ids[position + index] = id
    return new Places(ids, new Set([...this.#sure, windowOf(position)]))
  }

  /** Nothing is sure any more. */
  doubted(): Places {
    return new Places(this.ids, new Set())
  }

  /** RFC 8620 §5.6. Behind the first place that is not known nobody can tell who stands where. */
  changed({ removed, added, total }: QueryChangesResponse): Places {
    const gone = new Set(removed)
    const isKept = (id: Id | undefined) => id === undefined || !gone.has(id)
    let known = this.ids.slice(0, this.#known()).filter(isKept).length
    const ids = this.ids.filter(isKept)
    for (const { id, index } of added) {
      if (index > ids.length) continue
      ids.splice(index, 0, id)
      if (index <= known) known++
    }
    resize(ids, total ?? ids.length)
    known = Math.min(known, ids.length)
    const windows = known === ids.length ? Math.ceil(known / windowSize) : Math.floor(known / windowSize)
    return new Places(ids, new Set(Array.from({ length: windows }, (_, window) => window)))
  }

  /** So many are known and sure, from the first one on. */
  #known(): number {
    let at = 0
    while (at < this.ids.length && this.ids[at] !== undefined && this.isSure(at)) at++
    return at
  }
}

function windowOf(at: number): number {
  return Math.floor(at / windowSize)
}

/** Without holes, which map() and others pass over. */
function resize(ids: (Id | undefined)[], length: number): void {
  for (let at = ids.length; at < length; at++) ids.push(undefined)
  ids.length = length
}
