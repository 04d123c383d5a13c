/** Many who wait for one signal: an EventTarget looks through all of its listeners for each one that is added or removed. */

const waiting = new WeakMap<AbortSignal, Set<() => void>>()

/** Calls `act` once when the signal aborts; never when it has already. Costs the same however many wait. */
export function whenAborted(signal: AbortSignal, act: () => void): Disposable {
  const all = waiting.get(signal) ?? listenTo(signal)
  // a function of its own each time, so that two never share an entry
  const entry = () => act()
  all.add(entry)
  return { [Symbol.dispose]: () => void all.delete(entry) }
}

function listenTo(signal: AbortSignal): Set<() => void> {
  const all = new Set<() => void>()
  waiting.set(signal, all)
  signal.addEventListener('abort', () => callAll(all), { once: true })
  return all
}

/** One that throws does not keep the others from hearing. */
function callAll(all: Set<() => void>): void {
  const errors: unknown[] = []
  for (const act of all)
    try {
      act()
    } catch (error) {
      errors.push(error)
    }
  all.clear()
  if (errors.length > 0) throw new AggregateError(errors, 'Not everybody could be told of the end')
}
