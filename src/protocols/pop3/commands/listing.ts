import type { Text } from '#base/text.ts'
import type { Command, Peer } from '../command.ts'
import { linesAtOnce } from '../limits.ts'
import { messageOf, totalOf, uniqueId } from '../maildrop.ts'
import type { DropMessage, Maildrop } from '../maildrop.ts'
import type { Transaction } from '../session.ts'
import { texts, totalText } from '../texts.ts'

/** RFC 1939 §5 */
export const stat = {
  states: ['transaction'],
  run(_request, { drop }, peer) {
    const { count, sizeBytes } = totalOf(drop)
    peer.ok(`${count} ${sizeBytes}`)
    return undefined
  },
} satisfies Command<'stat', Transaction>

export const list = {
  states: ['transaction'],
  run(request, { drop }, peer) {
    const { count, sizeBytes } = totalOf(drop)
    return listing(drop, request.message, peer, totalText(count, sizeBytes), one => `${one.sizeBytes}`)
  },
} satisfies Command<'list', Transaction>

/** RFC 1939 §7 */
export const uidl = {
  states: ['transaction'],
  run: (request, { drop }, peer) => listing(drop, request.message, peer, undefined, one => uniqueId(drop, one)),
} satisfies Command<'uidl', Transaction>

async function listing(
  drop: Maildrop,
  number: number | undefined,
  peer: Peer,
  summary: Text | undefined,
  valueOf: (message: DropMessage) => string,
): Promise<undefined> {
  if (number !== undefined) {
    const message = messageOf(drop, number)
    if (message) peer.ok(`${number} ${valueOf(message)}`)
    else peer.err(texts.noSuchMessage)
    return
  }
  peer.ok(summary)
  let lines = ''
  for (const [index, message] of drop.messages.entries()) {
    if (!drop.deleted.has(index + 1)) lines += `${index + 1} ${valueOf(message)}\r\n`
    if ((index + 1) % linesAtOnce > 0) continue
    peer.write(lines)
    lines = ''
    await peer.pause()
  }
  peer.write(`${lines}.\r\n`)
}
