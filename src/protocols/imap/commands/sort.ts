import { mailboxSelected, type Command } from '../command.ts'
import { enableCondstore } from '../condstore.ts'
import { sortFound } from '../order/sort-found.ts'
import { ok } from '../reply.ts'
import { followed } from '../search/follow.ts'
import { scoresOf, wantsRelevancy, type Scores } from '../search/relevancy.ts'
import { mentionsModSeq, savingNothingOnFailure, writeResults } from '../search/results.ts'
import { searchMailbox } from '../search/search.ts'

/** SORT. RFC 5256 §3, RFC 5957, RETURN RFC 5267 §3 and §4, RELEVANCY RFC 6203 §6 */
export const sort = {
  name: 'SORT',
  states: mailboxSelected,
  async run(request, session, peer, tag) {
    if (mentionsModSeq(request.key)) enableCondstore(session, peer)
    const scored = wantsRelevancy(request)
    let scores: Scores | undefined
    const work = { tag, goal: session.selected.view.length, phases: 2 }
    const find = () =>
      savingNothingOnFailure(request, session, async () => {
        const unsorted = await searchMailbox(request, session, peer)
        peer.progress.nextPhase()
        scores = scored ? await scoresOf(unsorted, request, session, peer) : undefined
        return await sortFound(unsorted, request.program, session, peer, scores)
      })
    const found = await followed(request, tag, session, peer, () => peer.progress.during(work, find))
    await writeResults({ ...request, scores }, found, tag, session, peer)
    return ok('SORT completed')
  },
} satisfies Command<'SORT', 'selected'>
