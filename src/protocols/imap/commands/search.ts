import { mailboxSelected, type Command } from '../command.ts'
import { enableCondstore } from '../condstore.ts'
import type { Peer } from '../peer.ts'
import { no, ok } from '../reply.ts'
import { charsetKnown, searchMailbox, type Found } from '../search/search.ts'
import type { Selected } from '../session.ts'
import type { SearchKey, SearchRequest } from '../syntax/request.ts'
import { printNumbers } from '../syntax/sequence-set.ts'

/** SEARCH. RFC 9051 §6.4.4, RFC 4731, RFC 7162 §3.1.5 */
export const search = {
  name: 'SEARCH',
  states: mailboxSelected,
  async run(request, session, peer, tag) {
    if (request.charset !== undefined && !charsetKnown(request.charset))
      return no('BADCHARSET (US-ASCII UTF-8)', 'This charset is not supported')
    const byModSeq = mentionsModSeq(request.key)
    if (byModSeq) enableCondstore(session, peer)
    const found = await searchMailbox(request, session, peer)
    if (request.give) writeExtended(request, found, { tag, byModSeq }, session, peer)
    else await writeNumbers(request, found, byModSeq, session, peer)
    return ok('SEARCH completed')
  },
} satisfies Command<'SEARCH', 'selected'>

function mentionsModSeq(key: SearchKey): boolean {
  if (key.key === 'NOT') return mentionsModSeq(key.of)
  if (key.key === 'AND' || key.key === 'OR') return key.of.some(mentionsModSeq)
  return key.key === 'MODSEQ'
}

function numberOf(request: SearchRequest, { selected }: Selected, index: number): number {
  return request.byUid ? selected.view.uid(index) : index + 1
}

/** `* SEARCH 2 84 882 (MODSEQ 917162500)` */
async function writeNumbers(
  request: SearchRequest,
  found: Found,
  byModSeq: boolean,
  session: Selected,
  { output }: Peer,
): Promise<void> {
  output.write('* SEARCH')
  let text = ''
  for (const index of found) {
    text += ` ${numberOf(request, session, index)}`
    if (text.length < 8192) continue
    output.write(text)
    text = ''
    if (output.isFull) await output.room()
  }
  output.write(text)
  if (byModSeq && found.length > 0) output.write(` (MODSEQ ${highestModSeq(found, session)})`)
  output.write('\r\n')
}

function highestModSeq(found: Found, { selected }: Selected): number {
  return found.reduce((highest, index) => Math.max(highest, selected.view.modSeqOf(index)), 0)
}

/** `* ESEARCH (TAG "A282") UID MIN 2 COUNT 3`. RFC 4731 §3.1, MODSEQ RFC 7162 §3.1.5 */
function writeExtended(
  request: SearchRequest,
  found: Found,
  how: { readonly tag: string; readonly byModSeq: boolean },
  session: Selected,
  { output }: Peer,
): void {
  const give = request.give ?? []
  const number = (index: number) => numberOf(request, session, index)
  const first = found[0]
  const last = found.at(-1)
  output.write(`* ESEARCH (TAG "${how.tag}")${request.byUid ? ' UID' : ''}`)
  if (first !== undefined && last !== undefined) {
    if (give.includes('MIN')) output.write(` MIN ${number(first)}`)
    if (give.includes('MAX')) output.write(` MAX ${number(last)}`)
    if (give.includes('ALL')) output.write(` ALL ${printNumbers(found.map(number))}`)
  }
  if (give.includes('COUNT')) output.write(` COUNT ${found.length}`)
  if (how.byModSeq && first !== undefined && last !== undefined) {
    const onlyEnds = !give.includes('ALL') && !give.includes('COUNT')
    const named = onlyEnds ? [...(give.includes('MIN') ? [first] : []), ...(give.includes('MAX') ? [last] : [])] : found
    output.write(` MODSEQ ${highestModSeq(named, session)}`)
  }
  output.write('\r\n')
}
