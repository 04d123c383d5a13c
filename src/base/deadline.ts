/**
 * A signal that aborts when its parent does, or after a time. Unlike `AbortSignal.any([parent, AbortSignal.timeout(ms)])` it is over
 * with its scope: no timer and no listener outlives the work, which counts at a thousand messages a second.
 */
export class DeadlinePassed extends Error {
  override readonly name = 'DeadlinePassed'
}

export type Deadline = Disposable & { readonly signal: AbortSignal }

export function deadline(parent: AbortSignal, ms: number): Deadline {
  const controller = new AbortController()
  const follow = () => controller.abort(parent.reason)
  if (parent.aborted) follow()
  else parent.addEventListener('abort', follow, { once: true })
  const timer = setTimeout(() => controller.abort(new DeadlinePassed(`Not done within ${ms} ms`)), ms)
  timer.unref()
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer)
      parent.removeEventListener('abort', follow)
    },
  }
}
