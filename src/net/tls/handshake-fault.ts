/** Why a handshake failed, in words that say whose turn it is; OpenSSL's own name of it goes along. */

export type HandshakeFault = {
  /** Undefined: the peer left, was silent, or spoke something else than TLS */
  readonly code: 'TLS-CIPHER' | 'TLS-NAME' | undefined
  readonly reason: string
}

const noCipher = 'the client and our certificates have no cipher suite in common'
const noVersion = 'the client offers no TLS version that our policy allows'
const distrusted = 'the client does not trust our certificate: its name or its issuer is not what the client expects'

const faults: Readonly<Record<string, HandshakeFault>> = {
  ERR_SSL_NO_SHARED_CIPHER: { code: 'TLS-CIPHER', reason: noCipher },
  ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM: { code: 'TLS-CIPHER', reason: noCipher },
  ERR_SSL_UNSUPPORTED_PROTOCOL: { code: 'TLS-CIPHER', reason: noVersion },
  ERR_SSL_VERSION_TOO_LOW: { code: 'TLS-CIPHER', reason: noVersion },
  // RFC 8446 §6.2: bad_certificate, certificate_unknown, unknown_ca
  ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: { code: 'TLS-NAME', reason: distrusted },
  ERR_SSL_SSL_TLS_ALERT_BAD_CERTIFICATE: { code: 'TLS-NAME', reason: distrusted },
  ERR_SSL_SSL_TLS_ALERT_CERTIFICATE_UNKNOWN: { code: 'TLS-NAME', reason: distrusted },
  ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN: { code: 'TLS-NAME', reason: distrusted },
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: { code: 'TLS-NAME', reason: distrusted },
}

export function handshakeFaultOf(error: unknown): HandshakeFault {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
  const known = faults[code.replaceAll('/', '_')]
  if (known) return known
  return { code: undefined, reason: error instanceof Error ? error.message : String(error) }
}
