/**
 * STORE: by ranges, one statement for some thousand messages. Keywords belong to the email and show in all its placements,
 * \Deleted to the placement.
 */
import type { AccountWriter } from './account-writer.ts'
import { changed, flagBits } from './flags.ts'
import type { FlagInput, FlagsOutput, KnownFlags, Refusal, WriterOperations } from './operations.ts'
import { countFlags, deletedFlag, setFlags } from './place.ts'
import { noteRangeFlags, noteUndeleted } from './shown.ts'
import type { MailboxRow } from './tables/mailbox.ts'
import { readPlacement } from './tables/placement.ts'
import {
  type ChangingSum,
  type FlagFormula,
  hasTwins,
  readChangingFlags,
  readNewerUids,
  readOthersChanging,
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
    const ranges = [...rangesBelow(input.uids, mailbox.uidNext)]
    const changeRange = rangeChange(task, ranges)
    if (changeRange === changeEach)
      for (const range of ranges)
        for (const uid of readNewerUids(account.database, mailbox.id, range, formula)) newer.add(uid)
    const { known } = input
    const isPlain = changeRange === changeOwn && unchangedSince === undefined && !undeletes(task)
    if (!known || !isPlain || !changeKnown(task, known)) for (const range of ranges) changeRange(task, range)
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

type RangeChange = (task: Task, range: UidRange) => void

function rangeChange({ account, mailbox, formula, unchangedSince }: Task, ranges: readonly UidRange[]): RangeChange {
  const { counters, database } = account
  const isShared = counters.placements !== counters.emails
  const staysHere = (formula.keep | deletedFlag) >>> 0 === allFlags && (formula.set & ~deletedFlag) === 0
  if (!isShared || staysHere) return changeOwn
  // An email whose placements were changed at different times, both of them named: only one by one it is clear what fails
  const mayClash = unchangedSince !== undefined && ranges.some(range => hasTwins(database, mailbox.id, range))
  return mayClash ? changeEach : changeShared
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
  noteFailed(task, range)
  changeParts(task, range, changePart)
}

/** What the formula will leave as it is. */
function noteFailed({ account, mailbox, formula, unchangedSince, failed }: Task, range: UidRange): void {
  if (unchangedSince === undefined) return
  for (const uid of readNewerUids(account.database, mailbox.id, range, formula)) failed.push(uid)
}

/** The changed flags of emails that lie elsewhere too show there as well. */
function changeShared(task: Task, range: UidRange): void {
  const { account, mailbox, formula } = task
  const keywords = keywordsOf(formula)
  noteFailed(task, range)
  changeParts(task, range, (_, part) => {
    const others = readOthersChanging(account.database, mailbox.id, part, formula, keywords)
    if (others.some(([box, uid = 0]) => box === mailbox.id && uid >= part.first && uid <= part.last))
      return changeEach(task, part)
    changePart(task, part)
    changeOthers(task, keywords, others)
  })
}

function changeParts(task: Task, range: UidRange, change: (task: Task, part: ChangingSum) => void): void {
  const { account, mailbox, formula } = task
  const { rangeRows } = account.bulk
  for (let { first } = range; first <= range.last; ) {
    const sum = sumChangingFlags(account.database, mailbox.id, { first, last: range.last }, formula, rangeRows)
    if (!sum) return
    change(task, sum)
    if (sum.count < rangeRows) return
    first = sum.last + 1
  }
}

function changePart(task: Task, part: ChangingSum): void {
  const { account, mailbox, formula } = task
  const { first, count, low, high } = part
  const modSeq = account.modSeq()
  if (undeletes(task)) noteUndeleted(account, mailbox.id, part, formula.since)
  if (low === high && count === part.last - first + 1) {
    noteRun(task, first, count, low)
    updateRunFlags(account.database, mailbox.id, part, { before: low, flags: flagsAfter(formula, low), modSeq })
    return
  }
  for (const [uid = 0, flags = 0] of readChangingFlags(account.database, mailbox.id, part, formula, count))
    noteOne(task, uid, flags)
  updateRangeFlags(account.database, mailbox.id, part, formula, modSeq)
}

/** What becomes of the other placements of an email: each keeps its own \Deleted. */
function keywordsOf(formula: FlagFormula): FlagFormula {
  return {
    keep: (formula.keep | deletedFlag) >>> 0,
    set: (formula.set & ~deletedFlag) >>> 0,
    since: Number.MAX_SAFE_INTEGER,
    before: formula.before,
  }
}

/** Copies mostly lie side by side as their originals do: one statement for those that follow each other and are alike. */
function changeOthers({ account }: Task, keywords: FlagFormula, others: readonly (readonly number[])[]): void {
  const modSeq = account.modSeq()
  for (let at = 0; at < others.length; ) {
    const [id = 0, first = 0, before = 0] = others[at] ?? []
    let count = 1
    while (isNext(others[at + count], id, first + count, before)) count += 1
    at += count
    const mailbox = account.mailbox(id)
    if (!mailbox) continue
    const flags = flagsAfter(keywords, before)
    noteRangeFlags(account, id, { first, last: first + count - 1 }, { before, after: flags })
    countChange(account, mailbox, before, flags, count)
    account.changes.happened('changed', id, { first, count, modSeq, flags, email: 0 })
    updateRunFlags(account.database, id, { first, last: first + count - 1 }, { before, flags, modSeq })
  }
}

function isNext(row: readonly number[] | undefined, mailbox: number, uid: number, flags: number): boolean {
  return row !== undefined && row[0] === mailbox && row[1] === uid && row[2] === flags
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
  noteRangeFlags(account, mailbox.id, { first, last: first + count - 1 }, { before, after })
  countChange(account, mailbox, before, after, count)
  account.changes.happened('changed', mailbox.id, { first, count, modSeq: account.modSeq(), flags: after, email: 0 })
  addRange(done, first, first + count - 1)
}

/** Emails may come back from being marked \Deleted: then somebody looks before it happens. */
function undeletes({ mailbox, formula }: Task): boolean {
  return mailbox.deleted > 0 && !(formula.keep & deletedFlag) && !(formula.set & deletedFlag)
}

function countChange(account: AccountWriter, mailbox: MailboxRow, before: number, after: number, count = 1): void {
  countFlags(mailbox, before, -count)
  countFlags(mailbox, after, count)
  account.mailboxChanged(mailbox)
}
