/** Brings an account's index a step further: follows removals, then indexes the next letters, else merges. */
import { randomInt } from 'node:crypto'
import { collectLetter } from '#formats/search/collect-letter.ts'
import { letterFacts } from '#formats/search/facts.ts'
import { GramCollector } from '#formats/search/gram-collector.ts'
import { type Counters, readCounters } from '../account/tables/counters.ts'
import type { Database } from '../sqlite.ts'
import { CollectedLetters } from './collected-letters.ts'
import { insertWaiting, waitingCount } from './documents.ts'
import { cutLog, isLogLong, isOfAccount } from './index-file.ts'
import { bodiesOf, type LetterRow, readEmailIds, readLetterRowsAfter, readRemovedSince, withLetter } from './letters.ts'
import {
  batchBytes,
  batchFinds,
  batchGrams,
  batchLetters,
  batchMs,
  mergeSegmentsFrom,
  mergeSegmentsFromBusy,
  rowsPerRead,
} from './limits.ts'
import type { AdvanceOutput } from './operations.ts'
import { type IndexState, loadSegment, markGone, readSegments, readState, segmentKinds, writeState } from './tables.ts'
import { isMergeDue, mergeNext, writeCollected } from './write-segment.ts'

export type AdvanceInput = {
  readonly account: Database
  readonly accountFolder: string
  readonly index: Database
  readonly maxLetters?: number | undefined
  readonly busy?: boolean | undefined
}

/** One for all batches: its tables are large, most batches small */
export const collector = new GramCollector(0)

/** Undefined: the index was made from something else and has to go. */
export function advance(input: AdvanceInput): Omit<AdvanceOutput, 'reset'> | undefined {
  const { account, index } = input
  const kept = readState(index)
  if (kept && !isOfAccount(kept, account)) return undefined
  const limit = Math.min(input.maxLetters ?? batchLetters, batchLetters)
  // a letter that is read afterwards can only be removed under a later modseq
  const seen = account.read(() => {
    const counters = readCounters(account)
    if (!counters) return undefined
    const state = kept ?? freshState(counters)
    return { counters, state, removed: readRemovals(account, index, state, counters) }
  })
  if (!seen) return { behind: 0, waiting: 0, more: false, untidy: false }
  const { counters, removed } = seen
  const last = counters.nextEmail - 1
  let { state } = seen
  if (!kept || removed.length > 0 || state.indexed < last)
    state = indexBatch(input, { ...state, removedModSeq: counters.modSeq }, removed, { last, limit })
  const behind = Math.max(0, last - state.indexed)
  const waiting = waitingCount(index)
  if (input.busy) {
    mergeNext(index, mergeSegmentsFromBusy)
    const untidy = isLogLong(input.accountFolder) || isMergeDue(index, mergeSegmentsFrom)
    return { behind, waiting, more: behind > 0, untidy }
  }
  const more = mergeNext(index, mergeSegmentsFrom) || behind > 0
  if (!more) cutLog(input.accountFolder, index)
  return { behind, waiting, more, untidy: false }
}

function freshState(counters: Counters): IndexState {
  const { epoch, modSeq } = counters
  const wordSeed = randomInt(2 ** 31)
  return {
    epoch,
    indexed: 0,
    markEmail: 0,
    markChecksum: 0,
    removedModSeq: modSeq,
    wordSeed,
    nextSegment: 1,
    nextBlock: 1,
  }
}

/** Indexed emails that are gone. When tombstones no longer reach back so far, all are looked up. */
function readRemovals(account: Database, index: Database, state: IndexState, counters: Counters): readonly number[] {
  if (state.removedModSeq >= counters.tombstoneFloor)
    return readRemovedSince(account, state.removedModSeq).filter(email => email <= state.indexed)
  const ofLetters = readSegments(index).filter(({ kind }) => kind === segmentKinds.letters)
  return ofLetters.flatMap(row => {
    const present = readEmailIds(account, row.firstEmail, row.lastEmail)
    return Array.from(loadSegment(index, state.wordSeed, row).offsets, offset => row.firstEmail + offset).filter(
      id => !present.has(id),
    )
  })
}

/** `all`: the last email there is, and how many letters are taken. Returns the state as committed. */
function indexBatch(
  input: AdvanceInput,
  state: IndexState,
  removed: readonly number[],
  all: { readonly last: number; readonly limit: number },
): IndexState {
  collector.reset(state.wordSeed)
  const { letters, last, isEnd, waiting } = collect(input, state.indexed, all.limit)
  const known = last?.id ?? state.indexed
  const mark = last ? { markEmail: last.id, markChecksum: last.checksum } : {}
  const { index } = input
  return index.write(() => {
    const indexed = isEnd ? Math.max(all.last, known) : known
    const next = writeCollected(index, { ...state, ...mark, indexed }, collector, letters)
    writeState(index, next)
    insertWaiting(index, waiting)
    if (removed.length > 0) markGone(index, removed)
    return next
  })
}

type Batch = {
  /** Those in the collector: one that is in no segment is read by every search */
  readonly letters: CollectedLetters
  /** Who has documents */
  readonly waiting: readonly number[]
  readonly last: LetterRow | undefined
  /** Behind the last one is no other */
  readonly isEnd: boolean
}

function collect(input: AdvanceInput, after: number, limit: number): Batch {
  const { account, accountFolder } = input
  const begun = performance.now()
  const letters = new CollectedLetters()
  const waiting: number[] = []
  let last: LetterRow | undefined
  let octets = 0
  for (let left = limit; left > 0; ) {
    const rows = readLetterRowsAfter(account, last?.id ?? after, Math.min(left, rowsPerRead))
    const bodyOf = bodiesOf(account, rows)
    for (const row of rows) {
      const isLarge = collector.finds > batchFinds || collector.grams > batchGrams || octets > batchBytes
      const isFull = isLarge || performance.now() - begun > batchMs
      if (isFull && last) return { letters, waiting, last, isEnd: false }
      const found = withLetter(account, accountFolder, row, letter => collectLetter(collector, letter), bodyOf)
      if (found?.fields) letters.add(row.id, found.fields, letterFacts(row))
      if (found?.hasDocuments) waiting.push(row.id)
      octets += row.sizeBytes
      last = row
    }
    if (rows.length < Math.min(left, rowsPerRead)) return { letters, waiting, last, isEnd: true }
    left -= rows.length
  }
  return { letters, waiting, last, isEnd: false }
}
