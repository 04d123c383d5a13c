/** What a STORE answers, made ready while the store is at work: sent only if everything has become as expected. */
import { setImmediate } from 'node:timers/promises'
import type { MailboxView } from '#mail/account.ts'
import { linesPieceChars, preparedChars, preparedFrom, sliceMs } from './limits.ts'
import type { Output } from './peer.ts'
import type { IndexRange, SelectedMailbox } from './selected-mailbox.ts'
import { fetchStart } from './uid-only.ts'

export type Answering = {
  readonly selected: SelectedMailbox
  readonly ranges: readonly IndexRange[]
  /** Packed flags that a message should have afterwards */
  readonly expected: (before: number) => number
  readonly withUid: boolean
  readonly uidOnly: boolean
}

export class PreparedAnswers {
  readonly #answering: Answering
  readonly #keywords: readonly string[]
  readonly #texts: string[] = []
  #chars = 0
  /** Of the first so many messages, one after the other through the ranges */
  readonly #flags: number[] = []

  constructor(answering: Answering) {
    this.#answering = answering
    this.#keywords = answering.selected.keywords
  }

  /** As far as it comes until `work` is done, and not more than is worth holding. */
  async during<Result>(work: Promise<Result>): Promise<Result> {
    let isDone = false
    const done = () => void (isDone = true)
    work.then(done, done)
    const { ranges } = this.#answering
    if (ranges.reduce((sum, { start, end }) => sum + end - start, 0) < preparedFrom) return await work
    const steps = this.#prepare()
    for (let sliceStart = performance.now(); !steps.next().done; ) {
      if (performance.now() - sliceStart < sliceMs) continue
      await setImmediate()
      if (isDone) break
      sliceStart = performance.now()
    }
    return await work
  }

  /** A piece of text at a time. */
  *#prepare(): Generator<undefined> {
    const { selected, ranges, expected, withUid, uidOnly } = this.#answering
    const { view } = selected
    let text = ''
    for (const { start, end } of ranges)
      for (let index = start; index < end; index += 1) {
        const flags = expected(view.flags(index))
        this.#flags.push(flags)
        const uid = withUid ? `UID ${view.uid(index)} ` : ''
        text += `${fetchStart(view, index, uidOnly)}${uid}FLAGS (${selected.flagsText(flags)}))\r\n`
        if (text.length < linesPieceChars) continue
        this.#add(text)
        text = ''
        if (this.#chars >= preparedChars) return
        yield undefined
      }
    this.#add(text)
  }

  #add(text: string): void {
    this.#texts.push(text)
    this.#chars += text.length
  }

  /** Writes the answers of so many messages, the first ones; none when one of them is not as it was expected. */
  async write(output: Output): Promise<number> {
    const { selected, ranges } = this.#answering
    // names that came while the store was at work stand in none of the texts
    if (selected.keywords !== this.#keywords || !this.#isAsExpected(selected.view, ranges)) return 0
    for (const text of this.#texts) {
      if (output.isFull) await output.room()
      output.write(text)
    }
    return this.#flags.length
  }

  #isAsExpected(view: MailboxView, ranges: readonly IndexRange[]): boolean {
    let position = 0
    for (const { start, end } of ranges)
      for (let index = start; index < end && position < this.#flags.length; index += 1, position += 1)
        if (view.flags(index) !== this.#flags[position] || !view.isThere(index)) return false
    return true
  }
}
