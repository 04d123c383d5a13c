/**
 * `{CRAM-MD5}`: the two MD5 states after the padded key blocks of HMAC-MD5 (RFC 2104 §4), outer before inner, each as four
 * little-endian words. node:crypto does not show a state, so the one compression that is needed is here.
 */
import { hash } from 'node:crypto'

const blockBytes = 64
/** RFC 1321 §3.4 */
const sines = Uint32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32))
const shifts = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const

/** 32 octets */
export function cramMd5States(password: Uint8Array): Uint8Array {
  const key = Buffer.alloc(blockBytes)
  key.set(password.length > blockBytes ? hash('md5', password, 'buffer') : password)
  return Buffer.concat([compress(key.map(octet => octet ^ 0x5c)), compress(key.map(octet => octet ^ 0x36))])
}

/** The MD5 state after one block, from the initial one. */
function compress(block: Uint8Array): Uint8Array {
  const words = new DataView(block.buffer, block.byteOffset, block.length)
  const initial = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476] as const
  let [a, b, c, d]: [number, number, number, number] = [...initial]
  for (let step = 0; step < 64; step++) {
    const round = step >> 4
    const [mixed, word] = mix(round, step, b, c, d)
    const sum = (a + mixed + (sines[step] ?? 0) + words.getUint32(word * 4, true)) >>> 0
    const shift = shifts[round]?.[step & 3] ?? 0
    const turned = ((sum << shift) | (sum >>> (32 - shift))) >>> 0
    ;[a, b, c, d] = [d, (b + turned) >>> 0, b, c]
  }
  const state = Buffer.alloc(16)
  for (const [at, word] of [a, b, c, d].entries()) state.writeUInt32LE((word + (initial[at] ?? 0)) >>> 0, at * 4)
  return state
}

function mix(round: number, step: number, b: number, c: number, d: number): readonly [mixed: number, word: number] {
  if (round === 0) return [(b & c) | (~b & d), step]
  if (round === 1) return [(d & b) | (~d & c), (5 * step + 1) % 16]
  if (round === 2) return [b ^ c ^ d, (3 * step + 5) % 16]
  return [c ^ (b | ~d), (7 * step) % 16]
}
