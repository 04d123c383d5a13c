/** Our own side took too long: the peer gets a 451 while it still listens. */
export class OwnTimeout extends Error {
  override readonly name = 'OwnTimeout'
}

/** `late` gets what comes after all, so that nothing stays open. */
export async function within<Value>(
  timeoutMs: number,
  work: Promise<Value>,
  late?: (value: Value) => unknown,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      work.then(late, () => undefined)
      reject(new OwnTimeout('The answer took too long'))
    }, timeoutMs)
    // only a peer that is still connected waits for this, and its socket keeps the process
    timer.unref()
  })
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}
