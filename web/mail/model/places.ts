/** Who stands where in a long list of which parts are known. A value: each change makes a new one. */
import type { Id, QueryChangesResponse } from '#protocols/jmap/wire.ts'

export const windowSize = 25

export class Places {
  static readonly none = new Places([], new Set(), new Set())
  /** undefined: somebody */
  readonly ids: readonly (Id | undefined)[]
  /** Windows of which we are sure: what stands in others may be old */
  readonly #sure: ReadonlySet<number>
  /** Windows in which anybody is known: in a long list few of all */
  readonly #known: ReadonlySet<number>

  private constructor(ids: readonly (Id | undefined)[], sure: ReadonlySet<number>, known: ReadonlySet<number>) {
    this.ids = ids
    this.#sure = sure
    this.#known = known
  }

  isSure(at: number): boolean {
    return this.#sure.has(windowOf(at))
  }

  /** The answer of a query over whole windows, or up to the end: these stand there, and so many there are in all. */
  filled(position: number, found: readonly Id[], total: number): Places {
    const here = new Set<Id>(found)
    // one memory copied into another: to look at each of a hundred thousand places would take a quarter of a frame
    const ids = this.ids.slice()
    for (const window of this.#known) {
      // all that are sure are of one state, in which nobody stands twice
      if (this.#sure.has(window)) continue
      for (let at = window * windowSize; at < (window + 1) * windowSize; at++) {
        const id = ids[at]
        if (id !== undefined && here.has(id)) ids[at] = undefined
      }
    }
    resize(ids, total)
    for (const [index, id] of found.entries()) ids[position + index] = id
    const filled = new Set([windowOf(position)])
    for (let at = position; at < position + found.length; at += windowSize) filled.add(windowOf(at))
    return new Places(ids, new Set([...this.#sure, ...filled]), new Set([...this.#known, ...filled]))
  }

  /** Nothing is sure any more. */
  doubted(): Places {
    return new Places(this.ids, new Set(), this.#known)
  }

  /** RFC 8620 §5.6. Behind the first place that is not known nobody can tell who stands where. */
  changed({ removed, added, total }: QueryChangesResponse): Places {
    const gone = new Set(removed)
    const isKept = (id: Id | undefined) => id === undefined || !gone.has(id)
    let known = this.ids.slice(0, this.#knownFromFirst()).filter(isKept).length
    const ids = this.ids.filter(isKept)
    for (const { id, index } of added) {
      if (index > ids.length) continue
      ids.splice(index, 0, id)
      if (index <= known) known++
    }
    resize(ids, total ?? ids.length)
    known = Math.min(known, ids.length)
    const windows = known === ids.length ? Math.ceil(known / windowSize) : Math.floor(known / windowSize)
    const sure = new Set(Array.from({ length: windows }, (_, window) => window))
    const named = new Set<number>()
    for (const [at, id] of ids.entries()) if (id !== undefined) named.add(windowOf(at))
    return new Places(ids, sure, named)
  }

  /** So many are known and sure, from the first one on. */
  #knownFromFirst(): number {
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
