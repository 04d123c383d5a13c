/** So many at once, so many waiting, each with a deadline: a flood of logins is turned away instead of piling up. */
import { setTimeout as timer } from 'node:timers'

/** There is no room, or it took too long. The caller says "try later". */
export class WorkRefused extends Error {
  override readonly name = 'WorkRefused'
}

export type BoundedWork = {
  /** Rejects with `WorkRefused` when the queue is full or the deadline passes; work that has begun is not stopped. */
  run<Result>(work: () => Promise<Result>, deadlineMs: number): Promise<Result>
  readonly waiting: number
}

export function boundedWork(options: { readonly atOnce: number; readonly maxWaiting: number }): BoundedWork {
  const queue = new Set<() => void>()
  let running = 0
  const next = () => {
    running--
    const [start] = queue
    if (!start) return
    queue.delete(start)
    start()
  }
  return {
    get waiting() {
      return queue.size
    },
    run(work, deadlineMs) {
      if (running >= options.atOnce && queue.size >= options.maxWaiting)
        return Promise.reject(new WorkRefused('Too many wait already'))
      return new Promise((resolve, reject) => {
        const start = () => {
          running++
          void work()
            .then(resolve, reject)
            .finally(() => {
              clearTimeout(deadline)
              next()
            })
        }
        const deadline = timer(() => {
          queue.delete(start)
          reject(new WorkRefused('Not done in time'))
        }, deadlineMs)
        if (running < options.atOnce) start()
        else queue.add(start)
      })
    },
  }
}
