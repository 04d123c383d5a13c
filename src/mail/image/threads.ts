/** Threads among columns of emails: numbered, so that arrays can stand for maps of a hundred thousand entries. */
import type { ColumnData } from './email-columns.ts'

export type ThreadNumbers = {
  /** All numbers are below it */
  readonly count: number
  /** By the place of the email */
  readonly of: Uint32Array
}

/** By thread number: all flags that any of its emails has, and those that all have */
export type ThreadFlags = { readonly some: Uint32Array; readonly all: Uint32Array }

/** Beside so many numbers for nothing an array is still smaller than a map. */
const spareNumbers = 65_536
const spareFactor = 4

const numbered = new WeakMap<Float64Array, ThreadNumbers>()

/** Remembered as long as the column is. */
export function numberThreads(threads: Float64Array): ThreadNumbers {
  let numbers = numbered.get(threads)
  if (!numbers) numbered.set(threads, (numbers = makeNumbers(threads)))
  return numbers
}

function makeNumbers(threads: Float64Array): ThreadNumbers {
  let [low, high] = [Infinity, -Infinity]
  for (const thread of threads) {
    if (thread < low) low = thread
    if (thread > high) high = thread
  }
  const of = new Uint32Array(threads.length)
  const range = threads.length === 0 ? 0 : high - low + 1
  if (range <= threads.length * spareFactor + spareNumbers) {
    for (let index = 0; index < of.length; index++) of[index] = (threads[index] ?? 0) - low
    return { count: range, of }
  }
  const known = new Map<number, number>()
  for (let index = 0; index < of.length; index++) {
    const thread = threads[index] ?? 0
    let number = known.get(thread)
    if (number === undefined) known.set(thread, (number = known.size))
    of[index] = number
  }
  return { count: known.size, of }
}

export function flagsOfThreads({ flags, length }: ColumnData, { count, of }: ThreadNumbers): ThreadFlags {
  const some = new Uint32Array(count)
  const all = new Uint32Array(count).fill(0xffff_ffff)
  for (let index = 0; index < length; index++) {
    const thread = of[index] ?? 0
    const own = flags[index] ?? 0
    some[thread] = (some[thread] ?? 0) | own
    all[thread] = (all[thread] ?? 0) & own
  }
  return { some, all }
}
