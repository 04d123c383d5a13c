/** What ties a login to the TLS connection it came over, so that nobody in between can pass it on. RFC 5056 */
import { createHash, X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'

export type ChannelBinding = {
  /** RFC 9266 */
  readonly 'tls-exporter'?: Uint8Array | undefined
  /** RFC 5929 §4, of the server's certificate */
  readonly 'tls-server-end-point'?: Uint8Array | undefined
}

const exporterLabel = 'EXPORTER-Channel-Binding'

/**
 * The bindings of a connection whose handshake is done; undefined when it has none. `side`: whose end the socket is. Worked out
 * when they are looked at: each CAPABILITY asks whether there are any, few logins use one.
 */
export function channelBindingOf(socket: TLSSocket, side: 'server' | 'client'): ChannelBinding | undefined {
  const endPoint = () => {
    const certificate = side === 'server' ? socket.getX509Certificate?.() : socket.getPeerX509Certificate?.()
    return certificate && serverEndPoint(certificate)
  }
  if (socket.getProtocol() === 'TLSv1.3')
    return {
      get 'tls-exporter'() {
        return socket.exportKeyingMaterial(32, exporterLabel, Buffer.alloc(0))
      },
      get 'tls-server-end-point'() {
        return endPoint()
      },
    }
  // before TLS 1.3 the exporter binds only with the extended master secret, which Node does not tell of (RFC 9266 §4.2)
  const bytes = endPoint()
  return bytes && { 'tls-server-end-point': bytes }
}

/**
 * The certificate's hash by the hash of its signature, where MD5 and SHA-1 become SHA-256. Undefined where the signature
 * algorithm uses none (Ed25519): the binding is not defined there.
 */
export function serverEndPoint(certificate: X509Certificate): Uint8Array | undefined {
  const hash = signatureHash(certificate.signatureAlgorithm ?? '')
  return hash && createHash(hash).update(certificate.raw).digest()
}

function signatureHash(algorithm: string): 'sha256' | 'sha384' | 'sha512' | undefined {
  if (/sha-?384/i.test(algorithm)) return 'sha384'
  if (/sha-?512/i.test(algorithm)) return 'sha512'
  if (/sha-?256|sha-?1\b|sha1With|md5/i.test(algorithm)) return 'sha256'
  return undefined
}
