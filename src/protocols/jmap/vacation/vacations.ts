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
import { scriptsRunning } from '#mail/own-scripts.ts'
import { isScriptRefusal, type Scripts } from '#mail/scripts.ts'
import type { SetError } from '../wire.ts'

export const vacationKind = 'VacationResponse'

export type VacationNow = {
  readonly state: string
  /** Enabled where the script is the active one, whoever made it so: what runs is what answers */
  readonly vacation: Vacation
  readonly own: (OwnScript & { readonly name: string; readonly active: boolean }) | undefined
}

export async function vacationOf(scripts: Scripts, account: AccountId): Promise<VacationNow> {
  const own = await ownScript(scripts, account)
  const vacation = own ? { ...own.vacation, isEnabled: own.active } : noVacation
  const state = createHash('sha256').update(JSON.stringify(vacation)).digest('hex').slice(0, 24)
  return { state, vacation, own }
}

async function ownScript(scripts: Scripts, account: AccountId): Promise<VacationNow['own']> {
  const { name, active } = (await scripts.list(account)).find(script => script.name === scriptName) ?? {}
  if (name === undefined || active === undefined) return undefined
  const own = readVacationScript(textOf((await scripts.script(account, name)) ?? new Uint8Array()))
  return own && { ...own, name, active }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

/** Undefined: it is done. One at a time for each account (methods/vacation-response/set.ts). */
export async function setVacation(
  scripts: Scripts,
  account: AccountId,
  wanted: Vacation,
  language: 'en' | 'ja',
): Promise<SetError | undefined> {
  const { own } = await vacationOf(scripts, account)
  const all = await scripts.list(account)
  if (!own && all.some(({ name }) => name === scriptName))
    return {
      type: 'forbidden',
      description: `There is a script “${scriptName}” that somebody wrote: give it another name first`,
    }
  const active = all.find(one => one.active)?.name
  const behind = (own?.active ? own.behind : active === scriptName ? null : active) ?? null
  const other = wanted.isEnabled && behind !== null ? await answersItself(scripts, account, behind) : undefined
  if (other !== undefined)
    return { type: 'forbidden', description: `The script “${other}” sends vacation responses itself` }
  const text = printVacationScript({ vacation: wanted, behind }, language)
  const put = await scripts.put(account, scriptName, utf8(text))
  if (isScriptRefusal(put)) return refusalOf(put.refused)
  const shouldBe = wanted.isEnabled ? scriptName : own?.active ? await present(scripts, account, behind) : active
  if (shouldBe === active) return undefined
  const activated = await scripts.activate(account, shouldBe)
  return isScriptRefusal(activated) ? refusalOf(activated.refused) : undefined
}

/** Two answers to one letter are a fault of a script (RFC 5230 §4.7), at which the letter is only kept. */
async function answersItself(scripts: Scripts, account: AccountId, behind: string): Promise<string | undefined> {
  const { scripts: all } = await scripts.all(account)
  const running = scriptsRunning(all, behind).map(({ script }) => script)
  return running.find(({ bytes }) => /\bvacation\b/i.test(textOf(bytes)))?.name
}

async function present(scripts: Scripts, account: AccountId, name: string | null): Promise<string | undefined> {
  return (await scripts.list(account)).find(one => one.name === name)?.name
}

function refusalOf(refused: string): SetError {
  if (refused === 'script-too-large' || refused === 'scripts-too-large')
    return { type: 'tooLarge', description: 'All of it together is too long' }
  if (refused === 'too-many-scripts') return { type: 'overQuota', description: 'There is no room for another script' }
  return { type: 'invalidProperties', description: 'No script can be made of it' }
}
