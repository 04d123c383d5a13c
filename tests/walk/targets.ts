/** Which messages a command is about, and how that is written. */
import type { Ground } from './command.ts'
import type { Slot, View } from './client-view.ts'
import type { SavedResult } from './saved-result.ts'

export type Targets = {
  /** sequence-set */
  readonly set: string
  readonly uids: ReadonlySet<number>
}

/** Of one command, so that the mailboxes do not grow without end */
const most = 12

/** Some messages whose UIDs this client knows, by number or by UID; undefined when there are none. */
export function someTargets({ client, random, saved }: Ground, byNumber: boolean): Targets | undefined {
  const { view } = client
  if (!view) return undefined
  if (saved?.isKnown === true && random.integer(4) === 0 && (!byNumber || isInView(view, saved)))
    return { set: '$', uids: saved.uids }
  const numbers = chosenNumbers(view, random.integer(4), random.integer)
  if (numbers.length === 0) return undefined
  const uids = numbers.map(number => view.slots[number - 1]?.uid ?? 0)
  return { set: writeSet(byNumber ? numbers : uids), uids: new Set(uids) }
}

/** A command by number is answered by number: whose they are must be known. */
function isInView(view: View, { uids }: SavedResult): boolean {
  return [...uids].every(uid => view.slotOf(uid) !== undefined)
}

function chosenNumbers(view: View, how: number, integer: (limit: number) => number): readonly number[] {
  const known = view.slots.flatMap(({ uid }, at) => (uid === undefined ? [] : [at + 1]))
  if (known.length === 0 || how === 3) return known.slice(0, most)
  if (how === 0) return [known[integer(known.length)] ?? 1]
  const from = integer(known.length)
  const run = known.slice(from, from + 1 + integer(6))
  return how === 1 ? run : run.filter((_, at) => at % 2 === 0)
}

/** Ascending numbers as ranges. */
export function writeSet(numbers: readonly number[]): string {
  const ranges: [number, number][] = []
  for (const number of numbers) {
    const last = ranges.at(-1)
    if (last && last[1] + 1 === number) last[1] = number
    else ranges.push([number, number])
  }
  return ranges.map(([from, to]) => (from === to ? `${from}` : `${from}:${to}`)).join()
}

/** The UIDs of these numbers in that view. */
export function uidsAt(slots: readonly Slot[], numbers: readonly number[]): readonly (number | undefined)[] {
  return numbers.map(number => slots[number - 1]?.uid)
}
