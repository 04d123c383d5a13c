/** What a SieveScript/set asks for, read one by one: steps for the store, or what is wrong with them. */
import { scriptName } from '#mail/account-scripts.ts'
import type { AccountId } from '#mail/ids.ts'
import { scriptKind } from '#mail/own-scripts.ts'
import type { ScriptStep, WholeScript } from '#mail/scripts.ts'
import { type MethodContext, resolvedId } from '../method.ts'
import { isId } from '../syntax/id.ts'
import type { Id, JsonObject, SetError } from '../wire.ts'
import { scriptContent } from './content.ts'
import { readScriptId, sieveScriptOf } from './scripts.ts'

export type Planned = ScriptStep | { readonly error: SetError }

/** Whoever plans: the account, its scripts now, its vacation response, and names of those that scripts of ours run */
export type Planning = {
  readonly account: AccountId
  readonly context: MethodContext
  readonly scripts: readonly WholeScript[]
  readonly vacation: string | undefined
  readonly included: ReadonlySet<string>
}

/** Without a name it gets one that is free. */
export async function planCreate(wanted: JsonObject, planning: Planning, number: number): Promise<Planned> {
  const read = readProperties(wanted, undefined)
  if ('error' in read) return read
  if (read.blobId === undefined) return invalid('blobId', 'It is needed')
  const content = await scriptContent(read.blobId, planning.account, planning.context)
  if ('error' in content) return content
  return { kind: 'create', name: read.name ?? freeName(planning.scripts, number), bytes: content.bytes }
}

export async function planUpdate(id: Id, patch: JsonObject, planning: Planning): Promise<Planned> {
  const script = scriptOf(id, planning)
  if (!script) return { error: { type: 'notFound' } }
  const read = readProperties(patch, script)
  if ('error' in read) return read
  const { name, blobId } = read
  const isOther = { name: name !== undefined && name !== script.name, blobId: blobId !== undefined }
  // RFC 9661 §4: it is changed by VacationResponse/set alone
  if (script.name === planning.vacation && (isOther.name || isOther.blobId)) return isVacation
  if (planning.included.has(script.name) && isOther.name) return isIncluded
  const content = blobId === undefined ? undefined : await scriptContent(blobId, planning.account, planning.context)
  if (content && 'error' in content) return content
  return { kind: 'update', id: script.id, name, bytes: content?.bytes }
}

export function planDestroy(id: Id, planning: Planning): Planned {
  const script = scriptOf(id, planning)
  if (!script) return { error: { type: 'notFound' } }
  if (script.name === planning.vacation) return isVacation
  // by it the script behind the filters is run
  if (planning.included.has(script.name) && scriptKind(script) === 'filters') return isIncluded
  return { kind: 'destroy', id: script.id }
}

const isVacation: Planned = {
  error: { type: 'forbidden', description: 'This is the vacation response: VacationResponse/set changes it' },
}
const isIncluded: Planned = {
  error: {
    type: 'forbidden',
    description: 'The vacation response or the filters run it by its name: turn them off first',
  },
}

function scriptOf(id: Id, { scripts, context }: Planning): WholeScript | undefined {
  const number = readScriptId(resolvedId(id, context) ?? '')
  return scripts.find(one => one.id === number)
}

type Properties = { readonly name: string | undefined; readonly blobId: Id | undefined }

/** `now`: of an update. What the server sets may be given as it is. */
function readProperties(given: JsonObject, now: WholeScript | undefined): Properties | { readonly error: SetError } {
  const shown = now && sieveScriptOf(now)
  let name: string | undefined
  let blobId: Id | undefined
  for (const [property, value] of Object.entries(given)) {
    if (property.includes('/')) return { error: { type: 'invalidPatch', description: 'Properties are given whole' } }
    if (property === 'name' && (value === null || typeof value === 'string')) {
      const kept = value === null ? undefined : scriptName(value)
      if (value !== null && kept === undefined) return invalid('name', 'No script can be called so')
      name = kept
    } else if (property === 'blobId' && typeof value === 'string' && isId(value.replace(/^#/, ''))) {
      if (value !== shown?.blobId) blobId = value
    } else if (property === 'isActive' && value === (shown?.isActive ?? false)) continue
    else if (property === 'id' && shown && value === shown.id) continue
    else return invalid(property.slice(0, 100), 'It is none that can be set so')
  }
  return { name, blobId }
}

function freeName(scripts: readonly WholeScript[], number: number): string {
  const taken = new Set(scripts.map(({ name }) => name))
  for (let n = scripts.length + 1 + number; ; n++) if (!taken.has(`Script ${n}`)) return `Script ${n}`
}

function invalid(property: string, description: string): { readonly error: SetError } {
  return { error: { type: 'invalidProperties', properties: [property], description } }
}
