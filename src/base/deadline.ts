/**
 * A signal that aborts when its parent does, or after a time. Unlike `AbortSignal.any([parent, AbortSignal.timeout(ms)])` it is over
 * with its scope: no timer and no listener outlives the work, which counts at a thousand messages a second.
 */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed'
}

export type Deadline = Disposable & { readonly signal: AbortSignal }

/**
 * Who follows a signal: one listener stands for all of them, since adding one to a signal and removing it is dear. Kept on the
 * signal itself: several are made for each letter, and every entry of a WeakMap is work for the garbage collector.
 */
type Followers = Set<() => void>
const followers = Symbol('followers')
type Followed = AbortSignal & { [followers]?: Followers }

/** `onEnd` runs when the signal aborts. */
export function deadline(parent: AbortSignal, ms: number, onEnd?: () => void): Deadline {
  const controller = new AbortController()
  const signal: Followed = controller.signal
  const own: Followers = new Set()
  signal[followers] = own
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
export function onAbort(signal: Followed, act: () => void): void {
  const all = (signal[followers] ??= listening(signal))
  all.add(act)
}

function listening(signal: AbortSignal): Followers {
  const made: Followers = new Set()
  signal.addEventListener('abort', () => made.forEach(one => one()), { once: true })
  return made
}

export function offAbort(signal: Followed, act: () => void): void {
  signal[followers]?.delete(act)
}
