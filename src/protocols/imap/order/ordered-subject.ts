/** ORDEREDSUBJECT: all messages of one base subject are a thread, the first of them its head. RFC 5256 §3 */
import { stepItems, type Steps } from './slices.ts'
import { compareColumns, sortInSteps } from './sort.ts'
import type { Threaded, ThreadTree } from './thread-tree.ts'

export function* orderedSubject({ subjects, dates }: Threaded): Steps<ThreadTree> {
  const order = Uint32Array.from(subjects, (_, at) => at)
  const byDate = { column: dates, reverse: false }
  yield* sortInSteps(order, compareColumns([{ column: subjects, reverse: false }, byDate]))
  const heads: number[] = []
  const children: (number[] | undefined)[] = Array.from(subjects, () => undefined)
  for (const [at, message] of order.entries()) {
    const head = heads.at(-1)
    if (head === undefined || subjects[head] !== subjects[message]) heads.push(message)
    else (children[head] ??= []).push(message)
    if (at % stepItems === 0) yield
  }
  const roots = Uint32Array.from(heads)
  yield* sortInSteps(roots, compareColumns([byDate]))
  return { roots: [...roots], messages: Array.from(subjects, (_, at) => at), children }
}
