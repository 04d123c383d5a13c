import { duplexPair, type Duplex } from 'node:stream'

/**
 * Two ends of a connection in memory that copies what passes, as a kernel does: what was taken may change at the writer's. An end that is
 * gone takes nothing more: the other one, when it has read what was sent before, is closed.
 */
export function wirePair(): [Duplex, Duplex] {
  const pair = duplexPair()
  const [one, other] = pair
  for (const end of pair) {
    const push = end.push.bind(end)
    end.push = (chunk, encoding) => push(chunk instanceof Uint8Array ? Buffer.from(chunk) : chunk, encoding)
  }
  one.once('close', () => closeAfterReading(other))
  other.once('close', () => closeAfterReading(one))
  return pair
}

function closeAfterReading(end: Duplex): void {
  if (end.readableEnded) end.destroy()
  else end.once('end', () => end.destroy())
}
