import { loggedIn, type Command } from '../command.ts'
import { enableCondstore } from '../condstore.ts'
import { tellListed } from '../list-response.ts'
import { flagsFetch } from '../flag-responses.ts'
import type { Peer } from '../peer.ts'
import { intactTo, writeVanishedSince } from '../qresync.ts'
import { bad, no, type Reply } from '../reply.ts'
import { SelectedMailbox } from '../selected-mailbox.ts'
import { deselected, selected, type Authenticated, type Selected } from '../session.ts'
import { seenFlag } from '#mail/account.ts'
import { printMailboxId } from '#mail/object-ids.ts'
import type { RequestNamed, Resync } from '../syntax/request.ts'

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
  // RFC 7162 §3.2.5
  if (request.resync && !peer.enabled.qresync) return bad('QRESYNC has not been enabled')
  // RFC 7162 §3.2.11: the line between responses about the old mailbox and the new
  if (session.kind === 'selected') peer.output.write('* OK [CLOSED] The previous mailbox is closed\r\n')
  const mailbox = await account.mailboxNamed(request.mailbox)
  const view = mailbox && (await account.open(mailbox.id))
  if (!mailbox || !view) return { ...no('NONEXISTENT', 'No such mailbox'), next: deselected(session) }
  const box = new SelectedMailbox(account, mailbox, view, readOnly, await account.keywordNames())
  if (request.condstore) enableCondstore(deselected(session), peer)
  writeSummary(box, peer)
  await tellListed(mailbox.name, request.oldName, account, peer)
  try {
    if (request.resync) await resynchronize(box, request.resync, peer)
  } catch (error) {
    box[Symbol.dispose]()
    throw error
  }
  const code = readOnly ? 'READ-ONLY' : 'READ-WRITE'
  return { status: 'OK', code, text: `${request.name} completed`, next: selected(session, box) }
}

/** What has changed since the client was here: nothing can be said when the UIDs are others. RFC 7162 §3.2.5 */
async function resynchronize(box: SelectedMailbox, resync: Resync, { output, enabled }: Peer): Promise<void> {
  const { view } = box
  if (resync.uidValidity !== view.uidValidity) return
  const known = resync.known ?? [{ first: 1, last: Math.max(1, view.uidNext - 1) }]
  await writeVanishedSince(box, known, resync.modSeq, output, intactTo(box, resync.matches))
  for (const { start, end } of box.resolve(known, true))
    for (let index = start; index < end; index += 1)
      if (view.modSeqOf(index) > resync.modSeq) {
        output.write(flagsFetch(box, index, { withUid: true, condstore: true, uidOnly: enabled.uidOnly }))
        if (output.isFull) await output.room()
      }
}

/** RFC 9051 has neither RECENT nor UNSEEN. */
function writeSummary(box: SelectedMailbox, { output, enabled }: Peer): void {
  const { view } = box
  output.write(box.flagsResponse())
  output.write(`* OK [PERMANENTFLAGS ${box.permanentFlags()}] Flags that stay\r\n`)
  output.write(`* ${view.length} EXISTS\r\n${enabled.rev2 ? '' : '* 0 RECENT\r\n'}`)
  // RFC 9586 §3: a number
  const unseen = enabled.rev2 || enabled.uidOnly ? 0 : firstUnseen(box)
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
