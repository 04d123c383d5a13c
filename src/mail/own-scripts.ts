/**
 * Scripts of ours among an account's scripts, and what runs behind what: the vacation response and the filters include what was active before them. Pure;
 * what has to change goes to the store as steps of one change.
 */
import { utf8 } from '#base/bytes.ts'
import { isFilterScript, printFilters, readFilters, withBehind } from '#formats/sieve/filters/document.ts'
import { parseScript } from '#formats/sieve/parse.ts'
import type { Command } from '#formats/sieve/syntax.ts'
import { readVacationScript, vacationScriptName, vacationWithBehind } from '#formats/sieve/vacation-script.ts'
import type { ScriptStep, WholeScript } from './scripts.ts'

export type ScriptKind = 'vacation' | 'filters' | 'script'
export type RunningScript = { readonly kind: ScriptKind; readonly script: WholeScript }

export function scriptText({ bytes }: Pick<WholeScript, 'bytes'>): string {
  return new TextDecoder().decode(bytes)
}

export function scriptKind(script: Pick<WholeScript, 'name' | 'bytes'>): ScriptKind {
  const text = scriptText(script)
  if (isFilterScript(text)) return 'filters'
  return script.name === vacationScriptName && readVacationScript(text) ? 'vacation' : 'script'
}

/** What a letter goes through, in this order: from the active one (or another) to what is included, and what that includes. Without those of the administrator. */
export function scriptsRunning(
  all: readonly WholeScript[],
  from = all.find(({ active }) => active)?.name,
): readonly RunningScript[] {
  const found: RunningScript[] = []
  const visit = (name: string | undefined) => {
    const script = all.find(one => one.name === name)
    if (!script || found.some(one => one.script === script)) return
    found.push({ kind: scriptKind(script), script })
    for (const next of includedIn(parseScript(scriptText(script)).script.commands)) visit(next)
  }
  visit(from)
  return found
}

/** Of several scripts that say they are the filters (somebody has copied it): the one that runs. */
export function filterScriptOf(all: readonly WholeScript[]): WholeScript | undefined {
  const running = scriptsRunning(all).find(({ kind }) => kind === 'filters')
  return running?.script ?? all.find(script => scriptKind(script) === 'filters')
}

export function vacationScriptOf(all: readonly WholeScript[]): WholeScript | undefined {
  return all.find(script => scriptKind(script) === 'vacation')
}

/** What a script of ours includes; null: nothing, or it is by hand */
export function behindOf(script: WholeScript): string | null {
  const text = scriptText(script)
  return readFilters(text)?.behind ?? readVacationScript(text)?.behind ?? null
}

/** A script of ours with another one behind it; undefined: by hand, or not as we write it. */
export function textWithBehind(script: WholeScript, behind: string | null): string | undefined {
  const text = scriptText(script)
  const filters = readFilters(text)
  return filters ? printFilters(withBehind(filters, behind)) : vacationWithBehind(text, behind)
}

/** Scripts of ours that include this name, made to include the other one. */
export function stepsToFollow(all: readonly WholeScript[], from: string, to: string | null): readonly ScriptStep[] {
  return all.flatMap((script): ScriptStep[] => {
    if (behindOf(script) !== from) return []
    const text = textWithBehind(script, to)
    return text === undefined ? [] : [{ kind: 'update', id: script.id, name: undefined, bytes: utf8(text) }]
  })
}

/** Whether it has this command somewhere; what stands in texts and comments is none. */
export function hasCommand(script: Pick<WholeScript, 'bytes'>, name: string): boolean {
  const isIn = (commands: readonly Command[]): boolean =>
    commands.some(command => command.name.toLowerCase() === name || isIn(command.block?.commands ?? []))
  return isIn(parseScript(scriptText(script)).script.commands)
}

/** Names of `include :personal`, wherever it stands; `:global` is the administrator's. RFC 6609 §3.2 */
function includedIn(commands: readonly Command[]): readonly string[] {
  return commands.flatMap(command => [
    ...(command.name.toLowerCase() === 'include' ? personalName(command) : []),
    ...includedIn(command.block?.commands ?? []),
  ])
}

function personalName({ args }: Command): readonly string[] {
  const isGlobal = args.some(argument => argument.kind === 'tag' && argument.name.toLowerCase() === 'global')
  const names = args.flatMap(argument => (argument.kind === 'strings' ? argument.strings.map(({ text }) => text) : []))
  return isGlobal ? [] : names.slice(0, 1)
}
