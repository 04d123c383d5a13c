import type { Mailbox } from '#mail/account.ts'
import { loggedIn, type Command } from '../command.ts'
import { enableCondstore } from '../condstore.ts'
import { filteredMailboxes } from '../mailbox-filter.ts'
import type { Peer } from '../peer.ts'
import { bad, ok } from '../reply.ts'
import { followed } from '../search/follow.ts'
import { scoresOf, wantsRelevancy } from '../search/relevancy.ts'
import { mentionsModSeq, savingNothingOnFailure, writeResults } from '../search/results.ts'
import { searchMailbox } from '../search/search.ts'
import { SelectedMailbox } from '../selected-mailbox.ts'
import { selected as selectedIn, type Authenticated, type Selected } from '../session.ts'
import type { ESearchRequest } from '../syntax/request.ts'
import { printMailbox } from '../syntax/print.ts'

/** ESEARCH: several mailboxes, by UID, without leaving the one that is selected. RFC 7377 §2 */
export const esearch = {
  name: 'ESEARCH',
  states: loggedIn,
  async run(request, session, peer, tag) {
    const wrong = problem(request, session)
    if (wrong !== undefined) return bad(wrong)
    wantsRelevancy(request)
    if (mentionsModSeq(request.key)) enableCondstore(session, peer)
    const mailboxes = await sources(request, session)
    const goal = mailboxes.reduce((sum, { messages }) => sum + messages, 0)
    await peer.progress.during({ tag, goal, phases: mailboxes.length }, async () => {
      for (const mailbox of mailboxes) {
        if (session.kind === 'selected' && mailbox.id === session.selected.mailbox.id)
          await searchSelected(request, session, peer, tag)
        else await searchOther(request, mailbox, session, peer, tag)
        peer.progress.nextPhase()
      }
    })
    const isUnfollowed = request.give.includes('UPDATE') && !selects(request)
    if (isUnfollowed) peer.output.write(`* NO [NOUPDATE "${tag}"] Only the selected mailbox is followed\r\n`)
    return ok('ESEARCH completed')
  },
} satisfies Command<'ESEARCH', 'authenticated' | 'selected'>

/** RFC 7377 §2.2 */
function problem(request: ESearchRequest, session: Authenticated | Selected): string | undefined {
  if (session.kind !== 'selected' && (selects(request) || request.give.includes('UPDATE')))
    return 'No mailbox is selected'
  if (request.give.includes('SAVE') && !request.sources.every(({ filter }) => filter === 'SELECTED'))
    return 'SAVE is for the selected mailbox alone'
  return undefined
}

function selects({ sources: filters }: ESearchRequest): boolean {
  return filters.some(({ filter }) => filter === 'SELECTED')
}

async function sources(request: ESearchRequest, session: Authenticated | Selected): Promise<readonly Mailbox[]> {
  const selected = session.kind === 'selected' ? session.selected.mailbox.id : undefined
  return filteredMailboxes(request.sources, await session.account.mailboxes(), selected)
}

/** As the session sees it. */
async function searchSelected(request: ESearchRequest, session: Selected, peer: Peer, tag: string): Promise<void> {
  const correlator = correlatorOf(session.selected, tag, peer)
  const asked = { ...request, name: 'SEARCH', byUid: true, correlator } as const
  const found = await followed(asked, tag, session, peer, () =>
    savingNothingOnFailure(asked, session, () => searchMailbox(request, session, peer)),
  )
  const scores = wantsRelevancy(request) ? await scoresOf(found, request, session, peer) : undefined
  await writeResults({ ...asked, scores }, found, tag, session, peer)
}

/** As it is now. One that has gone since it was listed has nothing to answer. */
async function searchOther(
  request: ESearchRequest,
  mailbox: Mailbox,
  session: Authenticated | Selected,
  peer: Peer,
  tag: string,
): Promise<void> {
  const { account } = session
  const view = await account.open(mailbox.id)
  if (!view) return
  using box = new SelectedMailbox(account, mailbox, view, true, await account.keywordNames())
  const there = selectedIn(session, box)
  const found = await searchMailbox(request, there, peer)
  const scores = wantsRelevancy(request) ? await scoresOf(found, request, there, peer) : undefined
  const asked = { ...request, name: 'SEARCH', byUid: true, correlator: correlatorOf(box, tag, peer), scores } as const
  await writeResults(asked, found, tag, there, peer)
}

/** RFC 7377 §2.1 */
function correlatorOf({ mailbox, view }: SelectedMailbox, tag: string, { enabled }: Peer): string {
  return `TAG "${tag}" MAILBOX ${printMailbox(mailbox.name, enabled)} UIDVALIDITY ${view.uidValidity}`
}
