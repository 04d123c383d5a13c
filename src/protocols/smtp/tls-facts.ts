import type { TLSSocket } from 'node:tls'
import type { TlsFacts } from '#mail/receiving.ts'

export function tlsFacts(socket: TLSSocket): TlsFacts {
  const serverName = 'servername' in socket ? socket.servername : undefined
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    serverName: typeof serverName === 'string' ? serverName : undefined,
    clientCertificate: socket.getPeerX509Certificate()?.fingerprint256.replaceAll(':', '').toLowerCase(),
  }
}
