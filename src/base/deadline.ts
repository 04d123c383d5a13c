/**
 * A signal that aborts when its parent does, or after a time. Unlike `AbortSignal.any([parent, AbortSignal.timeout(ms)])` it is over
 * with its scope: no timer and no listener outlives the work, which counts at a thousand messages a second.
 */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed'
}

export type Deadline = Disposable & { readonly signal: AbortSignal }

type End = (reason: unknown) => void

/** One listener for each parent, however many deadlines hang on it: adding one to a signal and removing it is dear. */
const followers = new WeakMap<AbortSignal, Set<End>>()

/** `onEnd` runs when the signal aborts. */
export function deadline(parent: AbortSignal, ms: number, onEnd?: () => void): Deadline {
  const controller = new AbortController()
  const end = (reason: unknown) => {
    controller.abort(reason)
    onEnd?.()
  }
  const followed = followersOf(parent)
  if (parent.aborted) end(parent.reason)
  else followed.add(end)
  const timer = setTimeout(() => end(new DeadlinePassed(`Not done within ${ms} ms`)), ms)
  timer.unref()
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer)
      followed.delete(end)
    },
  }
}

function followersOf(parent: AbortSignal): Set<End> {
  const known = followers.get(parent)
  if (known) return known
  const made = new Set<End>()
  followers.set(parent, made)
  parent.addEventListener('abort', () => made.forEach(end => end(parent.reason)), { once: true })
  return made
}
