/** Long work in steps, so that others run in between. */

/** Something to be done step by step: each `yield` is a place to stop for a while. */
export type Steps<Result> = Generator<void, Result, void>

/** Steps are made about this small: far under a millisecond. */
export const stepItems = 256

/** Shorter than what a command may take at once (sliceMs): the rest is for what cannot be cut, and for the collector. */
const orderSliceMs = 3

type Turns = { readonly isFull: boolean; room(): Promise<void> }

/** Called between small pieces of work; lets others run when it is time. */
export function pausesFor(output: Turns): () => Promise<void> | undefined {
  let began = performance.now()
  return () => {
    if (performance.now() - began < orderSliceMs && !output.isFull) return undefined
    return output.room().then(() => void (began = performance.now()))
  }
}

export async function inSlices<Result>(steps: Steps<Result>, output: Turns): Promise<Result> {
  const pause = pausesFor(output)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    const pausing = pause()
    if (pausing) await pausing
  }
}
