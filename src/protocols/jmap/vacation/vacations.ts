/** An account's vacation response as a script among its scripts: ours is known by its first line, the others are never touched. */
import { createHash } from 'node:crypto'
import { utf8 } from '#base/bytes.ts'
import {
  noVacation,
  type OwnScript,
  printVacationScript,
  readVacationScript,
  type Vacation,
  vacationScriptName as scriptName,
} from '#formats/sieve/vacation-script.ts'
import type { AccountId } from '#mail/ids.ts'
import { hasCommand, scriptsRunning } from '#mail/own-scripts.ts'
import { isScriptRefusal, type Scripts, type ScriptStep, type WholeScript } from '#mail/scripts.ts'
import type { PushType, SetError } from '../wire.ts'

export const vacationKind = 'VacationResponse' satisfies PushType

export type VacationNow = {
  readonly state: string
  /** Enabled where the script is the active one, whoever made it so: what runs is what answers */
  readonly vacation: Vacation
  readonly own: (OwnScript & { readonly name: string; readonly active: boolean }) | undefined
}

export async function vacationOf(scripts: Scripts, account: AccountId): Promise<VacationNow> {
  const own = ownScript((await scripts.all(account)).scripts)
  const vacation = own ? { ...own.vacation, isEnabled: own.active } : noVacation
  const state = createHash('sha256').update(JSON.stringify(vacation)).digest('hex').slice(0, 24)
  return { state, vacation, own }
}

function ownScript(all: readonly WholeScript[]): VacationNow['own'] {
  const script = all.find(({ name }) => name === scriptName)
  const own = script && readVacationScript(textOf(script.bytes))
  return own && { ...own, name: script.name, active: script.active }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

/**
 * Undefined: it is done, as one change of the scripts. Who reads what is to be changed first has its turn for itself (methods/vacation-response/set.ts);
 * ManageSieve may come in between all the same, and then it is looked at anew.
 */
export async function setVacation(
  scripts: Scripts,
  account: AccountId,
  wanted: Vacation,
  language: 'en' | 'ja',
): Promise<SetError | undefined> {
  for (let tries = 0; tries < maxTries; tries++) {
    const now = await scripts.all(account)
    const planned = plan(now.scripts, wanted, language)
    if ('type' in planned) return planned
    const { step, activate } = planned
    const checked = scripts.check(step.bytes)
    if (isScriptRefusal(checked)) return refusalOf(checked.refused)
    const done = await scripts.set(account, { steps: [step], activate, ifState: now.state })
    if ('refused' in done) continue
    const result = done.results[0]
    return result && 'refused' in result ? refusalOf(result.refused) : undefined
  }
  return { type: 'serverFail', description: 'Somebody else is changing the scripts' }
}

const maxTries = 5

type Planned = {
  readonly step: Extract<ScriptStep, { readonly kind: 'create' }> | (ScriptUpdate & { readonly bytes: Uint8Array })
  readonly activate: { readonly id: number } | { readonly step: number } | 'none' | undefined
}
type ScriptUpdate = Extract<ScriptStep, { readonly kind: 'update' }>

function plan(all: readonly WholeScript[], wanted: Vacation, language: 'en' | 'ja'): Planned | SetError {
  const own = ownScript(all)
  const script = all.find(({ name }) => name === scriptName)
  if (!own && script)
    return {
      type: 'forbidden',
      description: `There is a script “${scriptName}” that somebody wrote: give it another name first`,
    }
  const active = all.find(one => one.active)
  const behindName = (own?.active ? own.behind : active?.name) ?? null
  const behind = all.find(({ name }) => name === behindName)
  const other = wanted.isEnabled && behind ? answersItself(all, behind.name) : undefined
  // the property is the mark by which a page knows this case
  if (other)
    return {
      type: 'forbidden',
      description: `The script “${other.name}” sends vacation responses itself`,
      properties: ['isEnabled'],
    }
  const bytes = utf8(printVacationScript({ vacation: wanted, behind: behindName }, language))
  return {
    step: script
      ? { kind: 'update', id: script.id, name: undefined, bytes }
      : { kind: 'create', name: scriptName, bytes },
    activate: wanted.isEnabled ? { step: 0 } : own?.active ? ((behind && { id: behind.id }) ?? 'none') : undefined,
  }
}

/** Two answers to one letter are a fault of a script (RFC 5230 §4.7), at which the letter is only kept. */
function answersItself(all: readonly WholeScript[], behind: string): WholeScript | undefined {
  const running = scriptsRunning(all, behind).map(({ script }) => script)
  return running.find(script => hasCommand(script, 'vacation'))
}

function refusalOf(refused: string): SetError {
  if (refused === 'script-too-large' || refused === 'scripts-too-large')
    return { type: 'tooLarge', description: 'All of it together is too long' }
  if (refused === 'too-many-scripts') return { type: 'overQuota', description: 'There is no room for another script' }
  return { type: 'invalidProperties', description: 'No script can be made of it' }
}
