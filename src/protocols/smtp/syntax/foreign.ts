/** Peers that came to the wrong port speak first in their own tongue: told apart by the first octets. */

export type ForeignSpeech = 'tls' | 'http'

const httpVerb = /^(?:GET|POST|PUT|HEAD|OPTIONS|DELETE|CONNECT|PATCH|TRACE|PRI) /

export function foreignSpeech(first: Uint8Array): ForeignSpeech | undefined {
  // TLS record: handshake (22), version 3.x. RFC 8446 §5.1
  if (first[0] === 0x16 && (first.length < 2 || first[1] === 0x03)) return 'tls'
  const start = Buffer.from(first.buffer, first.byteOffset, Math.min(first.length, 10)).toString('latin1')
  return httpVerb.test(start) ? 'http' : undefined
}
