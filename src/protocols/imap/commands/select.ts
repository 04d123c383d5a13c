import { loggedIn, type Command } from '../command.ts'
import { enableCondstore } from '../condstore.ts'
import type { Peer } from '../peer.ts'
import { no, type Reply } from '../reply.ts'
import { SelectedMailbox } from '../selected-mailbox.ts'
import { deselected, selected, type Authenticated, type Selected } from '../session.ts'
import { seenFlag } from '#mail/account.ts'
import { printMailboxId } from '#mail/object-ids.ts'
import type { RequestNamed } from '../syntax/request.ts'

/** SELECT: whatever was selected is left first, even when the new mailbox cannot be opened. RFC 9051 §6.3.2 */
export const select = {
  name: 'SELECT',
  states: loggedIn,
  run: (request, session, peer) => open(request, session, peer, false),
} satisfies Command<'SELECT', 'authenticated' | 'selected'>

/** EXAMINE: the same, read-only. RFC 9051 §6.3.3 */
export const examine = {
  name: 'EXAMINE',
  states: loggedIn,
  run: (request, session, peer) => open(request, session, peer, true),
} satisfies Command<'EXAMINE', 'authenticated' | 'selected'>

async function open(
  request: RequestNamed<'SELECT'>,
  session: Authenticated | Selected,
  peer: Peer,
  readOnly: boolean,
): Promise<Reply> {
  const { account } = session
  const mailbox = await account.mailboxNamed(request.mailbox)
  const view = mailbox && (await account.open(mailbox.id))
  if (!mailbox || !view) return { ...no('NONEXISTENT', 'No such mailbox'), next: deselected(session) }
  const box = new SelectedMailbox(account, mailbox, view, readOnly, await account.keywordNames())
  if (request.condstore) enableCondstore(deselected(session), peer)
  // RFC 7162 §3.2.11: the line between responses about the old mailbox and the new
  if (session.kind === 'selected') peer.output.write('* OK [CLOSED] The previous mailbox is closed\r\n')
  writeSummary(box, peer)
  const code = readOnly ? 'READ-ONLY' : 'READ-WRITE'
  return { status: 'OK', code, text: `${request.name} completed`, next: selected(session, box) }
}

function writeSummary(box: SelectedMailbox, { output }: Peer): void {
  const { view } = box
  output.write(box.flagsResponse())
  output.write(`* OK [PERMANENTFLAGS ${box.permanentFlags()}] Flags that stay\r\n`)
  output.write(`* ${view.length} EXISTS\r\n* 0 RECENT\r\n`)
  const unseen = firstUnseen(box)
  if (unseen > 0) output.write(`* OK [UNSEEN ${unseen}] First unseen\r\n`)
  output.write(`* OK [UIDVALIDITY ${view.uidValidity}] UIDs are valid\r\n`)
  output.write(`* OK [UIDNEXT ${view.uidNext}] Predicted next UID\r\n`)
  output.write(`* OK [HIGHESTMODSEQ ${view.modSeq}] Highest\r\n`)
  // RFC 8474 §4.2
  output.write(`* OK [MAILBOXID (${printMailboxId(box.mailbox.id)})] Stays with the mailbox\r\n`)
}

/** Message number, 0 when all are seen. */
function firstUnseen({ view }: SelectedMailbox): number {
  for (let index = 0; index < view.length; index += 1) if ((view.flags(index) & seenFlag) === 0) return index + 1
  return 0
}
