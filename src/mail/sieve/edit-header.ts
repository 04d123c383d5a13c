/** editheader, RFC 5293 */
import { isFieldName } from '#formats/sieve/check/common-tags.ts'
import { isProtectedField } from '#formats/sieve/check/other-commands.ts'
import type { Statement } from '#formats/sieve/program.ts'
import { SieveFault } from './fault.ts'
import { fieldText } from './fields.ts'
import type { LetterField } from './letter.ts'
import { maxEdits } from './limits.ts'
import { cut, type Run } from './run.ts'
import { texts } from './texts.ts'
import { expand, matchValues } from './values.ts'

/** RFC 5293 §4 lets the length of a field be limited */
const maxValueLength = 2_048

export function countEdit(run: Run): void {
  run.budget.spend(100)
  if (++run.edits > maxEdits) throw new SieveFault(texts.tooManyEdits(maxEdits))
}

/** §4: a name that is none adds nothing. Fields of the account's own trust are nobody's to add. */
export function addHeader(run: Run, { name, value, last }: Extract<Statement, { kind: 'addheader' }>): void {
  countEdit(run)
  const field = expand(run, name)
  if (!isFieldName(field)) return
  run.letter.addField(field, cut(expand(run, value), maxValueLength), last)
}

/** §5 */
export async function deleteHeader(run: Run, statement: Extract<Statement, { kind: 'deleteheader' }>): Promise<void> {
  countEdit(run)
  const name = expand(run, statement.name)
  if (isProtectedField(name)) throw new SieveFault(texts.protectedField(name))
  const all = run.letter.fields(name.toLowerCase())
  const { index } = statement
  const chosen = index ? [index.last ? all.at(-index.number) : all[index.number - 1]] : all
  const gone = new Set<LetterField>()
  for (const field of chosen) if (field && (await hasValue(run, statement, field))) gone.add(field)
  run.letter.removeFields(gone)
}

async function hasValue(
  run: Run,
  { values, match }: Extract<Statement, { kind: 'deleteheader' }>,
  field: LetterField,
): Promise<boolean> {
  return values === undefined || matchValues(run, match, [fieldText(run, field)], values)
}
