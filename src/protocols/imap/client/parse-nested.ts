/** Words and parentheses of responses, read more loosely than requests: servers differ. */
import { asciiText } from '#base/bytes.ts'
import { expectChar, tryChar, tryString } from '../syntax/grammar.ts'
import type { Reader } from '../syntax/reader.ts'
import { nestedValueLimit, nestingLimit, wordLimit } from './limits.ts'
import type { Nested } from './response.ts'

const space = 0x20
const open = 0x28
const close = 0x29

/** Up to a space, a parenthesis or the end; may be empty. `also`: further ends */
export function takeWord(reader: Reader, also = -2): string {
  const start = reader.position
  for (;;) {
    const byte = reader.peek()
    if (byte === -1 || byte === space || byte === open || byte === close || byte === also) break
    reader.advance(1)
  }
  return asciiText(reader.since(start))
}

export function expectWord(reader: Reader): string {
  const word = takeWord(reader)
  return word === '' ? reader.fail('Expected a word') : word
}

export function skipSpaces(reader: Reader): void {
  while (tryChar(reader, ' '));
}

/** `(a b c)` */
export function expectWords(reader: Reader): readonly string[] {
  const words: string[] = []
  expectChar(reader, '(')
  for (;;) {
    skipSpaces(reader)
    if (tryChar(reader, ')')) return words
    words.push(expectWord(reader))
    if (words.length > wordLimit) reader.fail('The list is too long')
  }
}

/** The rest of the line */
export function takeRest(reader: Reader): string {
  const start = reader.position
  while (reader.peek() !== -1) reader.advance(1)
  return Buffer.from(reader.since(start)).toString('utf8')
}

export function expectNested(reader: Reader): Nested {
  return nested(reader, 0, { left: nestedValueLimit })
}

function nested(reader: Reader, depth: number, budget: { left: number }): Nested {
  if (--budget.left < 0) reader.fail('There are too many values')
  if (depth > nestingLimit) reader.fail('The nesting is too deep')
  if (!tryChar(reader, '(')) {
    const string = tryString(reader)
    if (string) return string
    const word = expectWord(reader)
    return word.toUpperCase() === 'NIL' ? undefined : word
  }
  const list: Nested[] = []
  for (;;) {
    skipSpaces(reader)
    if (tryChar(reader, ')')) return list
    list.push(nested(reader, depth + 1, budget))
  }
}
