import { loggedIn, type Command } from '../command.ts'
import { enableCondstore } from '../condstore.ts'
import { ok } from '../reply.ts'

/** ENABLE: names we do not know are passed over; only what changed is told. RFC 5161 §3.1 */
export const enable = {
  name: 'ENABLE',
  states: loggedIn,
  run({ capabilities }, session, peer) {
    const changed: string[] = []
    if (capabilities.includes('QRESYNC') && !peer.enabled.qresync) changed.push('QRESYNC')
    const wanted = capabilities.includes('CONDSTORE') || changed.length > 0
    if (wanted && enableCondstore(session, peer, { quiet: true })) changed.push('CONDSTORE')
    // RFC 7162 §3.2.3: implies CONDSTORE
    if (changed.includes('QRESYNC')) peer.enabled.qresync = true
    // RFC 5464 §4.1
    if (capabilities.includes('METADATA') && peer.listen(session.account).enableMetadata()) changed.push('METADATA')
    peer.output.write(`* ${['ENABLED', ...changed.filter(name => capabilities.includes(name))].join(' ')}\r\n`)
    return ok('ENABLE completed')
  },
} satisfies Command<'ENABLE', 'authenticated' | 'selected'>
