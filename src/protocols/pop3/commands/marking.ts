import type { Command } from '../command.ts'
import { messageOf, totalOf } from '../maildrop.ts'
import type { Transaction } from '../session.ts'
import { marked, texts, totalText } from '../texts.ts'

/** RFC 1939 §5: marked only; QUIT removes. */
export const dele = {
  states: ['transaction'],
  run(request, { drop }, peer) {
    if (!messageOf(drop, request.message)) {
      peer.err(texts.noSuchMessage)
      return undefined
    }
    drop.deleted.add(request.message)
    peer.ok(marked(request.message))
    return undefined
  },
} satisfies Command<'dele', Transaction>

export const rset = {
  states: ['transaction'],
  run(_request, { drop }, peer) {
    drop.deleted.clear()
    const { count, sizeBytes } = totalOf(drop)
    peer.ok(totalText(count, sizeBytes))
    return undefined
  },
} satisfies Command<'rset', Transaction>

export const noop = {
  states: ['transaction'],
  run(_request, _session, peer) {
    peer.ok()
    return undefined
  },
} satisfies Command<'noop', Transaction>
