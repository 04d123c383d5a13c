/**
 * Whose turn it is. A flow is the mail of one submitter (everybody's letters apart from their bulk); flows take turns, and within a
 * flow its destinations take turns. So five thousand letters of one person delay nobody else's, and a long line for one destination
 * delays no other. Interactive flows have three turns of four while bulk waits too.
 */
import { interactiveTurns } from './limits.ts'

export type Flow = {
  readonly key: string
  readonly bulk: boolean
}

export type Turn<Place> = { readonly flow: string; readonly place: Place }

/** Where mail goes: whether something may start there now, and the flows that must come back in line when it may again. */
export type LinePlace = { open: boolean; readonly parked: Set<string> }

export class FairLines<Place extends LinePlace> {
  readonly #interactive = new Map<string, Set<Place>>()
  readonly #bulk = new Map<string, Set<Place>>()
  #turns = 0

  get isEmpty(): boolean {
    return this.#interactive.size === 0 && this.#bulk.size === 0
  }

  /** Something of this flow is ready for this place. */
  add(flow: string, place: Place): void {
    if (!place.open) {
      place.parked.add(flow)
      return
    }
    const ring = this.#ringOf(flow)
    const line = ring.get(flow)
    if (line) line.add(place)
    else ring.set(flow, new Set([place]))
  }

  /** The place may start again. */
  opened(place: Place): void {
    for (const flow of place.parked) this.add(flow, place)
    place.parked.clear()
  }

  /** Takes the next pair out of its line; put it back with `add` when more of it is ready. */
  next(): Turn<Place> | undefined {
    const bulkFirst = this.#turns++ % (interactiveTurns + 1) === interactiveTurns
    const [first, second] = bulkFirst ? [this.#bulk, this.#interactive] : [this.#interactive, this.#bulk]
    return nextIn(first) ?? nextIn(second)
  }

  #ringOf(flow: string): Map<string, Set<Place>> {
    return flow.startsWith(bulkMark) ? this.#bulk : this.#interactive
  }
}

function nextIn<Place extends LinePlace>(ring: Map<string, Set<Place>>): Turn<Place> | undefined {
  for (const [flow, line] of ring) {
    const place = firstOpen(flow, line)
    ring.delete(flow)
    if (!place) continue
    // to the end of the ring: Maps iterate in the order of insertion
    if (line.size > 0) ring.set(flow, line)
    return { flow, place }
  }
  return undefined
}

/** Takes it out; what is closed on the way waits until it opens. */
function firstOpen<Place extends LinePlace>(flow: string, line: Set<Place>): Place | undefined {
  for (const place of line) {
    line.delete(place)
    if (place.open) return place
    place.parked.add(flow)
  }
  return undefined
}

const bulkMark = '\u0000'

/** The name of a flow in the lines. */
export function flowName({ key, bulk }: Flow): string {
  return bulk ? `${bulkMark}${key}` : key
}
