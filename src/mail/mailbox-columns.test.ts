// Columns of several chunks beside a plain list: whoever holds columns goes on seeing what was in them, whatever follows.
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { IndexRange } from './account-view.ts'
import { MailboxColumns } from './mailbox-columns.ts'

type Message = readonly [uid: number, flags: number, modSeq: number, emailId: number]

type Step =
  | { readonly kind: 'append'; readonly count: number; readonly gap: number }
  | { readonly kind: 'change'; readonly at: number; readonly count: number }
  | { readonly kind: 'remove'; readonly at: readonly number[]; readonly count: number }
  | { readonly kind: 'share' }

const at = fc.integer({ min: 0, max: 99 })
const count = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 9000 }))
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('append'), count, gap: fc.integer({ min: 0, max: 3 }) }),
  fc.record({ kind: fc.constant('change'), at, count }),
  fc.record({ kind: fc.constant('remove'), at: fc.array(at, { minLength: 1, maxLength: 4 }), count }),
  fc.constant({ kind: 'share' }),
)

function loaded(length: number, spare: number) {
  const rows = length + spare
  const number = (_: unknown, index: number) => (index < length ? index + 1 : 0)
  return {
    uids: Uint32Array.from({ length: rows }, number),
    flags: new Uint32Array(rows),
    modSeqs: Float64Array.from({ length: rows }, number),
    emailIds: Float64Array.from({ length: rows }, number),
    length,
  }
}

function contents(columns: MailboxColumns, length: number): readonly Message[] {
  return Array.from({ length }, (_, index) => [
    columns.uid(index),
    columns.flags(index),
    columns.modSeq(index),
    columns.emailId(index),
  ])
}

/** Where it stands in a hundred, cut at the end. */
function rangeAt(place: number, count: number, length: number): IndexRange {
  const start = Math.floor((place * length) / 100)
  return { start, end: Math.min(length, start + count) }
}

function disjoint(ranges: readonly IndexRange[]): readonly IndexRange[] {
  let from = 0
  return ranges
    .toSorted((a, b) => a.start - b.start)
    .map(({ start, end }) => {
      const range = { start: Math.max(start, from), end: Math.max(end, from) }
      from = range.end
      return range
    })
    .filter(({ start, end }) => start < end)
}

class Both {
  columns: MailboxColumns
  messages: readonly Message[]
  readonly held: { readonly columns: MailboxColumns; readonly messages: readonly Message[] }[] = []
  #uidNext: number
  #modSeq: number

  constructor(length: number, spare: number) {
    this.columns = MailboxColumns.of(loaded(length, spare))
    this.messages = contents(this.columns, length)
    this.#uidNext = length + 1
    this.#modSeq = length
  }

  run(step: Step): void {
    const modSeq = ++this.#modSeq
    const { length } = this.messages
    switch (step.kind) {
      case 'append': {
        const first = this.#uidNext + step.gap
        const run = { first, count: step.count, modSeq, flags: 8, email: 10 * first }
        this.columns.append(run)
        const added = Array.from(
          { length: step.count },
          (_, row): Message => [first + row, 8, modSeq, 10 * first + row],
        )
        this.messages = [...this.messages, ...added]
        this.#uidNext = first + step.count
        return
      }
      case 'change': {
        const { start, end } = rangeAt(step.at, step.count, length)
        this.columns = this.columns.writable()
        this.columns.change(start, end, modSeq & 3, modSeq)
        this.messages = this.messages.map((message, index) =>
          index < start || index >= end ? message : [message[0], modSeq & 3, modSeq, message[3]],
        )
        return
      }
      case 'remove': {
        const ranges = disjoint(step.at.map(place => rangeAt(place, step.count, length)))
        const gone = (index: number) => ranges.some(({ start, end }) => index >= start && index < end)
        assert.deepEqual(
          [...this.columns.uidsIn(ranges)],
          this.messages.filter((_, index) => gone(index)).map(([uid]) => uid),
        )
        this.columns = this.columns.without(ranges)
        this.messages = this.messages.filter((_, index) => !gone(index))
        return
      }
      case 'share':
        this.columns.shared = true
        this.held.push({ columns: this.columns, messages: this.messages })
    }
  }

  check(): void {
    assert.equal(this.columns.length, this.messages.length)
    for (const { columns, messages } of [this, ...this.held]) {
      assert.deepEqual(contents(columns, messages.length), messages)
      checkLooks(columns, messages)
    }
  }
}

function checkLooks(columns: MailboxColumns, messages: readonly Message[]): void {
  const { length } = messages
  const last = messages.at(-1)?.[0] ?? 0
  for (const uid of [0, 1, 2, 4096, 4097, 5000, last, last + 1]) {
    const index = messages.findIndex(message => message[0] >= uid)
    assert.equal(columns.lowerBound(uid, length), index < 0 ? length : index)
    assert.equal(columns.indexOf(uid, length), index >= 0 && messages[index]?.[0] === uid ? index : -1)
  }
  for (const start of [0, 100, 4095, length - 1].filter(index => index >= 0 && index < length)) {
    assert.equal(columns.runEnd(start, length), runEnd(messages, start))
    const all = messages.slice(start).reduce((or, [, flags]) => or | flags, 0)
    assert.equal(columns.allFlags(start, length), all)
  }
}

function runEnd(messages: readonly Message[], start: number): number {
  const [uid = 0, flags, modSeq] = messages[start] ?? []
  for (let index = start + 1; index < messages.length; index++) {
    const message = messages[index]
    if (message?.[0] !== uid + index - start || message[1] !== flags || message[2] !== modSeq) return index
  }
  return messages.length
}

test('columns and a plain list hold the same, and so does whoever has held the columns since before', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0, 3, 4096, 10_000),
      fc.constantFrom(0, 256),
      fc.array(step, { maxLength: 14 }),
      (length, spare, steps) => {
        const both = new Both(length, spare)
        for (const step of steps) both.run(step)
        both.check()
      },
    ),
    { numRuns: 60 },
  )
})
