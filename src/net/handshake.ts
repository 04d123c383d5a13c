/** TLS over a connection that is already open, either side: STARTTLS and implicit TLS alike. */
import type { Duplex } from 'node:stream'
import {
  checkServerIdentity,
  connect as tlsConnect,
  createSecureContext,
  TLSSocket,
  type ConnectionOptions,
  type SecureContext,
  type TlsOptions,
} from 'node:tls'
import { PeerGone, PeerTimeout, type Connection } from './connection.ts'

/** Contexts are dear to build (keys are parsed); one for each options object that is handed in. */
const contexts = new WeakMap<TlsOptions, SecureContext>()

/** What went wrong in TLS on our side of a connection, for whoever logs its end. */
const failures = new WeakMap<Connection, Error>()

export function handshakeFailureOf(connection: Connection): Error | undefined {
  return failures.get(connection)
}

function contextOf(options: TlsOptions): SecureContext {
  if (options.secureContext) return options.secureContext
  const known = contexts.get(options)
  if (known) return known
  const context = createSecureContext(options)
  contexts.set(options, context)
  return context
}

/**
 * The server's side. What was buffered in plaintext is thrown away: after STARTTLS call `connection.prepareUpgrade()` before the
 * reply is written, lest that be the beginning of TLS. Throws when the peer fails the handshake.
 * A client certificate that is asked for (`requestCert`) is not judged here: look it up by its fingerprint.
 */
export async function secureAsServer(connection: Connection, options: TlsOptions, deadlineMs: number): Promise<void> {
  let socket: TLSSocket | undefined
  const { stream } = connection
  if (!connection.isOpen) throw new PeerGone(leftEarly)
  connection.upgrade(plain => {
    socket = new TLSSocket(plain as ConstructorParameters<typeof TLSSocket>[0], {
      ...options,
      isServer: true,
      secureContext: contextOf(options),
      rejectUnauthorized: false,
    })
    return socket
  })
  try {
    if (socket) await handshake(socket, stream, 'secure', deadlineMs)
  } catch (error) {
    if (error instanceof Error) failures.set(connection, error)
    throw error
  }
}

export type ClientTls = {
  /** Sent as SNI (names only) and compared with the certificate when `verify` */
  readonly serverName: string
  readonly verify: boolean
  /** PEM; the system's authorities when absent */
  readonly ca?: string | readonly string[]
  /** Our own certificate, for peers that ask */
  readonly cert?: string
  readonly key?: string
}

/** The client's side. With `verify`, a certificate that does not hold throws. */
export async function secureAsClient(connection: Connection, tls: ClientTls, deadlineMs: number): Promise<void> {
  let socket: TLSSocket | undefined
  const { stream } = connection
  if (!connection.isOpen) throw new PeerGone(leftEarly)
  connection.upgrade(plain => {
    socket = tlsConnect(clientOptions(plain, tls))
    return socket
  })
  if (socket) await handshake(socket, stream, 'secureConnect', deadlineMs)
}

function clientOptions(plain: Duplex, tls: ClientTls): ConnectionOptions {
  const isName = !/^[\d.]+$|:/.test(tls.serverName)
  return {
    socket: plain,
    ...(isName && { servername: tls.serverName }),
    rejectUnauthorized: tls.verify,
    ...(tls.verify && { checkServerIdentity: (_, certificate) => checkServerIdentity(tls.serverName, certificate) }),
    ...(tls.ca !== undefined && { ca: typeof tls.ca === 'string' ? tls.ca : [...tls.ca] }),
    ...(tls.cert !== undefined && { cert: tls.cert }),
    ...(tls.key !== undefined && { key: tls.key }),
  }
}

const leftEarly = 'The peer left during the TLS handshake'

async function handshake(
  socket: TLSSocket,
  plain: Duplex,
  event: 'secure' | 'secureConnect',
  deadlineMs: number,
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const done = (act: () => void) => {
      clearTimeout(timer)
      socket.off(event, onSecure).off('error', onError).off('end', onClose).off('close', onClose)
      plain.off('end', onClose).off('close', onClose)
      act()
    }
    const onSecure = () => done(resolve)
    const onError = (error: Error) => done(() => reject(error))
    const onClose = () => done(() => reject(new PeerGone(leftEarly)))
    const timer = setTimeout(() => done(() => reject(new PeerTimeout('The TLS handshake took too long'))), deadlineMs)
    // half-open connections are allowed, but nobody shakes hands alone
    socket.on(event, onSecure).on('error', onError).on('end', onClose).on('close', onClose)
    // TLS over a stream that is no socket does not always tell of its end
    plain.on('end', onClose).on('close', onClose)
  })
}
