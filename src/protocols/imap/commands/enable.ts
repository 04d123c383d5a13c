import { loggedIn, type Command } from '../command.ts'
import { enableCondstore } from '../condstore.ts'
import type { Contexts } from '../contexts.ts'
import type { Peer } from '../peer.ts'
import { ok } from '../reply.ts'
import type { Authenticated, Selected } from '../session.ts'

/** ENABLE: names that are not offered are passed over; only what changed is told. RFC 9051 §6.3.1 */
export const enable = {
  name: 'ENABLE',
  states: loggedIn,
  run({ capabilities }, session, peer) {
    const offered = new Set(peer.capabilities('authenticated').split(' '))
    const wanted = enabling.filter(({ name }) => capabilities.includes(name.toUpperCase()))
    const changed = wanted.filter(({ name, turnOn }) => offered.has(name) && turnOn(peer, session))
    peer.output.write(`* ${['ENABLED', ...changed.map(({ name }) => name)].join(' ')}\r\n`)
    return ok('ENABLE completed')
  },
} satisfies Command<'ENABLE', 'authenticated' | 'selected'>

type Enabling = {
  readonly name: string
  /** Returns whether that is new. */
  turnOn(peer: Peer, session: Authenticated | Selected): boolean
}

const enabling: readonly Enabling[] = [
  { name: 'CONDSTORE', turnOn: (peer, session) => enableCondstore(session, peer, { quiet: true }) },
  {
    name: 'QRESYNC',
    turnOn(peer, session) {
      // RFC 7162 §3.2.3: implies CONDSTORE
      enableCondstore(session, peer, { quiet: true })
      return isNew(peer, 'qresync')
    },
  },
  // RFC 5464 §4.1
  { name: 'METADATA', turnOn: (peer, session) => peer.listen(session.account).enableMetadata() },
  { name: 'IMAP4rev2', turnOn: peer => isNew(peer, 'rev2') },
  {
    name: 'UIDONLY',
    turnOn(peer, session) {
      if (session.kind === 'selected') endNumbered(session.selected.contexts, peer)
      return isNew(peer, 'uidOnly')
    },
  },
  { name: 'UTF8=ACCEPT', turnOn: peer => isNew(peer, 'utf8Accept') },
]

/** Searches by number can be followed no longer. */
function endNumbered(contexts: Contexts, { output }: Peer): void {
  for (const [tag, { byUid }] of contexts) {
    if (byUid) continue
    contexts.delete(tag)
    output.write(`* NO [NOUPDATE "${tag}"] Message numbers are not used with UIDONLY\r\n`)
  }
}

function isNew({ enabled }: Peer, what: keyof Peer['enabled']): boolean {
  if (enabled[what]) return false
  enabled[what] = true
  return true
}
