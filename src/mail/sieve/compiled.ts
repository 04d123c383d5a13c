/** Programs of the scripts that ran lately, by their text: a mailing list of a thousand letters reads its script once. */
import { compileScript } from '#formats/sieve/check.ts'
import type { SieveProblem } from '#formats/sieve/problem.ts'
import type { Program } from '#formats/sieve/program.ts'
import { texts } from './texts.ts'

type Compiled =
  | { readonly program: Program; readonly problem?: undefined }
  | { readonly program?: undefined; readonly problem: SieveProblem }

/** A program takes some ten times the memory of its text. */
const maxKeptTexts = 200
const maxKeptLength = 1024 * 1024

const kept = new Map<string, Compiled>()
let keptLength = 0

export function compiled(text: string, maxScriptBytes: number): Compiled {
  const key = `${maxScriptBytes} ${text}`
  const known = kept.get(key)
  if (known) {
    // the least used goes first
    kept.delete(key)
    kept.set(key, known)
    return known
  }
  const result = compileScript(text, { maxScriptBytes })
  const fresh: Compiled =
    'program' in result
      ? { program: result.program }
      : { problem: result.problems[0] ?? { line: 1, column: 1, text: texts.unexpected } }
  keep(key, fresh)
  return fresh
}

function keep(key: string, fresh: Compiled): void {
  kept.set(key, fresh)
  keptLength += key.length
  for (const oldest of kept.keys()) {
    if (kept.size <= maxKeptTexts && keptLength <= maxKeptLength) break
    kept.delete(oldest)
    keptLength -= oldest.length
  }
}
