/** Long work in steps, so that others run in between. */

/** Something to be done step by step: each `yield` is a place to stop for a while. */
export type Steps<Result> = Generator<void, Result, void>

/** Steps are made about this small: far under a millisecond. */
export const stepItems = 256

export async function inSlices<Result>(
  steps: Steps<Result>,
  output: { readonly isFull: boolean; room(): Promise<void> },
): Promise<Result> {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
    if (output.isFull) await output.room()
  }
}
