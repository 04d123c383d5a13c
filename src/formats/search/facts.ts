/** What a search asks about a letter besides its texts: size and days. Days are counted since 1970-01-01. */
import { concatBytes, ownBytes } from '#base/bytes.ts'
import { sentDay } from './sent-day.ts'

export type LetterFacts = {
  /** Octets */
  readonly size: number
  /** Of INTERNALDATE, in UTC */
  readonly arrived: number
  /** Of the Date field, in its own zone; undefined without one */
  readonly sent: number | undefined
}

/** From `from` up to and without `to` */
export type FactTerm = { readonly in: 'size' | 'arrived' | 'sent'; readonly from: number; readonly to: number }

/** By letter */
export type Facts = { readonly size: Uint32Array; readonly arrived: Int32Array; readonly sent: Int32Array }

const dayMs = 86_400_000
/** Stands for "no day": below every day that can be asked for */
const none = -0x8000_0000

export function letterFacts(letter: {
  readonly sizeBytes: number
  readonly internalDate: number
  /** The beginning of the stored ENVELOPE */
  readonly envelope: Uint8Array
}): LetterFacts {
  const { sizeBytes, internalDate, envelope } = letter
  return { size: sizeBytes, arrived: Math.floor(internalDate / dayMs), sent: sentDay(envelope) }
}

export function matchFact(term: FactTerm, facts: LetterFacts): boolean {
  const value = facts[term.in]
  return value !== undefined && value >= term.from && value < term.to
}

export function factOf(term: FactTerm, facts: Facts, letter: number): boolean {
  const value = facts[term.in][letter] ?? none
  return value !== none && value >= term.from && value < term.to
}

/** Sizes, arrivals, then days of sending, 32 bit little endian each. */
export function packFacts(letters: readonly LetterFacts[]): Uint8Array {
  const columns = [
    Uint32Array.from(letters, ({ size }) => Math.min(size, 0xffff_ffff)),
    Int32Array.from(letters, ({ arrived }) => arrived),
    Int32Array.from(letters, ({ sent }) => sent ?? none),
  ]
  return concatBytes(columns.map(column => new Uint8Array(column.buffer)))
}

export function unpackFacts(bytes: Uint8Array): Facts {
  const { buffer, length } = ownBytes(bytes)
  const count = length / 12
  return {
    size: new Uint32Array(buffer, 0, count),
    arrived: new Int32Array(buffer, count * 4, count),
    sent: new Int32Array(buffer, count * 8, count),
  }
}

/** One letter's, out of the packed. */
export function factsAt(facts: Facts, letter: number): LetterFacts {
  const sent = facts.sent[letter] ?? none
  return {
    size: facts.size[letter] ?? 0,
    arrived: facts.arrived[letter] ?? 0,
    sent: sent === none ? undefined : sent,
  }
}
