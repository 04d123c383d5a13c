/** Hostile input made from good input: octets changed, pieces spliced between seeds, and the words of a grammar put where they hurt. */
import type { Random } from '../support/random.ts'

/** Numbers at which counters, 32-bit and 64-bit arithmetic and parsers turn over. */
const numbers = [
  '0',
  '-1',
  '1',
  '00000000000000000000001',
  '4294967295',
  '4294967296',
  '9007199254740993',
  '18446744073709551616',
  '9'.repeat(60),
]
const octets = [0x00, 0x09, 0x0a, 0x0d, 0x1b, 0x20, 0x22, 0x28, 0x29, 0x2a, 0x2e, 0x5c, 0x7b, 0x7d, 0x7f, 0x80, 0xff]
/** An input that mutations have made longer is cut: size alone is tried by the limits' own tests. */
const maxInputBytes = 64 * 1024

export type Words = readonly (string | Uint8Array)[]

/** One to four seeds in a row, changed up to six times. `words` are what the grammar knows. */
export function mutated(seeds: readonly Uint8Array[], words: Words, random: Random): Buffer {
  const parts = Array.from({ length: 1 + random.integer(4) }, () => random.pick(seeds))
  return changed(Buffer.concat(parts), seeds, words, random)
}

/** One seed, changed up to six times. */
export function changed(seed: Uint8Array, seeds: readonly Uint8Array[], words: Words, random: Random): Buffer {
  let input: Buffer = Buffer.from(seed.subarray(0, maxInputBytes))
  for (let changes = random.integer(7); changes > 0; changes--) input = change(input, seeds, words, random)
  return input.subarray(0, maxInputBytes)
}

function change(input: Buffer, seeds: readonly Uint8Array[], words: Words, random: Random): Buffer {
  switch (random.integer(9)) {
    case 0:
      return withOctet(input, random.pick(octets), random)
    case 1:
      return withOctet(input, random.integer(256), random)
    case 2:
      return put(input, Buffer.from(random.pick(words)), random.integer(2) * random.integer(20), random)
    case 3:
      return swapped(input, /[A-Za-z$\\-]+/g, () => Buffer.from(random.pick(words)), random)
    case 4:
      return swapped(input, /\d+/g, () => Buffer.from(random.pick(numbers)), random)
    case 5:
      return spliced(input, random.pick(seeds), random)
    case 6:
      return repeated(input, random)
    case 7:
      return withoutLine(input, random)
    default:
      return input.subarray(0, random.integer(input.length + 1))
  }
}

function withOctet(input: Buffer, octet: number, random: Random): Buffer {
  if (input.length > 0) input[random.integer(input.length)] = octet
  return input
}

function put(input: Buffer, piece: Uint8Array, cut: number, random: Random): Buffer {
  const at = random.integer(input.length + 1)
  return Buffer.concat([input.subarray(0, at), piece, input.subarray(Math.min(input.length, at + cut))])
}

/** Another word or number in the place of one of the input's own. */
function swapped(input: Buffer, tokens: RegExp, piece: () => Uint8Array, random: Random): Buffer {
  const found = [...input.toString('latin1').matchAll(tokens)]
  if (found.length === 0) return input
  const { index, 0: token } = random.pick(found)
  return Buffer.concat([input.subarray(0, index), piece(), input.subarray(index + token.length)])
}

/** The beginning of one and the end of another, cut where a word ends. */
function spliced(input: Buffer, other: Uint8Array, random: Random): Buffer {
  return Buffer.concat([input.subarray(0, boundary(input, random)), other.subarray(boundary(other, random))])
}

function boundary(bytes: Uint8Array, random: Random): number {
  const space = bytes.indexOf(0x20, random.integer(bytes.length + 1))
  return space < 0 ? random.integer(bytes.length + 1) : space
}

function repeated(input: Buffer, random: Random): Buffer {
  const from = random.integer(input.length + 1)
  const piece = input.subarray(from, from + 1 + random.integer(200))
  return Buffer.concat([
    input.subarray(0, from),
    ...Array<Buffer>(1 + random.integer(50)).fill(piece),
    input.subarray(from),
  ])
}

function withoutLine(input: Buffer, random: Random): Buffer {
  const from = input.indexOf(0x0a, random.integer(input.length + 1))
  if (from < 0) return input
  const to = input.indexOf(0x0a, from + 1)
  return Buffer.concat([input.subarray(0, from + 1), input.subarray(to < 0 ? input.length : to + 1)])
}
