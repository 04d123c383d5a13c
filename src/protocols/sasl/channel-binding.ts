/** What ties a login to the TLS connection it came over, so that nobody in between can pass it on. RFC 5056 */
import { createHash, X509Certificate } from 'node:crypto'
import type { TLSSocket } from 'node:tls'

export type ChannelBinding = {
  /** RFC 9266 */
  readonly 'tls-exporter'?: Uint8Array
  /** RFC 5929 §4, of the server's certificate */
  readonly 'tls-server-end-point'?: Uint8Array
}

const exporterLabel = 'EXPORTER-Channel-Binding'

/** The bindings of a connection whose handshake is done; undefined when it has none. `side`: whose end the socket is. */
export function channelBindingOf(socket: TLSSocket, side: 'server' | 'client'): ChannelBinding | undefined {
  const certificate = side === 'server' ? socket.getX509Certificate?.() : socket.getPeerX509Certificate?.()
  const endPoint = certificate && serverEndPoint(certificate)
  // before TLS 1.3 the exporter binds only with the extended master secret, which Node does not tell of (RFC 9266 §4.2)
  const exporter =
    socket.getProtocol() === 'TLSv1.3' ? socket.exportKeyingMaterial(32, exporterLabel, Buffer.alloc(0)) : undefined
  if (!endPoint && !exporter) return undefined
  return {
    ...(exporter ? { 'tls-exporter': exporter } : {}),
    ...(endPoint ? { 'tls-server-end-point': endPoint } : {}),
  }
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
