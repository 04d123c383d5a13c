/**
 * STORE: by ranges, one statement for some thousand messages. Keywords belong to the email and show in all its placements,
 * \Deleted to the placement.
 */
import type { AccountWriter } from './account-writer.ts'
import { changed, flagBits } from './flags.ts'
import type { FlagInput, FlagsOutput, KnownFlags, Refusal, WriterOperations } from './operations.ts'
import { countFlags, deletedFlag, setFlags } from './place.ts'
import type { MailboxRow } from './tables/mailbox.ts'
import { type PlacementRow, readPlacement, readPlacementsOf } from './tables/placement.ts'
import {
  type FlagFormula,
  readChangingFlags,
  readChangingShared,
  readNewerUids,
  readUidsIn,
  sumChangingFlags,
  type UidRange,
  updateRangeFlags,
  updateRunFlags,
} from './tables/placement-range.ts'
import { addRange, packedNumbers, rangesBelow } from './uid-ranges.ts'

type Input = WriterOperations['changeFlags']['input']

/** What one operation does, and what it has done so far. */
type Task = {
  readonly account: AccountWriter
  readonly mailbox: MailboxRow
  readonly change: FlagInput
  readonly bits: number
  readonly unchangedSince: number | undefined
  readonly formula: FlagFormula
  /** Pairs: ranges of UIDs */
  readonly done: number[]
  readonly failed: number[]
  /**
   * UIDs that were changed since: as they stood before this operation, which may change one of them through another placement of the
   * same email. For `changeEach`. RFC 7162 §3.1.3
   */
  readonly newer: ReadonlySet<number>
}

export function changeFlags(account: AccountWriter, input: Input): FlagsOutput | Refusal {
  const bits = flagBits(account, input.change, false)
  if (typeof bits !== 'number') return bits
  const mailbox = account.mailbox(input.mailbox)
  const done: number[] = []
  const failed: number[] = []
  if (mailbox) {
    const { change, unchangedSince } = input
    const formula = {
      ...maskOf(change.mode, bits),
      since: unchangedSince ?? Number.MAX_SAFE_INTEGER,
      before: account.counters.modSeq,
    }
    const newer = new Set<number>()
    const task: Task = { account, mailbox, change, bits, unchangedSince, formula, done, failed, newer }
    const changeRange = rangeChange(task)
    if (changeRange === changeEach && unchangedSince !== undefined)
      for (const range of rangesBelow(input.uids, mailbox.uidNext))
        for (const uid of readNewerUids(account.database, mailbox.id, range, formula)) newer.add(uid)
    const { known } = input
    if (!known || changeRange !== changeOwn || unchangedSince !== undefined || !changeKnown(task, known))
      for (const range of rangesBelow(input.uids, mailbox.uidNext)) changeRange(task, range)
  }
  return { changed: packedNumbers(done), failed: packedNumbers(failed), modSeq: account.counters.modSeq }
}

function maskOf(mode: FlagInput['mode'], bits: number): { readonly keep: number; readonly set: number } {
  switch (mode) {
    case 'add':
      return { keep: allFlags, set: bits }
    case 'remove':
      return { keep: (allFlags & ~bits) >>> 0, set: 0 }
    case 'replace':
      return { keep: 0, set: bits }
  }
}
const allFlags = 0xffff_ffff

function rangeChange({ account: { counters }, formula, unchangedSince }: Task): (task: Task, range: UidRange) => void {
  const isShared = counters.placements !== counters.emails
  const staysHere = (formula.keep | deletedFlag) >>> 0 === allFlags && (formula.set & ~deletedFlag) === 0
  if (!isShared || staysHere) return changeOwn
  // An email whose placements were changed at different times, both of them named: only one by one it is clear what fails
  return unchangedSince === undefined ? changeShared : changeEach
}

/**
 * Nothing shows elsewhere, and whoever asks knows the mailbox as it is: nobody has to look before. False: it is not as it was
 * known, and nothing has been done.
 */
function changeKnown(task: Task, { modSeq: asOf, runs }: KnownFlags): boolean {
  const { account, mailbox, formula } = task
  if (asOf !== mailbox.highestModSeq) return false
  const changing: (FlagRun & { readonly flags: number })[] = []
  for (let at = 0; at < runs.length; at += 3) {
    const [first = 0, count = 0, before = 0] = [runs[at], runs[at + 1], runs[at + 2]]
    const flags = flagsAfter(formula, before)
    if (flags !== before) changing.push({ first, count, before, flags })
  }
  if (changing.length === 0) return true
  const modSeq = account.comingModSeq
  const isAsKnown = account.database.savepointIf(() =>
    changing.every(({ first, count, before, flags }) => {
      const range = { first, last: first + count - 1 }
      return updateRunFlags(account.database, mailbox.id, range, { before, flags, modSeq }) === count
    }),
  )
  if (isAsKnown) for (const { first, count, before } of changing) noteRun(task, first, count, before)
  return isAsKnown
}

type FlagRun = { readonly first: number; readonly count: number; readonly before: number }

function flagsAfter(formula: FlagFormula, before: number): number {
  return ((before & formula.keep) | formula.set) >>> 0
}

/** Nothing shows elsewhere. */
function changeOwn(task: Task, range: UidRange): void {
  const { account, mailbox, formula, failed } = task
  if (task.unchangedSince !== undefined)
    for (const uid of readNewerUids(account.database, mailbox.id, range, formula)) failed.push(uid)
  for (let { first } = range; first <= range.last; ) {
    const part = { first, last: range.last }
    const sum = sumChangingFlags(account.database, mailbox.id, part, formula, account.bulk.rangeRows)
    if (!sum) return
    const isRun = sum.low === sum.high && sum.count === sum.last - sum.first + 1
    const modSeq = account.modSeq()
    if (isRun) {
      noteRun(task, sum.first, sum.count, sum.low)
      const flags = flagsAfter(formula, sum.low)
      updateRunFlags(account.database, mailbox.id, sum, { before: sum.low, flags, modSeq })
    } else {
      for (const [uid = 0, flags = 0] of readChangingFlags(
        account.database,
        mailbox.id,
        part,
        formula,
        account.bulk.rangeRows,
      ))
        noteOne(task, uid, flags)
      updateRangeFlags(account.database, mailbox.id, { first, last: sum.last }, formula, modSeq)
    }
    if (sum.count < account.bulk.rangeRows) return
    first = sum.last + 1
  }
}

/** The changed flags of emails that lie elsewhere too show there as well. */
function changeShared(task: Task, range: UidRange): void {
  const { account, mailbox, formula } = task
  for (let { first } = range; first <= range.last; ) {
    const rows = readChangingShared(
      account.database,
      mailbox.id,
      { first, last: range.last },
      formula,
      account.bulk.rangeRows,
    )
    const last = rows.at(-1)?.[0]
    if (last === undefined) return
    const part = { first, last }
    const shared = rows
      .filter(([, , , placements = 1]) => placements > 1)
      .map(([uid = 0, , email = 0]) => ({ uid, email }))
    if (new Set(shared.map(({ email }) => email)).size < shared.length) changeEach(task, part)
    else {
      for (const [uid = 0, flags = 0] of rows) noteOne(task, uid, flags)
      const others = shared.flatMap(row => othersOf(task, row))
      updateRangeFlags(account.database, mailbox.id, part, formula, account.modSeq())
      changeOthers(task, others)
    }
    if (rows.length < account.bulk.rangeRows) return
    first = last + 1
  }
}

/** The other placements of the email, when its keywords change. */
function othersOf({ account, mailbox, formula }: Task, row: { readonly uid: number; readonly email: number }) {
  const others: PlacementRow[] = []
  for (const placement of readPlacementsOf(account.database, row.email)) {
    if (placement.mailbox === mailbox.id && placement.uid === row.uid) continue
    if (keywordsAfter(placement.flags, formula) !== placement.flags) others.push(placement)
  }
  return others
}

function keywordsAfter(flags: number, { keep, set }: FlagFormula): number {
  return ((flags & (keep | deletedFlag)) | (set & ~deletedFlag)) >>> 0
}

/** Copies mostly lie side by side as their originals do: one statement for those that follow each other. */
function changeOthers({ account, formula }: Task, others: PlacementRow[]): void {
  const modSeq = account.modSeq()
  const keywords: FlagFormula = {
    keep: (formula.keep | deletedFlag) >>> 0,
    set: (formula.set & ~deletedFlag) >>> 0,
    since: Number.MAX_SAFE_INTEGER,
    before: formula.before,
  }
  others.sort((a, b) => a.mailbox - b.mailbox || a.uid - b.uid)
  let start = 0
  for (const [index, row] of others.entries()) {
    const mailbox = account.mailbox(row.mailbox)
    if (!mailbox) continue
    countChange(account, mailbox, row.flags, keywordsAfter(row.flags, formula))
    account.changes.changed(row.mailbox, row.uid, modSeq, keywordsAfter(row.flags, formula))
    const next = others[index + 1]
    if (next?.mailbox === row.mailbox && next.uid === row.uid + 1) continue
    const range = { first: others[start]?.uid ?? row.uid, last: row.uid }
    updateRangeFlags(account.database, row.mailbox, range, keywords, modSeq)
    start = index + 1
  }
}

/** One by one, each seeing what the one before it has done: the plain meaning of it all. */
function changeEach(task: Task, range: UidRange): void {
  const { account, mailbox } = task
  for (let { first } = range; first <= range.last; ) {
    const uids = readUidsIn(account.database, mailbox.id, { first, last: range.last }, account.bulk.rangeRows)
    for (const uid of uids) {
      const row = readPlacement(account.database, mailbox.id, uid)
      if (!row) continue
      if (task.newer.has(uid)) {
        task.failed.push(uid)
        continue
      }
      const flags = changed(row.flags, task.change.mode, task.bits)
      if (flags === row.flags) continue
      setFlags(account, row, flags)
      addRange(task.done, uid, uid)
    }
    if (uids.length < account.bulk.rangeRows) return
    first = (uids.at(-1) ?? range.last) + 1
  }
}

function noteOne(task: Task, uid: number, before: number): void {
  noteRun(task, uid, 1, before)
}

function noteRun({ account, mailbox, formula, done }: Task, first: number, count: number, before: number): void {
  const after = flagsAfter(formula, before)
  countChange(account, mailbox, before, after, count)
  account.changes.happened('changed', mailbox.id, { first, count, modSeq: account.modSeq(), flags: after, email: 0 })
  addRange(done, first, first + count - 1)
}

function countChange(account: AccountWriter, mailbox: MailboxRow, before: number, after: number, count = 1): void {
  countFlags(mailbox, before, -count)
  countFlags(mailbox, after, count)
  account.mailboxChanged(mailbox)
}
