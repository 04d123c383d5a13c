/**
 * An answer to a request that still comes. Closed at once, the connection would be reset by what arrives after that, and the peer could lose the
 * answer with it; so what comes is thrown away for a while, as HTTP/1.1 asks of servers.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { maxThrownAwayBytes, maxThrownAwayOfStrangerBytes, throwAwayMs } from './limits.ts'

/** Requests of people we know: more of theirs is read. */
const known = new WeakSet<IncomingMessage>()

/** Whoever sent it has proved who he is. */
export function noteKnown(request: IncomingMessage): void {
  known.add(request)
}

/**
 * Sends all of the answer, whose Content-Length is said and whose Connection is `close`. Resolves when the rest of the request has come, the peer
 * has left, or the bounds are reached: then it is the caller's to end the response.
 */
export async function sayBeforeTheEnd(response: ServerResponse, body: Uint8Array): Promise<void> {
  if (response.destroyed) return
  response.write(body)
  await thrownAway(response.req, response)
}

async function thrownAway(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.complete && request.readableEnded) return
  let leftBytes = known.has(request) ? maxThrownAwayBytes : maxThrownAwayOfStrangerBytes
  const { promise, resolve: enough } = Promise.withResolvers<void>()
  // by `read`: whoever was reading before may still listen, and keep the stream from flowing
  const read = () => {
    for (;;) {
      const chunk = request.read() as Uint8Array | null
      if (chunk === null) return
      leftBytes -= chunk.length
      if (leftBytes < 0) return enough()
    }
  }
  const timer = setTimeout(enough, throwAwayMs)
  request.on('readable', read).once('end', enough).once('close', enough)
  response.once('close', enough)
  // whoever stopped reading in the middle is told nothing anew
  read()
  await promise
  clearTimeout(timer)
  request.off('readable', read).off('end', enough).off('close', enough)
  response.off('close', enough)
}
