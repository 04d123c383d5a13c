import { duplexPair, type Duplex } from 'node:stream'

/** Two ends of a connection in memory that copies what passes, as a kernel does: what was taken may change at the writer's. */
export function wirePair(): [Duplex, Duplex] {
  const pair = duplexPair()
  for (const end of pair) {
    const push = end.push.bind(end)
    end.push = (chunk, encoding) => push(chunk instanceof Uint8Array ? Buffer.from(chunk) : chunk, encoding)
  }
  return pair
}
