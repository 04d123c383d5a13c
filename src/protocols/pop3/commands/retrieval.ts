import type { Command, Peer } from '../command.ts'
import { messageOf } from '../maildrop.ts'
import type { Transaction } from '../session.ts'
import { MultiLine } from '../syntax/multi-line.ts'
import type { Cut } from '../syntax/multi-line.ts'
import { octetsText, texts } from '../texts.ts'

/** RFC 1939 §5. \Seen is left alone: what a POP3 client fetches, nobody may have read. */
export const retr = {
  states: ['transaction'],
  run: (request, session, peer) => send(session, request.message, undefined, peer),
} satisfies Command<'retr', Transaction>

/** RFC 1939 §7 */
export const top = {
  states: ['transaction'],
  run: (request, session, peer) => send(session, request.message, { bodyLines: request.lines }, peer),
} satisfies Command<'top', Transaction>

async function send({ account, drop }: Transaction, number: number, cut: Cut, peer: Peer): Promise<undefined> {
  const message = messageOf(drop, number)
  if (!message) {
    peer.err(texts.noSuchMessage)
    return
  }
  const source = await account.message(message.emailId)
  if (!source) {
    peer.err(texts.gone)
    return
  }
  peer.ok(cut ? texts.topFollows : octetsText(message.sizeBytes))
  const lines = new MultiLine(cut)
  for await (const chunk of source.open()) {
    for (const piece of lines.take(chunk)) peer.write(piece)
    await peer.pause()
    if (lines.done && cut) break
  }
  for (const piece of lines.end()) peer.write(piece)
}
