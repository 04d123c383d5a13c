/** Names for what is offered, never a hand-typed list: two RSA suites beside an ECDSA certificate once locked every phone out. */
import { constants } from 'node:crypto'
import type { SecureContextOptions } from 'node:tls'

export type TlsPolicy = 'intermediate' | 'modern'

const tls13Suites = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']
/** Forward secrecy and AEAD only, for either kind of certificate. RFC 7525 §4.2 */
const tls12Suites = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
]

export function policyOptions(policy: TlsPolicy): SecureContextOptions {
  const suites = policy === 'modern' ? tls13Suites : [...tls13Suites, ...tls12Suites]
  return {
    minVersion: policy === 'modern' ? 'TLSv1.3' : 'TLSv1.2',
    maxVersion: 'TLSv1.3',
    ciphers: suites.join(':'),
    // The client knows whether it computes AES or ChaCha20 faster. RFC 5746: no renegotiation.
    honorCipherOrder: false,
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_COMPRESSION,
  }
}
