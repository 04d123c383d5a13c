/**
 * Waits for a proxy's header at the beginning of a socket and leaves everything behind it in the socket. Bounded: 64 KiB (the length field
 * of version 2 has 16 bits) and one deadline for all of it, however it dribbles.
 */
import type { Socket } from 'node:net'
import { type ProxySource, readProxyHeader } from './proxy-header.ts'

/** §2: "at least 3 seconds", so that a lost packet may come again */
export const proxyHeaderMs = 5_000

export class ProxyHeaderFault extends Error {
  override readonly name = 'ProxyHeaderFault'
  /** It came and went without a word, as those do who look whether a port is open */
  readonly isProbe: boolean
  constructor(reason: string, isProbe = false) {
    super(reason)
    this.isProbe = isProbe
  }
}

/** The client's address; undefined when the proxy speaks for itself. Throws a ProxyHeaderFault. The socket is paused afterwards. */
export async function proxySourceOf(
  socket: Socket,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<ProxySource | undefined> {
  let received = Buffer.alloc(0)
  try {
    return await new Promise<ProxySource | undefined>((resolve, reject) => {
      const done = (act: () => void) => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        socket.off('data', onData).off('end', onEnd).off('close', onEnd).off('error', onEnd)
        socket.on('error', ignore)
        socket.pause()
        act()
      }
      const fail = (reason: string, isProbe = false) => done(() => reject(new ProxyHeaderFault(reason, isProbe)))
      const onData = (chunk: Buffer) => {
        received = Buffer.concat([received, chunk])
        const read = readProxyHeader(received)
        if (read.kind === 'wrong') return fail(read.reason)
        if (read.kind === 'more') return
        done(() => {
          if (received.length > read.length) socket.unshift(received.subarray(read.length))
          resolve(read.source)
        })
      }
      const onEnd = () => fail('the connection ended before the header', received.length === 0)
      const onAbort = () => fail('the server stops', true)
      const timer = setTimeout(() => fail('the header did not come in time'), deadlineMs)
      signal.addEventListener('abort', onAbort, { once: true })
      if (signal.aborted) return onAbort()
      socket.on('data', onData).on('end', onEnd).on('close', onEnd).on('error', onEnd)
    })
  } finally {
    received = Buffer.alloc(0)
  }
}

function ignore(): void {
  // whoever serves the socket next listens for itself; an unheard error would end the process
}
