/**
 * Responses that differ in nothing but numbers that go up by one from line to line: what a STORE answers for ten thousand messages.
 * Measured with 10,000: 0.2 ms, ten times faster than a text for each.
 */
import { utf8 } from '#base/bytes.ts'

export type CountedLines = {
  /** Before the number, behind it, and behind the second number; with its CRLF */
  readonly texts: readonly [string, string, string?]
  readonly first: number
  /** The second number of the first line, where there are two */
  readonly second?: number
}

/** Lines of one piece: some ten KiB */
const pieceLines = 1024

/** `count` lines in pieces. */
export function* countedLines(lines: CountedLines, count: number): Generator<Uint8Array> {
  for (let done = 0; done < count; ) {
    const first = lines.first + done
    const second = (lines.second ?? 0) + done
    // as long as no number gets longer
    const rows = Math.min(count - done, pieceLines, above(first) - first, above(second) - second)
    yield piece(lines.texts, first, lines.second === undefined ? undefined : second, rows)
    done += rows
  }
}

/** The next number with a digit more. */
function above(number: number): number {
  let power = 10
  while (power <= number) power *= 10
  return power
}

function piece(
  [before, behind, end = '']: CountedLines['texts'],
  first: number,
  second: number | undefined,
  rows: number,
) {
  const start = `${before}${first}`
  const middle = second === undefined ? '' : `${behind}${second}`
  const line = `${start}${middle}${second === undefined ? behind : end}`
  if (rows === 1) return utf8(line)
  const bytes = utf8(line.repeat(rows))
  const lineBytes = bytes.length / rows
  const startBytes = Buffer.byteLength(start)
  countUp(bytes, startBytes - 1, lineBytes, first, rows)
  if (second !== undefined) countUp(bytes, startBytes + Buffer.byteLength(middle) - 1, lineBytes, second, rows)
  return bytes
}

/** All lines have the first one's number, whose last digit is at `place`: writes those digits that are others. */
function countUp(bytes: Uint8Array, place: number, lineBytes: number, first: number, rows: number): void {
  for (let row = 1; row < rows; row += 1) {
    let number = first + row
    let same = first
    for (let at = place + row * lineBytes; number !== same; at -= 1) {
      const rest = Math.floor(number / 10)
      bytes[at] = 0x30 + number - rest * 10
      number = rest
      same = Math.floor(same / 10)
    }
  }
}
