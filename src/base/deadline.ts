/**
 * A signal that aborts when its parent does, or after a time. Unlike `AbortSignal.any([parent, AbortSignal.timeout(ms)])` it is over
 * with its scope: no timer and no listener outlives the work, which counts at a thousand messages a second.
 */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed'
}

export type Deadline = Disposable & { readonly signal: AbortSignal }

/** Who follows a signal: one listener stands for all of them, since adding one to a signal and removing it is dear. */
type Followers = Set<() => void>
const followers = new WeakMap<AbortSignal, Followers>()

/** `onEnd` runs when the signal aborts. */
export function deadline(parent: AbortSignal, ms: number, onEnd?: () => void): Deadline {
  const controller = new AbortController()
  const { signal } = controller
  const own: Followers = new Set()
  followers.set(signal, own)
  const end = (reason: unknown) => {
    if (signal.aborted) return
    controller.abort(reason)
    for (const act of own) act()
    onEnd?.()
  }
  const follow = () => end(parent.reason)
  if (parent.aborted) follow()
  else onAbort(parent, follow)
  const timer = setTimeout(() => end(new DeadlinePassed(`Not done within ${ms} ms`)), ms)
  timer.unref()
  return {
    signal,
    [Symbol.dispose]() {
      clearTimeout(timer)
      offAbort(parent, follow)
    },
  }
}

/** `act` runs when the signal aborts; not at once when it has aborted already. */
export function onAbort(signal: AbortSignal, act: () => void): void {
  let all = followers.get(signal)
  if (!all) {
    const made: Followers = new Set()
    all = made
    followers.set(signal, made)
    signal.addEventListener('abort', () => made.forEach(one => one()), { once: true })
  }
  all.add(act)
}

export function offAbort(signal: AbortSignal, act: () => void): void {
  followers.get(signal)?.delete(act)
}
