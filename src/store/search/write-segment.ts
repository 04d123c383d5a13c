/** New segments in the database: of a batch of letters in one transaction, of a merge in several. */
import { BlockWriter } from '#formats/search/block.ts'
import { factsAt, type LetterFacts } from '#formats/search/facts.ts'
import { packFields } from '#formats/search/field-texts.ts'
import type { GramCollector } from '#formats/search/gram-collector.ts'
import { fieldGroupLetters } from '#formats/search/limits.ts'
import { mergeFields, mergeSegments } from '#formats/search/merge.ts'
import type { Database } from '../sqlite.ts'
import type { CollectedLetters } from './collected-letters.ts'
import { blocksPerCommit, goneShare, maxSegmentLetters, vacuumPages } from './limits.ts'
import {
  deleteSegment,
  type IndexState,
  insertBlock,
  insertSegment,
  type LoadedSegment,
  loadSegment,
  readGone,
  readSegments,
  readState,
  type SegmentKind,
  segmentKinds,
  type SegmentRow,
  writeState,
} from './tables.ts'

/** Inside a transaction. Returns the state with the ids that are now used up. */
export function writeCollected(
  database: Database,
  state: IndexState,
  collector: GramCollector,
  letters: CollectedLetters,
  kind: SegmentKind = segmentKinds.letters,
): IndexState {
  const { emails, facts } = letters
  if (emails.length === 0) return state
  let { nextBlock } = state
  const firstKeys: number[] = []
  const writer = new BlockWriter(emails.length, block => {
    insertBlock(database, nextBlock++, block.bytes)
    firstKeys.push(block.firstKey)
  })
  collector.eachList((key, list, from, to) => writer.add(key, list, from, to))
  writer.end()
  const groups = letters.fieldGroups()
  for (const group of groups) insertBlock(database, nextBlock++, group)
  insertSegment(database, {
    id: state.nextSegment,
    kind,
    firstBlock: state.nextBlock,
    emails,
    firstKeys,
    fieldBlocks: groups.length,
    facts,
  })
  return { ...state, nextSegment: state.nextSegment + 1, nextBlock }
}

/** Does the next merge that is due where so many neighbours become one, if any: whether there was one. */
export function mergeNext(database: Database, neighbours: number): boolean {
  const due = nextMerge(database, neighbours)
  if (!due) return false
  merge(database, due)
  giveBackPages(database)
  return true
}

export function isMergeDue(database: Database, neighbours: number): boolean {
  return nextMerge(database, neighbours) !== undefined
}

function nextMerge(database: Database, neighbours: number): readonly SegmentRow[] | undefined {
  const segments = readSegments(database)
  return Object.values(segmentKinds)
    .map(kind =>
      dueOfKind(
        segments.filter(segment => segment.kind === kind),
        neighbours,
      ),
    )
    .find(({ length }) => length > 0)
}

function dueOfKind(segments: readonly SegmentRow[], neighbours: number): readonly SegmentRow[] {
  const gone = () => segments.filter(segment => segment.gone * goneShare > segment.letters).slice(0, 1)
  return dueForMerge(segments, neighbours) ?? gone()
}

/** Neighbours at the end that are all small for their number; of them the oldest that fit into one. */
function dueForMerge(segments: readonly SegmentRow[], neighbours: number): readonly SegmentRow[] | undefined {
  for (let size = neighbours; size / neighbours < maxSegmentLetters; size *= neighbours) {
    let first = segments.length
    while (first > 0 && (segments[first - 1]?.letters ?? 0) < Math.min(size, maxSegmentLetters / 2)) first--
    const run = segments.slice(first)
    let letters = 0
    const fitting = run.filter(segment => (letters += segment.letters) <= maxSegmentLetters)
    const isFull = letters > maxSegmentLetters
    if (fitting.length > 1 && (isFull || fitting.length >= neighbours)) return fitting
  }
  return undefined
}

function merge(database: Database, rows: readonly SegmentRow[]): void {
  const state = readState(database)
  if (!state) return
  const loaded = rows.map(row => loadSegment(database, state.wordSeed, row))
  const { numbers, emails, facts } = renumber(database, loaded)
  const waiting: Uint8Array[] = []
  const firstKeys: number[] = []
  let nextBlock = state.nextBlock
  const flush = () => {
    for (const bytes of waiting.splice(0)) insertBlock(database, nextBlock++, bytes)
    // the ids are used up for good, whatever becomes of this merge
    writeState(database, { ...state, nextBlock, nextSegment: state.nextSegment + 1 })
  }
  const sources = loaded.map((segment, index) => ({ segment, numbers: numbers[index] ?? new Int32Array(0) }))
  const add = (bytes: Uint8Array) => {
    waiting.push(bytes)
    if (waiting.length === blocksPerCommit) database.write(flush)
  }
  mergeSegments(sources, emails.length, block => {
    firstKeys.push(block.firstKey)
    add(block.bytes)
  })
  mergeFields(sources, group => add(packFields(group)))
  database.write(() => {
    flush()
    for (const row of rows) deleteSegment(database, row)
    const fieldBlocks = Math.ceil(emails.length / fieldGroupLetters)
    const firstBlock = nextBlock - firstKeys.length - fieldBlocks
    const kind = rows[0]?.kind ?? segmentKinds.letters
    if (emails.length > 0)
      insertSegment(database, { id: state.nextSegment, kind, firstBlock, emails, firstKeys, fieldBlocks, facts })
  })
}

/** Letters that are still there, counted through. */
function renumber(
  database: Database,
  segments: readonly LoadedSegment[],
): {
  readonly numbers: readonly Int32Array[]
  readonly emails: readonly number[]
  readonly facts: readonly LetterFacts[]
} {
  const emails: number[] = []
  const kept: LetterFacts[] = []
  const numbers = segments.map(({ row, offsets, facts }) => {
    const gone = readGone(database, row)
    return Int32Array.from(offsets, (offset, letter) => {
      const email = row.firstEmail + offset
      if (gone.has(email)) return -1
      kept.push(factsAt(facts, letter))
      return emails.push(email) - 1
    })
  })
  return { numbers, emails, facts: kept }
}

function giveBackPages(database: Database): void {
  const number = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0] as number
  if (number('freelist_count') * 4 > number('page_count')) database.exec(`PRAGMA incremental_vacuum(${vacuumPages})`)
}
