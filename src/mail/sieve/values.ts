/** Templates become strings, and values are compared with keys. */
import { canonicalAddress } from '#formats/address/address.ts'
import type { Work } from '#formats/sieve/matching/budget.ts'
import { matchAny } from '#formats/sieve/matching/match.ts'
import { compileRegex } from '#formats/sieve/matching/regex.ts'
import type { Match, Template } from '#formats/sieve/program.ts'
import { SieveFault } from './fault.ts'
import { maxStringLength } from './limits.ts'
import { cut, readVariable, type Run } from './run.ts'
import { texts } from './texts.ts'

export function expand(run: Run, template: Template): string {
  if (typeof template === 'string') return template
  let text = ''
  for (const piece of template) {
    run.budget.spend(1)
    if (typeof piece === 'string') text += piece
    else if (piece.kind === 'match') text += run.scope.matched[piece.index] ?? ''
    else text += readVariable(run, piece.name, piece.global)
    if (text.length > maxStringLength) return cut(text, maxStringLength)
  }
  run.budget.spend(text.length / 16)
  return text
}

export function expandAll(run: Run, templates: readonly Template[]): string[] {
  return templates.map(template => expand(run, template))
}

/** `bodyTest`: its wildcards give no variables (RFC 5173 §6) */
export async function matchValues(
  run: Run,
  match: Match,
  values: readonly string[],
  keys: readonly Template[],
  bodyTest = false,
): Promise<boolean> {
  const expanded = expandAll(run, keys)
  if (match.type === 'list') return inLists(run, values, expanded)
  // a pattern that was put together of variables is known only now
  if (match.type === 'regex') for (const [index, key] of expanded.entries()) checkRegex(keys[index] ?? '', key)
  return interruptible(
    run,
    matchAny(match, values, expanded, run.budget, groups => {
      if (!bodyTest) run.scope.matched = groups.map(group => cut(group, maxStringLength))
    }),
  )
}

function checkRegex(template: Template, pattern: string): void {
  if (typeof template === 'string') return
  const regex = compileRegex(pattern)
  if ('mistake' in regex) throw new SieveFault(texts.badRegex(regex.mistake))
}

/** RFC 6134 §2.2: a list that is not there matches nothing, or ends the script: it ends it, so that the owner hears of it. */
async function inLists(run: Run, values: readonly string[], names: readonly string[]): Promise<boolean> {
  const { lists } = run.ports
  for (const name of names) {
    const list = fullListName(name)
    if (!(await lists.exists(run.message.account, list))) throw new SieveFault(texts.noSuchList(name))
    for (const value of values) {
      run.budget.spend(100)
      if (!(await lists.contains(run.message.account, list, canonicalAddress(value) ?? value))) continue
      run.scope.matched = [value]
      return true
    }
  }
  return false
}

/** RFC 6134 §2.5: `:addrbook:default` is short for an URN */
export function fullListName(name: string): string {
  return name.startsWith(':') ? `urn:ietf:params:sieve${name}` : name
}

/** Others run whenever the work says so. */
export async function interruptible<T>({ signal }: Run, work: Work<T>): Promise<T> {
  for (;;) {
    const { done, value } = work.next()
    if (done) return value
    await pause(signal)
  }
}

export async function pause(signal: AbortSignal): Promise<void> {
  await new Promise(resolve => setImmediate(resolve))
  signal.throwIfAborted()
}
