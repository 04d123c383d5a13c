/** One letter's tokens and sender counted, or taken back. */
import type { Examination } from '#formats/content/evidence.ts'
import { ownedName } from '#formats/content/hosts.ts'
import { tokenHash } from '#formats/content/tokens.ts'
import type { Database } from '../sqlite.ts'
import { age, changeCounts, type JunkState, trim } from './tables.ts'
import { agesAt, keptAtFirst, keptPerJunk, maxSenders, maxTokens } from './limits.ts'
import { type LearntVerdict, verdicts } from './verdict.ts'

/** Each token once. */
export function hashesOf(tokens: readonly string[], seed: number): readonly number[] {
  return [...new Set(tokens.map(token => tokenHash(token, seed)))]
}

export function senderHashes({ from }: Pick<Examination, 'from'>, seed: number): readonly number[] {
  return from ? [addressHash(from.address, seed), domainHash(from.domain, seed)] : []
}

export function addressHash(address: string, seed: number): number {
  return tokenHash(`a:${address.toLowerCase()}`, seed)
}

export function domainHash(domain: string, seed: number): number {
  return tokenHash(`d:${ownedName(domain)}`, seed)
}

/** Read letters are learnt as far as they are needed to tell junk from them. */
export function asLearnt(verdict: LearntVerdict, { junk, ham }: Pick<JunkState, 'junk' | 'ham'>): LearntVerdict {
  return verdict === verdicts.kept && ham >= keptAtFirst + keptPerJunk * junk ? verdicts.keptSender : verdict
}

/** Counts the letter as `to` instead of as `from`. Returns the state, which the caller writes. */
export function recount(
  junk: Database,
  state: JunkState,
  examination: Pick<Examination, 'tokens' | 'from'>,
  change: { readonly from: LearntVerdict; readonly to: LearntVerdict },
): JunkState {
  const took = count(junk, state, examination, change.from, -1)
  return count(junk, took, examination, change.to, 1)
}

function count(
  database: Database,
  state: JunkState,
  examination: Pick<Examination, 'tokens' | 'from'>,
  verdict: LearntVerdict,
  sign: 1 | -1,
): JunkState {
  if (verdict === verdicts.none || verdict === verdicts.unreadable) return state
  const { seed } = state
  const isJunk = verdict === verdicts.junk
  const learnt = state.learnt + (sign > 0 ? 1 : 0)
  const change = { junk: isJunk ? 1 : 0, ham: isJunk ? 0 : 1, sign, seen: learnt }
  changeCounts(database, 'sender', senderHashes(examination, seed), change)
  if (verdict === verdicts.keptSender) return { ...state, learnt }
  changeCounts(database, 'token', hashesOf(examination.tokens, seed), change)
  return {
    ...state,
    learnt,
    junk: Math.max(0, state.junk + sign * change.junk),
    ham: Math.max(0, state.ham + sign * change.ham),
  }
}

/** Keeps the file within its bounds. The state has been written before, and is read again after. */
export function keepBounds(database: Database, { junk, ham }: JunkState): void {
  if (junk + ham > agesAt) age(database)
  trim(database, 'token', maxTokens)
  trim(database, 'sender', maxSenders)
}
