/** What is wrong with a script, for its owner: ManageSieve, the web client and the daily letter show it. */
import type { Text } from '#base/text.ts'

export type SieveProblem = {
  /** From 1, as editors count */
  readonly line: number
  /** From 1, in characters (UTF-16 units) */
  readonly column: number
  readonly text: Text
}
