import { noSuchMessage, ok } from '../command.ts'
import type { Command } from '../command.ts'
import { messageOf, totalOf } from '../maildrop.ts'
import type { Transaction } from '../session.ts'

/** RFC 1939 §5: marked only; QUIT removes. */
export const dele = {
  states: ['transaction'],
  run(request, { drop }, peer) {
    if (!messageOf(drop, request.message)) {
      peer.write(noSuchMessage)
      return undefined
    }
    drop.deleted.add(request.message)
    peer.write(ok(`Message ${request.message} is marked`))
    return undefined
  },
} satisfies Command<'dele', Transaction>

export const rset = {
  states: ['transaction'],
  run(_request, { drop }, peer) {
    drop.deleted.clear()
    const { count, sizeBytes } = totalOf(drop)
    peer.write(ok(`${count} messages (${sizeBytes} octets)`))
    return undefined
  },
} satisfies Command<'rset', Transaction>

export const noop = {
  states: ['transaction'],
  run(_request, _session, peer) {
    peer.write(ok())
    return undefined
  },
} satisfies Command<'noop', Transaction>
