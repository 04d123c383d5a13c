/** imap4flags, RFC 5232 */
import type { Statement } from '#formats/sieve/program.ts'
import { SieveFault } from './fault.ts'
import { maxFlagLength, maxFlags } from './limits.ts'
import { readVariable, type Run, writeVariable } from './run.ts'
import { texts } from './texts.ts'
import { expandAll } from './values.ts'

const systemFlag = /^\\(?:answered|deleted|draft|flagged|seen)$/i

/** §3: flags stand apart by blanks; what is no flag falls away, and a flag counts once, whatever its case. */
export function splitFlags(text: string): string[] {
  const found = new Map<string, string>()
  for (const flag of text.split(/\s+/))
    if (isFlag(flag) && !found.has(flag.toLowerCase())) found.set(flag.toLowerCase(), flag)
  return [...found.values()]
}

/** A system flag that may be set, or a keyword (RFC 9051 §9 flag-keyword) */
function isFlag(text: string): boolean {
  return systemFlag.test(text) || (text.length <= maxFlagLength && /^[!#$&'+,\-./0-9:;<=>?@A-Z^_`a-z|}~]+$/.test(text))
}

export function uniteFlags(texts_: readonly string[]): string[] {
  const flags = splitFlags(texts_.join(' '))
  if (flags.length > maxFlags) throw new SieveFault(texts.tooManyFlags(maxFlags))
  return flags
}

/** Of the named variables, or the ones that keep and fileinto take by themselves */
export function currentFlags(run: Run, variables: readonly string[] | undefined): string[] {
  if (!variables) return [...run.outcome.flags]
  return variables.flatMap(name => splitFlags(readVariable(run, name.toLowerCase(), false)))
}

export function changeFlags(run: Run, { change, variable, flags }: Extract<Statement, { kind: 'flags' }>): void {
  const named = uniteFlags(expandAll(run, flags))
  run.budget.spend(1 + named.length)
  const before = variable ? splitFlags(readVariable(run, variable.name, variable.global)) : run.outcome.flags
  const after = changed(change, before, named)
  if (variable) writeVariable(run, variable.name, variable.global, after.join(' '))
  else run.outcome.flags = after
}

function changed(change: 'set' | 'add' | 'remove', before: readonly string[], named: readonly string[]): string[] {
  if (change === 'set') return [...named]
  if (change === 'add') return uniteFlags([...before, ...named])
  const gone = new Set(named.map(flag => flag.toLowerCase()))
  return before.filter(flag => !gone.has(flag.toLowerCase()))
}
