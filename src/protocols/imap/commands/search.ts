import { mailboxSelected, type Command } from '../command.ts'
import { enableCondstore } from '../condstore.ts'
import { ok } from '../reply.ts'
import { followed } from '../search/follow.ts'
import { scoresOf, wantsRelevancy, type Scores } from '../search/relevancy.ts'
import { mentionsModSeq, savingNothingOnFailure, writeResults } from '../search/results.ts'
import { searchMailbox } from '../search/search.ts'

/** SEARCH. RFC 9051 §6.4.4, RFC 4731, RFC 5182, RFC 5267 §4, RFC 7162 §3.1.5 */
export const search = {
  name: 'SEARCH',
  states: mailboxSelected,
  async run(request, session, peer, tag) {
    if (mentionsModSeq(request.key)) enableCondstore(session, peer)
    const scored = wantsRelevancy(request)
    let scores: Scores | undefined
    const work = { tag, goal: session.selected.view.length, phases: scored ? 2 : 1 }
    const find = () =>
      savingNothingOnFailure(request, session, async () => {
        const found = await searchMailbox(request, session, peer)
        peer.progress.nextPhase()
        scores = scored ? await scoresOf(found, request, session, peer) : undefined
        return found
      })
    const found = await followed(request, tag, session, peer, () => peer.progress.during(work, find))
    await writeResults({ ...request, scores }, found, tag, session, peer)
    return ok('SEARCH completed')
  },
} satisfies Command<'SEARCH', 'selected'>
