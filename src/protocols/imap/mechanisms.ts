/** SASL mechanisms on this connection. RFC 9051 §6.2.2 */
import { channelBindingOf, type ChannelBinding } from '../sasl/channel-binding.ts'
import { offeredMechanisms } from '../sasl/mechanisms.ts'
import type { Peer } from './peer.ts'

export function channelBinding({ tls }: Peer): ChannelBinding | undefined {
  return tls && channelBindingOf(tls, 'server')
}

/** Best first; none where passwords must not cross. */
export function mechanismsOffered(peer: Peer): readonly string[] {
  if (!peer.mayLogIn) return []
  return offeredMechanisms({
    tls: peer.tls !== undefined,
    scramReady: hash => peer.authenticator.scramReady(hash),
    channelBinding: channelBinding(peer),
    plaintextAllowed: peer.mayLogIn,
  })
}
