/**
 * Follows the changes of an account and learns from them. What an email counts as is kept beside the tokens and the watermark, and
 * all three change in one transaction: an email counts once, whatever is cut off or repeated.
 */
import type { Examination } from '#formats/content/evidence.ts'
import { examine } from '#formats/content/examine.ts'
import { messageIdOf, recipientsIn } from '#formats/content/headers.ts'
import { maxExaminedBytes } from '#formats/content/limits.ts'
import { withLetter } from '../search/letters.ts'
import type { Database } from '../sqlite.ts'
import { addressHash, asLearnt, keepBounds, recount } from './learn.ts'
import {
  type Changed,
  type Letter,
  readChanged,
  readLetter,
  readSurroundings,
  standingOf,
  type Surroundings,
} from './letters.ts'
import { batchLetters, batchMs, firstHamLetters, maxCorrespondents } from './limits.ts'
import type { Lesson } from './operations.ts'
import * as tables from './tables.ts'
import type { JunkState } from './tables.ts'
import { type LearntVerdict, verdictOf, verdicts } from './verdict.ts'

export type Following = {
  readonly account: Database
  readonly folder: string
  readonly junk: Database
  readonly seed: number
}

/** What is left of a look at the account: it goes on until all of that moment is done. */
export type Pending = { readonly changed: Changed; done: number; kept: number }

export type Step = { readonly more: boolean; readonly behind: number; readonly lessons: readonly Lesson[] }

/** `pending`: of the last step, unless it had no more. */
export function follow(
  following: Following,
  pending: Pending | undefined,
  options: { readonly careful?: boolean } = {},
): { readonly step: Step; readonly pending: Pending | undefined } {
  const { account, junk } = following
  const state = tables.readState(junk) ?? freshState(following)
  if (!state) return { step: { more: false, behind: 0, lessons: [] }, pending: undefined }
  const changed = pending?.changed ?? account.read(() => readChanged(account, state.followed))
  if (!changed || (changed.upTo <= state.followed && tables.readState(junk)))
    return { step: { more: false, behind: 0, lessons: [] }, pending: undefined }
  const now = pending ?? { changed, done: 0, kept: 0 }
  if (options.careful) markTried(junk, state, now)
  const lessons = junk.write(() => takeBatch(following, tables.readState(junk) ?? state, now, options.careful ?? false))
  const behind = changed.emails.length - now.done
  return { step: { more: behind > 0, behind, lessons }, pending: behind > 0 ? now : undefined }
}

function freshState({ account, seed }: Following): JunkState | undefined {
  const epoch = account.read(() => readChanged(account, Number.MAX_SAFE_INTEGER))?.epoch
  if (epoch === undefined) return undefined
  return { epoch, followed: 0, seed, junk: 0, ham: 0, learnt: 0, trying: 0 }
}

/** Durable before the letter is read: should it end the thread, it is passed over next time. */
function markTried(junk: Database, state: JunkState, { changed, done }: Pending): void {
  junk.write(() => {
    if (state.trying !== 0) tables.writeEmail(junk, state.trying, { verdict: verdicts.unreadable, keyword: 0 })
    tables.writeState(junk, { ...state, trying: changed.emails[done] ?? 0 })
  })
}

function takeBatch(following: Following, before: JunkState, pending: Pending, careful: boolean): readonly Lesson[] {
  const { account, junk } = following
  const { changed } = pending
  const begun = performance.now()
  const surroundings = account.read(() => readSurroundings(account))
  const lessons: Lesson[] = []
  let state = before
  let letters = 0
  while (pending.done < changed.emails.length) {
    const email = changed.emails[pending.done++] ?? 0
    const learnt = account.read(() => look(following, surroundings, state, pending, email))
    if (learnt) {
      state = learnt.state
      letters += learnt.read ? 1 : 0
      if (learnt.lesson) lessons.push(learnt.lesson)
    }
    if (careful || letters >= batchLetters || performance.now() - begun > batchMs) break
  }
  if (pending.done >= changed.emails.length) {
    for (const email of changed.gone) tables.removeEmail(junk, email)
    state = { ...state, followed: changed.upTo }
  }
  tables.writeState(junk, { ...state, trying: 0 })
  keepBounds(junk, state)
  tables.trim(junk, 'correspondent', maxCorrespondents)
  return lessons
}

type Learnt = { readonly state: JunkState; readonly read: boolean; readonly lesson?: Lesson }

function look(
  following: Following,
  surroundings: Surroundings,
  state: JunkState,
  pending: Pending,
  email: number,
): Learnt | undefined {
  const { account, junk } = following
  const letter = readLetter(account, email)
  if (!letter) return undefined
  const standing = standingOf(account, surroundings, letter, state.followed)
  const before = tables.readEmail(junk, email)
  const { keyword } = standing
  const sent = standing.sent && learnRecipients(following, state, letter)
  // what was marked at its delivery nobody has said since
  if (standing.untouched) {
    if (keyword !== 0) tables.writeEmail(junk, email, { verdict: before?.verdict ?? verdicts.none, keyword })
    return { state, read: sent }
  }
  const wanted = verdictOf({ ...standing, leftJunk: pending.changed.leftJunk.has(email), before })
  const verdict = wanted === verdicts.kept ? keptVerdict(state, pending, before?.verdict) : wanted
  const was = before?.verdict ?? verdicts.none
  if (verdict === was) {
    if (keyword !== (before?.keyword ?? 0)) tables.writeEmail(junk, email, { verdict, keyword })
    return { state, read: sent }
  }
  const examination = examineLetter(following, letter)
  if (!examination) return { state, read: true }
  tables.writeEmail(junk, email, { verdict, keyword })
  const next = recount(junk, state, examination, { from: was, to: verdict })
  return { state: next, read: true, lesson: { email, messageId: examination.messageId, from: was, to: verdict } }
}

/** A first look at a large account begins with the newest of its read letters (they come first). */
function keptVerdict(state: JunkState, pending: Pending, was: LearntVerdict | undefined): LearntVerdict {
  if (was === verdicts.kept || was === verdicts.keptSender) return was
  if (state.followed === 0 && ++pending.kept > firstHamLetters) return verdicts.none
  return asLearnt(verdicts.kept, state)
}

function examineLetter(
  { account, folder, seed }: Following,
  letter: Letter,
): (Pick<Examination, 'tokens' | 'from'> & { readonly messageId: string | undefined }) | undefined {
  return withLetter(account, folder, letter, ({ reader }) => {
    const bytes = reader
      .read(letter.traceBytes, Math.min(letter.sizeBytes - letter.traceBytes, maxExaminedBytes))
      .slice()
    const receivedAt = letter.internalDate
    return { ...examine(bytes, { receivedAt, shorteners: new Set(), seed }), messageId: messageIdOf(bytes) }
  })
}

function learnRecipients({ account, folder, junk, seed }: Following, state: JunkState, letter: Letter): boolean {
  const recipients = withLetter(account, folder, letter, ({ reader }) =>
    recipientsIn(reader.read(0, Math.min(letter.headerBytes, maxExaminedBytes)).slice()),
  )
  for (const recipient of recipients ?? []) tables.addCorrespondent(junk, addressHash(recipient, seed), state.learnt)
  return true
}
