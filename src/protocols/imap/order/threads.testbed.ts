/** Letters as the tests of threads write them. */
import { baseSubject } from '#formats/message/base-subject.ts'
import { References } from './references.ts'
import type { Steps } from './slices.ts'
import { printThreads, type Threaded, type ThreadTree } from './thread-tree.ts'

/** id, references, subject; the date is the position unless one is given */
export type Letter = readonly [id: string, references: string, subject: string, date?: number]

export function finished<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

export function threadedOf(letters: readonly Letter[]): Threaded & { readonly subjects: readonly string[] } {
  const bases = letters.map(([, , subject]) => baseSubject(subject))
  return {
    dates: letters.map(([, , , date], at) => date ?? at),
    subjects: bases.map(({ base }) => base.toUpperCase()),
    isReply: bases.map(({ isReply }) => isReply),
  }
}

export function byReferences(letters: readonly Letter[]): ThreadTree {
  const references = new References()
  for (const [id, named] of letters) references.add(id === '' ? undefined : id, named.split(' ').filter(Boolean))
  return finished(references.threads(threadedOf(letters)))
}

export function printed(tree: ThreadTree): string {
  return [...printThreads(tree, message => message + 1)].join('')
}

export function byRefs(letters: readonly Letter[], arrivals: readonly number[]): ThreadTree {
  const references = new References()
  for (const [id, named] of letters) references.add(id === '' ? undefined : id, named.split(' ').filter(Boolean))
  return finished(references.refs(threadedOf(letters), arrivals))
}
