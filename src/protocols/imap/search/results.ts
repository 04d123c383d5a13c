/** What SEARCH and SORT say of the messages they found, in the order in which they were found. RFC 4731 §3, RFC 5267 §3 */
import { rowNumbers } from '../limits.ts'
import { numberRow } from '../number-row.ts'
import type { Peer } from '../peer.ts'
import { Refused } from '../reply.ts'
import type { Selected } from '../session.ts'
import type { SearchKey, SearchReturn } from '../syntax/request.ts'
import { positionsIn, printResultRange, type ResultRange } from '../syntax/result-range.ts'
import { someKey } from '../syntax/search-keys.ts'
import { printNumbers } from '../syntax/sequence-set.ts'
import type { Scores } from './relevancy.ts'
import type { Found } from './search.ts'

export type Asked = {
  readonly name: 'SEARCH' | 'SORT'
  readonly byUid: boolean
  readonly give: readonly SearchReturn[] | undefined
  readonly partial: ResultRange | undefined
  readonly key: SearchKey
  /** Of an ESEARCH command, which says nothing where it finds nothing (RFC 7377 §2.1) */
  readonly correlator?: string
  /** When RELEVANCY is asked for, of all that was found */
  readonly scores?: Scores | undefined
}

export async function writeResults(
  asked: Asked,
  found: Found,
  tag: string,
  session: Selected,
  peer: Peer,
): Promise<void> {
  // RFC 9051 §6.4.4: without RETURN as with RETURN (ALL)
  const give = asked.give ?? (peer.enabled.rev2 && asked.name === 'SEARCH' ? ['ALL' as const] : undefined)
  if (give?.includes('SAVE')) session.selected.save(ascending(namedBy({ give, partial: asked.partial }, found)))
  if (give) writeExtended({ ...asked, give }, found, tag, session, peer)
  else await writeNumbers(asked, found, session, peer)
}

/** RFC 5182 §2.1: after NO there is nothing in `$`; BAD leaves it as it was. */
export async function savingNothingOnFailure<Result>(
  { give }: Asked,
  { selected }: Selected,
  act: () => Promise<Result>,
): Promise<Result> {
  try {
    return await act()
  } catch (error) {
    const isBad = error instanceof Refused && error.reply.status === 'BAD'
    if (give?.includes('SAVE') && !isBad) selected.save([])
    throw error
  }
}

export function mentionsModSeq(key: SearchKey): boolean {
  return someKey(key, inner => inner.key === 'MODSEQ')
}

type Named = { readonly give: readonly SearchReturn[]; readonly partial: ResultRange | undefined }

/** Only the ends and the page, when nothing else is asked for: for `$` (RFC 5182 §2.4, RFC 9394 §3.2) and for MODSEQ (RFC 7162 §3.1.10). */
function namedBy({ give, partial }: Named, found: Found): Found {
  const first = found[0]
  const last = found.at(-1)
  if (first === undefined || last === undefined || give.includes('ALL') || give.includes('COUNT')) return found
  const ends = [...(give.includes('MIN') ? [first] : []), ...(give.includes('MAX') ? [last] : [])]
  if (partial) return [...ends, ...pageOf(partial, found)]
  return ends.length > 0 ? ends : found
}

function pageOf(partial: ResultRange, found: Found): Found {
  const { start, end } = positionsIn(partial, found.length)
  return found.slice(start, end)
}

function ascending(found: Found): Iterable<number> {
  return new Set(Uint32Array.from(found).sort())
}

/** `* SEARCH 2 84 882 (MODSEQ 917162500)` */
async function writeNumbers(asked: Asked, found: Found, session: Selected, { output }: Peer): Promise<void> {
  output.write(`* ${asked.name}`)
  for (let from = 0; from < found.length; from += rowNumbers) {
    const row = found.slice(from, from + rowNumbers).map(index => numberOf(asked, session, index))
    output.write(numberRow(row, 0, row.length))
    if (output.isFull) await output.room()
  }
  if (found.length > 0 && mentionsModSeq(asked.key)) output.write(` (MODSEQ ${highestModSeq(found, session)})`)
  output.write('\r\n')
}

/** `* ESEARCH (TAG "A282") UID MIN 2 COUNT 3`. RFC 4731 §3.1, MODSEQ RFC 7162 §3.1.5 */
function writeExtended(
  asked: Asked & { readonly give: readonly SearchReturn[] },
  found: Found,
  tag: string,
  session: Selected,
  { output }: Peer,
): void {
  const { give, partial } = asked
  // RFC 5182 §1: SAVE by itself has no answer
  if (!partial && give.includes('SAVE') && give.every(option => silent.has(option))) return
  if (asked.correlator !== undefined && found.length === 0) return
  const number = (index: number) => numberOf(asked, session, index)
  const first = found[0]
  const last = found.at(-1)
  output.write(`* ESEARCH (${asked.correlator ?? `TAG "${tag}"`})${asked.byUid ? ' UID' : ''}`)
  if (first !== undefined && last !== undefined) {
    if (give.includes('MIN')) output.write(` MIN ${number(first)}`)
    if (give.includes('MAX')) output.write(` MAX ${number(last)}`)
    if (give.includes('ALL')) output.write(` ALL ${printNumbers(found.map(number))}`)
  }
  if (partial) {
    const page = printNumbers(pageOf(partial, found).map(number)) || 'NIL'
    output.write(` PARTIAL (${printResultRange(partial)} ${page})`)
  }
  // RFC 6203 §4, §6: in the order of the messages that are named, page or all
  const told = partial ? pageOf(partial, found) : found
  if (give.includes('RELEVANCY'))
    output.write(` RELEVANCY (${told.map(index => asked.scores?.[index] ?? 1).join(' ')})`)
  if (give.includes('COUNT')) output.write(` COUNT ${found.length}`)
  if (found.length > 0 && mentionsModSeq(asked.key))
    output.write(` MODSEQ ${highestModSeq(namedBy({ give, partial }, found), session)}`)
  output.write('\r\n')
}

/** They change nothing about what is answered. */
const silent: ReadonlySet<SearchReturn> = new Set(['SAVE', 'CONTEXT', 'UPDATE'])

function numberOf({ byUid }: Asked, { selected }: Selected, index: number): number {
  return byUid ? selected.view.uid(index) : index + 1
}

function highestModSeq(found: Found, { selected }: Selected): number {
  return found.reduce((highest, index) => Math.max(highest, selected.view.modSeqOf(index)), 0)
}
