import { mailboxSelected, type Command } from '../command.ts'
import { enableCondstore } from '../condstore.ts'
import { ok } from '../reply.ts'
import { followed } from '../search/follow.ts'
import { scoresOf, wantsRelevancy } from '../search/relevancy.ts'
import { mentionsModSeq, savingNothingOnFailure, writeResults } from '../search/results.ts'
import { searchMailbox } from '../search/search.ts'

/** SEARCH. RFC 9051 §6.4.4, RFC 4731, RFC 5182, RFC 5267 §4, RFC 7162 §3.1.5 */
export const search = {
  name: 'SEARCH',
  states: mailboxSelected,
  async run(request, session, peer, tag) {
    if (mentionsModSeq(request.key)) enableCondstore(session, peer)
    const scored = wantsRelevancy(request)
    const found = await followed(request, tag, session, peer, () =>
      savingNothingOnFailure(request, session, () => searchMailbox(request, session, peer)),
    )
    const scores = scored ? await scoresOf(found, request, session, peer) : undefined
    await writeResults({ ...request, scores }, found, tag, session, peer)
    return ok('SEARCH completed')
  },
} satisfies Command<'SEARCH', 'selected'>
