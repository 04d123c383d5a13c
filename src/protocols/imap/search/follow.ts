/** RETURN (UPDATE): the result of a search is followed from here on, or that is refused. RFC 5267 §4.3 */
import { contextLimit } from '../limits.ts'
import type { Peer } from '../peer.ts'
import { bad, Refused } from '../reply.ts'
import type { Selected } from '../session.ts'
import type { SearchKey } from '../syntax/request.ts'
import { innerKeys } from '../syntax/search-keys.ts'
import { savedResult, star, type SequenceSet } from '../syntax/sequence-set.ts'
import { SearchContext, type Followed } from './context.ts'
import type { Found } from './search.ts'

/** Searches; with UPDATE also keeps what was found, so that `tellNews` tells what comes and goes. */
export async function followed(
  request: Followed,
  tag: string,
  session: Selected,
  peer: Peer,
  search: () => Promise<Found>,
): Promise<Found> {
  if (!request.give?.includes('UPDATE')) return await search()
  const { contexts } = session.selected
  // §4.3: the tag is what updates are told by
  if (contexts.has(tag)) throw new Refused(bad('Tag reuse'))
  const found = await search()
  const refusal = contexts.size >= contextLimit ? 'Too many contexts' : (unordered(request) ?? unsteady(request.key))
  if (refusal === undefined) contexts.set(tag, new SearchContext(request, tag, found, session, peer))
  else peer.output.write(`* NO [NOUPDATE "${tag}"] ${refusal}\r\n`)
  return found
}

/** Scores are not kept. */
function unordered(request: Followed): string | undefined {
  const byScore = request.name === 'SORT' && request.program.some(({ key }) => key === 'RELEVANCY')
  return byScore ? 'The order by relevancy is not followed' : undefined
}

/**
 * What is found by a message's place, by the clock or by an earlier result changes when nothing happens to the message, and so
 * cannot be followed message by message. §4.3.1 lets a server refuse.
 */
function unsteady(key: SearchKey): string | undefined {
  const [inner] = innerKeys(key).flatMap(part => unsteady(part) ?? [])
  if (inner !== undefined) return inner
  if (key.key === 'OLDER' || key.key === 'YOUNGER') return 'The result changes with time'
  if (!('set' in key) || isWhole(key.set)) return undefined
  if (key.set === savedResult || key.key === 'SEQUENCE' || key.set.some(hasStar))
    return 'The result changes with others'
  return undefined
}

function isWhole(set: SequenceSet): boolean {
  const [range, more] = set === savedResult ? [] : set
  return range !== undefined && more === undefined && Math.min(range.first, range.last) === 1 && hasStar(range)
}

function hasStar({ first, last }: { readonly first: number; readonly last: number }): boolean {
  return first === star || last === star
}
