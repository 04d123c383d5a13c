/** What the server's side knows of a peer once TLS is there (net/handshake.ts makes it so). */
import type { TLSSocket } from 'node:tls'

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
