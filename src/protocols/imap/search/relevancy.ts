/** How well messages answer a FUZZY key. RFC 6203 §4: from 1 to 100, the best. */
import { utf8 } from '#base/bytes.ts'
import type { Peer } from '../peer.ts'
import { bad, Refused } from '../reply.ts'
import type { Selected } from '../session.ts'
import type { SearchKey, SearchRequest, SortRequest } from '../syntax/request.ts'
import { innerKeys, someKey } from '../syntax/search-keys.ts'
import { decoderFor } from './charset.ts'
import { fuzzyWords } from './fuzzy.ts'
import { searchMailbox, type Found } from './search.ts'

/** By index of the view; 0 for what was not found */
export type Scores = Uint8Array

type TextKey = Extract<SearchKey, { readonly text: Uint8Array }>
type Asked = Pick<SearchRequest, 'give' | 'charset' | 'key'> & Partial<Pick<SortRequest, 'program'>>

/** Texts that are scored: each is a search among what was found, and so is each of its words. */
const scoredTextLimit = 8

const best = 100

/** Whether scores are asked for; BAD when nothing is fuzzy. RFC 6203 §4, §6 */
export function wantsRelevancy({ give, program, key: searched }: Asked): boolean {
  const wanted = give?.includes('RELEVANCY') || program?.some(({ key }) => key === 'RELEVANCY') || false
  if (wanted && !someKey(searched, ({ key }) => key === 'FUZZY')) throw new Refused(bad('RELEVANCY needs a FUZZY key'))
  return wanted
}

/** `found` ascending. */
export async function scoresOf(
  found: Found,
  { charset, key }: Pick<Asked, 'charset' | 'key'>,
  session: Selected,
  peer: Peer,
): Promise<Scores> {
  const texts = fuzzyTexts(key, false).slice(0, scoredTextLimit)
  const { length } = session.selected.view
  const sums = new Uint16Array(length)
  const among = Uint32Array.from(found)
  for (const text of texts) await addScores(sums, text, { among, charset }, session, peer)
  const scores = new Uint8Array(length)
  for (const index of found) scores[index] = texts.length === 0 ? best : Math.round((sums[index] ?? 0) / texts.length)
  return scores
}

/** The whole text: 100. Otherwise by how many of its words are there as they stand. */
async function addScores(
  sums: Uint16Array,
  text: TextKey,
  { among, charset }: { readonly among: Uint32Array; readonly charset: string | undefined },
  session: Selected,
  peer: Peer,
): Promise<void> {
  const isWhole = new Uint8Array(sums.length)
  for (const index of await searchMailbox({ charset, key: text }, session, peer, among)) isWhole[index] = 1
  const words = fuzzyWords(decoderFor(charset ?? 'US-ASCII')?.(text.text) ?? '')
  const counts = new Uint8Array(sums.length)
  for (const word of words) {
    const key = { ...text, text: utf8(word) }
    for (const index of await searchMailbox({ charset: 'UTF-8', key }, session, peer, among))
      counts[index] = (counts[index] ?? 0) + 1
  }
  for (const index of among) {
    const part = (counts[index] ?? 0) / words.length
    sums[index] = (sums[index] ?? 0) + (isWhole[index] === 1 ? best : 1 + Math.floor((best - 2) * part))
  }
}

/** What is looked for fuzzily: below NOT nothing is. */
function fuzzyTexts(key: SearchKey, fuzzy: boolean): readonly TextKey[] {
  if ('text' in key) return fuzzy ? [key] : []
  if (key.key === 'NOT') return []
  return innerKeys(key).flatMap(inner => fuzzyTexts(inner, fuzzy || key.key === 'FUZZY'))
}
