/** SASL mechanisms on this connection. RFC 9051 §6.2.2 */
import type { Peer } from './peer.ts'

export function mechanismsOffered(_peer: Peer): readonly string[] {
  return []
}
