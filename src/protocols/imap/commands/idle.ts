import { loggedIn, type Command } from '../command.ts'
import { bad, ok, okAnd } from '../reply.ts'
import { gone } from '../session.ts'
import { Teller } from '../teller.ts'
import { asciiText } from '#base/bytes.ts'

/** IDLE: news are told as they come, until DONE. No timer but the deadline of the read. RFC 9051 §6.3.13 */
export const idle = {
  name: 'IDLE',
  states: loggedIn,
  async run(_request, session, peer) {
    const line = peer.ask('idling')
    const teller = new Teller(session, peer, { expunges: true })
    const done = await line.finally(() => teller.stop())
    if (done === undefined) return okAnd(gone(), 'IDLE ended')
    return asciiText(done).toUpperCase() === 'DONE' ? ok('IDLE completed') : bad('Expected DONE')
  },
} satisfies Command<'IDLE', 'authenticated' | 'selected'>
