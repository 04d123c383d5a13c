/**
 * bcrypt (`$2y$`): Provos and Mazières, "A Future-Adaptable Password Scheme", 1999. Synchronous and slow by design.
 *
 * Blowfish begins from the fractional digits of pi, 18 + 4 × 256 words of them. They are computed once (about 20 ms) instead
 * of being written out.
 */
const sizeOfP = 18
const sizeOfS = 4 * 256
const alphabet = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const plaintext = 'OrpheanBeholderScryDoubt'
/** bcrypt reads no more of a password than this, its final NUL included. */
const maxKeyBytes = 72

/** The 31 characters after cost and salt. `salt`: the 22 characters as written. */
export function bcrypt(password: Uint8Array, salt: string, cost: number): string {
  const saltBytes = decode(salt).subarray(0, 16)
  // the NUL at the end belongs to the key
  const key = Buffer.concat([password, Buffer.alloc(1)]).subarray(0, maxKeyBytes)
  const state = eksBlowfish(key, saltBytes, cost)
  const block = Buffer.from(plaintext)
  const pair = new Int32Array(2)
  for (let at = 0; at < block.length; at += 8) {
    pair[0] = block.readInt32BE(at)
    pair[1] = block.readInt32BE(at + 4)
    for (let round = 0; round < 64; round++) encipher(state, pair)
    block.writeInt32BE(pair[0], at)
    block.writeInt32BE(pair[1], at + 4)
  }
  return encode(block.subarray(0, 23))
}

/** 22 characters carry 132 bits for 128: the last one has only four meanings. */
export function isBcryptSalt(salt: string): boolean {
  return /^[./A-Za-z0-9]{22}$/.test(salt)
}

type State = { readonly p: Int32Array; readonly s: Int32Array }

function eksBlowfish(key: Uint8Array, salt: Uint8Array, cost: number): State {
  const digits = piWords()
  const state = { p: digits.slice(0, sizeOfP), s: digits.slice(sizeOfP) }
  const keyWords = cyclicWords(key)
  const saltWords = cyclicWords(salt)
  const nothing = new Int32Array(sizeOfP)
  expand(state, keyWords, saltWords)
  for (let round = 2 ** cost; round > 0; round--) {
    expand(state, keyWords, nothing)
    expand(state, saltWords, nothing)
  }
  return state
}

/** The octets over and over, as big-endian words. */
function cyclicWords(bytes: Uint8Array): Int32Array {
  const words = new Int32Array(sizeOfP)
  for (let at = 0; at < sizeOfP * 4; at++) {
    const word = at >> 2
    words[word] = ((words[word] ?? 0) << 8) | (bytes[at % bytes.length] ?? 0)
  }
  return words
}

function expand(state: State, key: Int32Array, salt: Int32Array): void {
  const { p, s } = state
  for (let at = 0; at < sizeOfP; at++) p[at] = (p[at] ?? 0) ^ (key[at] ?? 0)
  const pair = new Int32Array(2)
  let saltAt = 0
  for (let at = 0; at < sizeOfP + sizeOfS; at += 2) {
    pair[0] = (pair[0] ?? 0) ^ (salt[saltAt] ?? 0)
    pair[1] = (pair[1] ?? 0) ^ (salt[saltAt + 1] ?? 0)
    // the salt has four words
    saltAt = (saltAt + 2) & 3
    encipher(state, pair)
    const [target, index] = at < sizeOfP ? [p, at] : [s, at - sizeOfP]
    target[index] = pair[0] ?? 0
    target[index + 1] = pair[1] ?? 0
  }
}

function encipher(state: State, pair: Int32Array): void {
  const { p, s } = state
  let left = pair[0] as number
  let right = pair[1] as number
  for (let round = 0; round < 16; round += 2) {
    left ^= p[round] as number
    right ^=
      ((((s[left >>> 24] as number) + (s[256 + ((left >>> 16) & 255)] as number)) ^
        (s[512 + ((left >>> 8) & 255)] as number)) +
        (s[768 + (left & 255)] as number)) |
      0
    right ^= p[round + 1] as number
    left ^=
      ((((s[right >>> 24] as number) + (s[256 + ((right >>> 16) & 255)] as number)) ^
        (s[512 + ((right >>> 8) & 255)] as number)) +
        (s[768 + (right & 255)] as number)) |
      0
  }
  pair[0] = right ^ (p[17] as number)
  pair[1] = left ^ (p[16] as number)
}

let pi: Int32Array | undefined

/** The first 1042 words after the binary point of pi, by Machin's formula. */
function piWords(): Int32Array {
  if (pi) return pi
  const bits = BigInt((sizeOfP + sizeOfS) * 32)
  const guard = 64n
  const one = 1n << (bits + guard)
  const fraction = (16n * arctanOfInverse(5n, one) - 4n * arctanOfInverse(239n, one) - 3n * one) >> guard
  const digits = Buffer.from(fraction.toString(16).padStart((sizeOfP + sizeOfS) * 8, '0'), 'hex')
  pi = new Int32Array(sizeOfP + sizeOfS)
  for (let at = 0; at < pi.length; at++) pi[at] = digits.readInt32BE(at * 4)
  return pi
}

function arctanOfInverse(x: bigint, one: bigint): bigint {
  let term = one / x
  let sum = term
  for (let n = 3n; term !== 0n; n += 2n) {
    term = -term / (x * x)
    sum += term / n
  }
  return sum
}

function encode(bytes: Uint8Array): string {
  let bits = ''
  for (const octet of bytes) bits += octet.toString(2).padStart(8, '0')
  let text = ''
  for (let at = 0; at < bits.length; at += 6)
    text += alphabet.charAt(parseInt(bits.slice(at, at + 6).padEnd(6, '0'), 2))
  return text
}

function decode(text: string): Uint8Array {
  let bits = ''
  for (const character of text) bits += Math.max(0, alphabet.indexOf(character)).toString(2).padStart(6, '0')
  const bytes: number[] = []
  for (let at = 0; at + 8 <= bits.length; at += 8) bytes.push(parseInt(bits.slice(at, at + 8), 2))
  return Uint8Array.from(bytes)
}
