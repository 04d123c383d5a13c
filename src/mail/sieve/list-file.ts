/** A list of the administrator (RFC 6134): addresses, or other values, one a line. */
import type { Text } from '#base/text.ts'
import { canonicalAddress } from '#formats/address/address.ts'
import type { SieveProblem } from '#formats/sieve/problem.ts'
import { readText } from './text-file.ts'

export type ListMembers = {
  /** As written, in order */
  readonly values: readonly string[]
  has(value: string): boolean
}

/** A million addresses are some 30 MB of text; what is larger belongs into a database */
const maxListBytes = 32 * 1024 * 1024
/** RFC 5321 §4.5.3.1.3 allows a path of 256 octets */
const maxValueLength = 1000

export async function readList(
  file: string,
): Promise<{ readonly members: ListMembers; readonly problems: readonly SieveProblem[] }> {
  const text = await readText(file, maxListBytes)
  if (typeof text !== 'string') return { members: listOf([]), problems: [{ line: 1, column: 1, text }] }
  return parseList(text)
}

/** Comments begin with # at the beginning of a line or behind a blank: an address may hold one. */
export function parseList(text: string): { members: ListMembers; problems: readonly SieveProblem[] } {
  const values: string[] = []
  const problems: SieveProblem[] = []
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const value = line.replace(/(?:^|\s)#.*$/, '').trim()
    if (value.length > maxValueLength) problems.push({ line: index + 1, column: 1, text: tooLong })
    else if (value !== '') values.push(value)
  }
  return { members: listOf(values), problems: problems.slice(0, 20) }
}

const tooLong: Text = {
  en: `a value of a list has ${maxValueLength} characters at most`,
  ja: `リストの値は ${maxValueLength} 文字までです`,
}

/** Addresses are compared in canonical form, other values as they are. */
function listOf(values: readonly string[]): ListMembers {
  const known = new Set(values.map(value => canonicalAddress(value) ?? value))
  return { values, has: value => known.has(canonicalAddress(value) ?? value) }
}
