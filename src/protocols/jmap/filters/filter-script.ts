/** The filters among an account's scripts: read, and what has to be done so that they are others, run, or do not run any more. */
import { utf8 } from '#base/bytes.ts'
import { noFilters, printFilters, readFilters, withBehind } from '#formats/sieve/filters/document.ts'
import {
  behindOf,
  filterScriptOf,
  scriptKind,
  scriptsRunning,
  scriptText,
  textWithBehind,
  vacationScriptOf,
} from '#mail/own-scripts.ts'
import type { ScriptStep, WholeScript } from '#mail/scripts.ts'
import { singleton } from '../singleton.ts'
import type { SetError } from '../wire.ts'
import type { FilterScript } from '../wire-filters.ts'

export function filterScriptIn(all: readonly WholeScript[]): FilterScript {
  const own = filterScriptOf(all)
  const runs = scriptsRunning(all)
  return {
    id: singleton,
    name: own?.name ?? null,
    text: own ? scriptText(own) : '',
    isEnabled: runs.some(({ script }) => script === own),
    runs: runs.map(({ kind, script }) => ({ kind, name: script.name })),
  }
}

export type FilterPatch = { readonly text?: string; readonly isEnabled?: boolean }

export type FilterPlan = {
  readonly steps: readonly ScriptStep[]
  readonly activate: { readonly id: number } | { readonly step: number } | 'none' | undefined
  /** The new text, to be checked before */
  readonly bytes: Uint8Array
}

/** What is active already goes behind the filters, and the filters go behind the vacation response where that is on. */
export function planFilters(
  all: readonly WholeScript[],
  patch: FilterPatch,
): FilterPlan | { readonly error: SetError } {
  const own = filterScriptOf(all)
  const now = filterScriptIn(all)
  const isEnabled = patch.isEnabled ?? now.isEnabled
  const given = patch.text === undefined ? (own ? readFilters(now.text) : noFilters) : readFilters(patch.text)
  if (!given)
    return { error: { type: 'invalidProperties', properties: ['text'], description: 'Its first line is not ours' } }
  const chain = chainOf(all, own)
  if (now.isEnabled && !isEnabled && chain.isByOthers)
    return { error: { type: 'forbidden', description: 'A script that somebody wrote runs them' } }
  const begins = isEnabled && !now.isEnabled
  const behind = begins ? chain.base : own ? behindOf(own) : null
  const bytes = utf8(printFilters(withBehind(given, behind)))
  const name = own?.name ?? freeName(all)
  const step: ScriptStep = own
    ? { kind: 'update', id: own.id, name: undefined, bytes }
    : { kind: 'create', name, bytes }
  const ends = now.isEnabled && !isEnabled
  if (!begins && !ends) return { steps: [step], activate: undefined, bytes }
  // another program may have put a filter behind the include, which is by hand from then on
  const first = begins ? name : (behind ?? scriptsRunning(all, name)[1]?.script.name ?? null)
  const activate = chain.isBehindVacation ? undefined : begins && !own ? ({ step: 0 } as const) : activation(all, first)
  return { steps: [step, ...vacationStep(all, first)], activate, bytes }
}

type Chain = {
  /** What would run behind the filters */
  readonly base: string | null
  readonly isBehindVacation: boolean
  /** They are included by a script by hand, which is not ours to change */
  readonly isByOthers: boolean
}

function chainOf(all: readonly WholeScript[], own: WholeScript | undefined): Chain {
  const active = all.find(one => one.active)
  const isBehindVacation = active !== undefined && scriptKind(active) === 'vacation'
  const named = isBehindVacation ? behindOf(active) : active?.name
  // a name that nothing has could be the one that the filters get
  const base = all.find(({ name }) => name === named && name !== own?.name)?.name ?? null
  const isOurs = own === undefined || own === active || (isBehindVacation && behindOf(active) === own.name)
  return { base, isBehindVacation, isByOthers: !isOurs }
}

/** Also where the vacation response is off: another program that makes it active gets all of it. */
function vacationStep(all: readonly WholeScript[], behind: string | null): readonly ScriptStep[] {
  const vacation = vacationScriptOf(all)
  const text = vacation && behindOf(vacation) !== behind ? textWithBehind(vacation, behind) : undefined
  return vacation && text !== undefined ? [{ kind: 'update', id: vacation.id, name: undefined, bytes: utf8(text) }] : []
}

function activation(all: readonly WholeScript[], name: string | null): FilterPlan['activate'] {
  const script = all.find(one => one.name === name)
  return script ? { id: script.id } : 'none'
}

function freeName(all: readonly WholeScript[]): string {
  const taken = new Set(all.map(({ name }) => name))
  for (let n = 1; ; n++) {
    const name = n === 1 ? 'Filters' : `Filters ${n}`
    if (!taken.has(name)) return name
  }
}
