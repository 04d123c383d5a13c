/** A connection to a peer whose address is known. */
import { connect } from 'node:net'
import { Connection, PeerGone } from './connection.ts'

/** An address (never a name: resolve it first), or a unix socket */
export type DialTarget = { readonly address: string; readonly port: number } | { readonly path: string }

/** Throws what the system says, or the signal's reason after an abort. */
export async function dial(to: DialTarget, signal: AbortSignal): Promise<Connection> {
  signal.throwIfAborted()
  const socket = 'path' in to ? connect(to.path) : connect({ host: to.address, port: to.port, noDelay: true })
  const connection = new Connection(socket)
  await new Promise<void>((resolve, reject) => {
    const onAbort = () => {
      socket.destroy()
      reject(signal.reason)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    const done = (act: () => void) => {
      signal.removeEventListener('abort', onAbort)
      act()
    }
    socket.once('connect', () => done(resolve))
    socket.once('error', error => done(() => reject(error)))
    socket.once('close', () => done(() => reject(new PeerGone('The connection was closed'))))
  })
  return connection
}
