/** Time comes in as an argument, so that tests can move it. */
export type Clock = {
  /** Wall clock, milliseconds since 1970. For dates that people read; nothing expires by it alone. */
  now(): number
  /** Milliseconds since some fixed moment; never goes back. For deadlines and ages. */
  monotonic(): number
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }
