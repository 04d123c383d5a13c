/** The server's side of STARTTLS and of TLS from the first byte. */
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import type { CertificateStore } from './certificate-store.ts'
import { handshakeMs } from './limits.ts'

/** Wraps a plain connection; to be given to `Connection.upgrade`. The handshake begins by itself. */
export function serverTls(plain: Duplex, store: CertificateStore, options?: { requestCert?: boolean }): TLSSocket {
  return new TLSSocket(plain, { ...store.secureOptions(options), isServer: true })
}

/** Resolves when the handshake is done; rejects with what the peer or OpenSSL said, or when it takes too long. */
export async function handshakeDone(socket: TLSSocket, deadlineMs = handshakeMs): Promise<void> {
  if (socket.getProtocol() !== null && socket.getCipher()?.name !== undefined) return
  await new Promise<void>((resolve, reject) => {
    const done = (act: () => void) => {
      clearTimeout(timer)
      socket.off('secure', onSecure).off('error', onError).off('close', onClose)
      act()
    }
    const onSecure = () => done(resolve)
    const onError = (error: Error) => done(() => reject(error))
    const onClose = () => done(() => reject(new Error('The peer closed the connection during the TLS handshake')))
    const timer = setTimeout(() => done(() => reject(new Error('The TLS handshake took too long'))), deadlineMs)
    socket.on('secure', onSecure).on('error', onError).on('close', onClose)
  })
}

/** What a finished handshake says about the connection. */
export type TlsSessionFacts = {
  readonly protocol: string
  readonly cipher: string
  readonly serverName: string | undefined
  /** Hex SHA-256 of the client's certificate when it sent one */
  readonly clientCertificate: string | undefined
}

export function tlsFacts(socket: TLSSocket): TlsSessionFacts {
  const name: unknown = (socket as TLSSocket & { servername?: unknown }).servername
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher()?.name ?? 'unknown',
    serverName: typeof name === 'string' && name !== '' ? name : undefined,
    clientCertificate: socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase(),
  }
}
