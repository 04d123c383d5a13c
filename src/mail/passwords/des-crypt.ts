/**
 * The traditional crypt(3): 25 rounds of DES over zeros, the key being the password's first eight characters, with the twelve
 * bits of the salt swapping bits of the expansion. FIPS 46-3 for the tables. Bits are kept one to an octet: it need not be fast.
 */
import { cryptBase64, cryptValue } from './crypt-base64.ts'

// biome-ignore format: the tables are read as in the standard
const initialPermutation = [
  58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4, 62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24, 16, 8,
  57, 49, 41, 33, 25, 17, 9, 1, 59, 51, 43, 35, 27, 19, 11, 3, 61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31, 23, 15, 7,
]
// biome-ignore format: the tables are read as in the standard
const finalPermutation = [
  40, 8, 48, 16, 56, 24, 64, 32, 39, 7, 47, 15, 55, 23, 63, 31, 38, 6, 46, 14, 54, 22, 62, 30, 37, 5, 45, 13, 53, 21, 61, 29,
  36, 4, 44, 12, 52, 20, 60, 28, 35, 3, 43, 11, 51, 19, 59, 27, 34, 2, 42, 10, 50, 18, 58, 26, 33, 1, 41, 9, 49, 17, 57, 25,
]
// biome-ignore format: the tables are read as in the standard
const expansion = [
  32, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9, 8, 9, 10, 11, 12, 13, 12, 13, 14, 15, 16, 17,
  16, 17, 18, 19, 20, 21, 20, 21, 22, 23, 24, 25, 24, 25, 26, 27, 28, 29, 28, 29, 30, 31, 32, 1,
]
// biome-ignore format: the tables are read as in the standard
const roundPermutation = [
  16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10, 2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25,
]
// biome-ignore format: the tables are read as in the standard
const keyChoice1 = [
  57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
  63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
]
// biome-ignore format: the tables are read as in the standard
const keyChoice2 = [
  14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
  41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
]
const keyShifts = [1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1]
/** S1…S8, four rows of sixteen, a hexadecimal digit each */
const boxes = [
  'e4d12fb83a6c59070f74e2d1a6cb953841e8d62bfc973a50fc8249175b3ea06d',
  'f18e6b34972dc05a3d47f28ec01a69b50e7ba4d158c6932fd8a13f42b67c05e9',
  'a09e63f51dc7b428d709346a285ecbf1d6498f30b12c5ae71ad069874fe3b52c',
  '7de3069a1285bc4fd8b56f03472c1ae9a690cb7df13e52843f06a1d8945bc72e',
  '2c417ab6853fd0e9eb2c47d150fa3986421bad78f9c5630eb8c71e2d6f09a453',
  'c1af92680d34e75baf427c9561de0b389ef528c3704a1db6432c95fabe17608d',
  '4b2ef08d3c975a61d0b7491ae35c2f8614bdc37eaf6805926bd814a7950fe23c',
  'd2846fb1a93e50c71fd8a374c56b0e927b419ce206adf35821e74a8dfc90356b',
].map(row => Uint8Array.from(row, digit => parseInt(digit, 16)))

const rounds = 25

/** The eleven characters after the salt. `salt`: two characters of crypt's alphabet. */
export function desCrypt(password: Uint8Array, salt: string): string {
  const keys = keySchedule(password)
  const swaps = swappedExpansion(salt)
  let block = new Uint8Array(64)
  for (let round = 0; round < rounds; round++) block = encipher(block, keys, swaps)
  return encode(block)
}

function keySchedule(password: Uint8Array): readonly Uint8Array[] {
  // seven bits of each character, the parity bit left empty
  const key = new Uint8Array(64)
  for (let octet = 0; octet < 8; octet++)
    for (let bit = 0; bit < 7; bit++) key[octet * 8 + bit] = ((password[octet] ?? 0) >> (6 - bit)) & 1
  let left = permute(key, keyChoice1.slice(0, 28))
  let right = permute(key, keyChoice1.slice(28))
  return keyShifts.map(shift => {
    left = rotate(left, shift)
    right = rotate(right, shift)
    return permute(Uint8Array.from([...left, ...right]), keyChoice2)
  })
}

function swappedExpansion(salt: string): readonly number[] {
  const table = [...expansion]
  for (let character = 0; character < 2; character++) {
    const value = cryptValue(salt.charAt(character))
    for (let bit = 0; bit < 6; bit++) {
      if (((value >> bit) & 1) === 0) continue
      const at = 6 * character + bit
      const kept = table[at] ?? 0
      table[at] = table[at + 24] ?? 0
      table[at + 24] = kept
    }
  }
  return table
}

function encipher(block: Uint8Array, keys: readonly Uint8Array[], table: readonly number[]): Uint8Array<ArrayBuffer> {
  const permuted = permute(block, initialPermutation)
  let left = permuted.slice(0, 32)
  let right = permuted.slice(32)
  for (const key of keys) {
    const mixed = permute(substitute(permute(right, table), key), roundPermutation)
    const next = left.map((bit, at) => bit ^ (mixed[at] ?? 0))
    left = right
    right = next
  }
  return permute(Uint8Array.from([...right, ...left]), finalPermutation)
}

function substitute(expanded: Uint8Array, key: Uint8Array): Uint8Array {
  const output = new Uint8Array(32)
  for (let box = 0; box < 8; box++) {
    const bit = (at: number) => (expanded[box * 6 + at] ?? 0) ^ (key[box * 6 + at] ?? 0)
    const row = (bit(0) << 1) | bit(5)
    const column = (bit(1) << 3) | (bit(2) << 2) | (bit(3) << 1) | bit(4)
    const value = boxes[box]?.[row * 16 + column] ?? 0
    for (let at = 0; at < 4; at++) output[box * 4 + at] = (value >> (3 - at)) & 1
  }
  return output
}

function permute(bits: Uint8Array, table: readonly number[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(table, position => bits[position - 1] ?? 0)
}

function rotate(bits: Uint8Array, count: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from([...bits.subarray(count), ...bits.subarray(0, count)])
}

/** 64 bits and two zeros in groups of six, most significant first. */
function encode(block: Uint8Array): string {
  let text = ''
  for (let group = 0; group < 11; group++) {
    let value = 0
    for (let bit = 0; bit < 6; bit++) value = (value << 1) | (block[group * 6 + bit] ?? 0)
    text += cryptBase64(0, 0, value, 1)
  }
  return text
}
