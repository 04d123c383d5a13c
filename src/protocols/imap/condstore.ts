/** Conditional STORE: a client that has used it once gets MODSEQ in every flags response. RFC 7162 §3.1 */
import type { Peer } from './peer.ts'
import type { Authenticated, Selected } from './session.ts'

/** Returns whether that is new. The first command that enables it tells HIGHESTMODSEQ of a mailbox selected before (§3.1). */
export function enableCondstore(session: Authenticated | Selected, peer: Peer, options?: { quiet: boolean }): boolean {
  if (peer.enabled.condstore) return false
  peer.enabled.condstore = true
  if (session.kind === 'selected' && !options?.quiet)
    peer.output.write(`* OK [HIGHESTMODSEQ ${session.selected.view.modSeq}] Highest\r\n`)
  return true
}
