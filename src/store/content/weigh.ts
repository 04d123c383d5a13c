/** What an account knows of a message, from its junk.db. */
import type { Examination } from '#formats/content/evidence.ts'
import { likenessOf } from '#formats/content/probability.ts'
import { tokenHash } from '#formats/content/tokens.ts'
import type { Database } from '../sqlite.ts'
import { addressHash, domainHash } from './learn.ts'
import type { Judged, SenderKnown } from './operations.ts'
import { isCorrespondent, type JunkState, readCounts } from './tables.ts'

type Weighed = Extract<Judged, { missing: false }>

export function weighTokens(junk: Database, state: JunkState, { tokens }: Examination): Weighed['learnt'] {
  if (state.junk + state.ham === 0) return undefined
  const hashes = tokens.map(token => tokenHash(token, state.seed))
  const known = readCounts(junk, 'token', hashes)
  const counts = hashes.map(hash => known.get(hash) ?? { junk: 0, ham: 0 })
  const { likeness, confidence, telling } = likenessOf(counts, state)
  const words = telling.flatMap(index => wordOf(tokens[index] ?? ''))
  return { likeness, confidence, words, junk: state.junk, ham: state.ham }
}

/** As a person would read it: without the sign of its zone. */
function wordOf(token: string): string[] {
  const word = token.replace(/^(?:[a-z]:)+(?:[a-z-]+:)?/, '')
  return /^[#~-]|\//.test(word) || word.length < 2 ? [] : [word]
}

export const unknownSender: SenderKnown = {
  correspondent: false,
  junk: 0,
  ham: 0,
  domainJunk: 0,
  domainHam: 0,
  knowsOthers: false,
}

export function weighSender(junk: Database, state: JunkState, { from }: Examination): SenderKnown {
  const knowsOthers = state.learnt > 0
  if (!from) return { ...unknownSender, knowsOthers }
  const address = addressHash(from.address, state.seed)
  const domain = domainHash(from.domain, state.seed)
  const counts = readCounts(junk, 'sender', [address, domain])
  const own = counts.get(address)
  const all = counts.get(domain)
  return {
    correspondent: isCorrespondent(junk, address),
    junk: own?.junk ?? 0,
    ham: own?.ham ?? 0,
    domainJunk: all?.junk ?? 0,
    domainHam: all?.ham ?? 0,
    knowsOthers,
  }
}
