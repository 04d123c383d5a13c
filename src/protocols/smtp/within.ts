/** Our own side took too long: the peer gets a 451 while it still listens. */
export class OwnTimeout extends Error {
  override readonly name = 'OwnTimeout'
}

/** `late` gets what comes after all, so that nothing stays open. */
export function within<Value>(
  timeoutMs: number,
  work: Promise<Value>,
  late?: (value: Value) => unknown,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      work.then(late, () => undefined)
      reject(new OwnTimeout('The answer took too long'))
    }, timeoutMs)
    // only a peer that is still connected waits for this, and its socket keeps the process
    timer.unref()
    work.then(
      value => {
        clearTimeout(timer)
        resolve(value)
      },
      (error: unknown) => {
        clearTimeout(timer)
        reject(error)
      },
    )
  })
}
