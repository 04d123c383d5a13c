/** What happened to messages, as runs: as short for ten thousand neighbours as for one. */

/** Messages without a gap between their UIDs, to which the same happened. */
export type MessageRun = {
  /** UID of the first */
  readonly first: number
  readonly count: number
  readonly modSeq: number
  /** added, changed */
  readonly flags: number
  /** added: id of the first email; those of the others follow it one by one. Else 0 */
  readonly email: number
}

/** The five numbers of each run, one after the other */
export type PackedRuns = ArrayLike<number>

const fields = 5

/** At the end of `runs`; what goes on where the last one ended is joined with it. */
export function addRun(runs: number[], { first, count, modSeq, flags, email }: MessageRun): void {
  const at = runs.length - fields
  if (at >= 0) {
    const [lastFirst = 0, lastCount = 0, lastModSeq, lastFlags, lastEmail = 0] = runs.slice(at)
    const goesOn = lastFirst + lastCount === first && lastModSeq === modSeq && lastFlags === flags
    if (goesOn && (email === 0 ? lastEmail === 0 : lastEmail + lastCount === email))
      return void (runs[at + 1] = lastCount + count)
  }
  runs.push(first, count, modSeq, flags, email)
}

export function* runsIn(runs: PackedRuns): Generator<MessageRun> {
  for (let at = 0; at < runs.length; at += fields)
    yield {
      first: runs[at] ?? 0,
      count: runs[at + 1] ?? 0,
      modSeq: runs[at + 2] ?? 0,
      flags: runs[at + 3] ?? 0,
      email: runs[at + 4] ?? 0,
    }
}

/** Messages in all of them. */
export function countIn(runs: PackedRuns): number {
  let count = 0
  for (let at = 1; at < runs.length; at += fields) count += runs[at] ?? 0
  return count
}
