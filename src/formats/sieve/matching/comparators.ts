/** How strings are compared: RFC 4790 §9, RFC 5051. */
import { casemapKey } from '#formats/charset/casemap.ts'
import type { Comparator } from '../program.ts'

export const comparators: readonly Comparator[] = ['i;octet', 'i;ascii-casemap', 'i;ascii-numeric', 'i;unicode-casemap']

/** Equal keys are equal strings; a key contains another where a string contains another. Not for i;ascii-numeric's order: `compare`. */
export function keyFor(comparator: Comparator): (text: string) => string {
  switch (comparator) {
    case 'i;octet':
      return text => text
    case 'i;ascii-casemap':
      return upperAscii
    case 'i;ascii-numeric':
      return text => numberOf(text) ?? 'infinity'
    case 'i;unicode-casemap':
      return casemapKey
  }
}

/** Negative, 0 or positive */
export function compare(comparator: Comparator, left: string, right: string): number {
  if (comparator === 'i;ascii-numeric') return compareNumbers(numberOf(left), numberOf(right))
  const key = keyFor(comparator)
  return Buffer.compare(Buffer.from(key(left)), Buffer.from(key(right)))
}

export function upperAscii(text: string): string {
  // several times faster than going from word to word
  if (Buffer.byteLength(text) === text.length) return text.toUpperCase()
  return text.replace(/[a-z]+/g, letters => letters.toUpperCase())
}

/** RFC 4790 §9.1: the digits in front, without zeros before them; undefined is positive infinity */
function numberOf(text: string): string | undefined {
  const digits = /^[0-9]+/.exec(text)?.[0]
  return digits?.replace(/^0+(?=.)/, '')
}

function compareNumbers(left: string | undefined, right: string | undefined): number {
  if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined)
  if (left.length !== right.length) return left.length - right.length
  return left < right ? -1 : Number(left > right)
}
