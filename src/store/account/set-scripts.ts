/** Several changes of scripts as one, by id, for SieveScript/set (RFC 9661 §2.4): compared with a state, and one made active where all went well. */
import { createHash } from 'node:crypto'
import type { AccountWriter } from './account-writer.ts'
import type { Refusal } from './operations.ts'
import { scriptKind, scriptRefusal } from './scripts.ts'
import {
  deleteScriptRow,
  putScriptRow,
  readWholeScripts,
  renameScriptRow,
  setActiveScript,
  type WholeScriptRow,
} from './tables/script.ts'

export type ScriptStep =
  | { readonly kind: 'create'; readonly name: string; readonly bytes: Uint8Array }
  | {
      readonly kind: 'update'
      readonly id: number
      readonly name: string | undefined
      readonly bytes: Uint8Array | undefined
    }
  | { readonly kind: 'destroy'; readonly id: number }

export type SetScriptsInput = {
  readonly steps: readonly ScriptStep[]
  /** Made active when every step was done: one by its id, or that of a step (its index); `none`; undefined: it stays */
  readonly activate: { readonly id: number } | { readonly step: number } | 'none' | undefined
  readonly ifState: string | undefined
  readonly nowMs: number
}

export type SetScriptsOutput =
  | { readonly refused: 'state-mismatch' }
  | {
      readonly oldState: string
      readonly newState: string
      readonly results: readonly StepResult[]
      /** What was made active, and what is no longer, by this */
      readonly activated: number | undefined
      readonly deactivated: number | undefined
    }

/** `existing`: which script has the name */
export type StepResult = { readonly id: number } | (Refusal & { readonly existing?: number })

/** Another one when any script is another, or has another name, or another one is active. */
export function stateOfScripts(scripts: readonly Pick<WholeScriptRow, 'id' | 'name' | 'active' | 'bytes'>[]): string {
  const hash = createHash('sha256')
  for (const { id, name, active, bytes } of scripts.toSorted((one, other) => one.id - other.id)) {
    hash.update(`${JSON.stringify([id, name, active, bytes.length])}\n`)
    hash.update(bytes)
  }
  return hash.digest('hex').slice(0, 24)
}

export function setScripts(account: AccountWriter, input: SetScriptsInput): SetScriptsOutput {
  const { database } = account
  const before = readWholeScripts(database)
  const oldState = stateOfScripts(before)
  if (input.ifState !== undefined && input.ifState !== oldState) return { refused: 'state-mismatch' }
  const results = input.steps.map(step => takeStep(database, step, input.nowMs))
  const wasActive = before.find(({ active }) => active === 1)?.id
  const wanted = results.some(result => 'refused' in result) ? undefined : idToActivate(input.activate, results)
  const present = readWholeScripts(database)
  const isThere = wanted === 'none' || present.some(({ id }) => id === wanted)
  // RFC 9661 §2.4: an id that nothing has is ignored
  if (wanted !== undefined && isThere)
    setActiveScript(database, wanted === 'none' ? undefined : present.find(({ id }) => id === wanted)?.name)
  const after = readWholeScripts(database)
  const isActive = after.find(({ active }) => active === 1)?.id
  const newState = stateOfScripts(after)
  if (newState !== oldState) account.touchObjects(scriptKind)
  return {
    oldState,
    newState,
    results,
    activated: isActive === wasActive ? undefined : isActive,
    deactivated: isActive === wasActive ? undefined : wasActive,
  }
}

function idToActivate(
  activate: SetScriptsInput['activate'],
  results: readonly StepResult[],
): number | 'none' | undefined {
  if (activate === undefined || activate === 'none') return activate
  if ('id' in activate) return activate.id
  const result = results[activate.step]
  return result && 'id' in result ? result.id : undefined
}

type Connection = AccountWriter['database']

function takeStep(database: Connection, step: ScriptStep, nowMs: number): StepResult {
  const present = readWholeScripts(database)
  const own = step.kind === 'create' ? undefined : present.find(({ id }) => id === step.id)
  if (step.kind !== 'create' && !own) return { refused: 'no-such-script' }
  switch (step.kind) {
    case 'create':
      return create(database, step, present, nowMs)
    case 'update':
      return own ? update(database, step, own, present, nowMs) : { refused: 'no-such-script' }
    case 'destroy':
      if (!own) return { refused: 'no-such-script' }
      if (own.active === 1) return { refused: 'active' }
      deleteScriptRow(database, own.name)
      return { id: own.id }
    default:
      return step satisfies never
  }
}

function create(
  database: Connection,
  { name, bytes }: Extract<ScriptStep, { kind: 'create' }>,
  present: readonly WholeScriptRow[],
  nowMs: number,
): StepResult {
  const existing = present.find(one => one.name === name)?.id
  if (existing !== undefined) return { refused: 'exists', existing }
  const refusal = scriptRefusal(present, { name, sizeBytes: bytes.length })
  if (refusal) return refusal
  putScriptRow(database, name, bytes, nowMs)
  return { id: readWholeScripts(database).find(one => one.name === name)?.id ?? 0 }
}

function update(
  database: Connection,
  { name, bytes }: Extract<ScriptStep, { kind: 'update' }>,
  own: WholeScriptRow,
  present: readonly WholeScriptRow[],
  nowMs: number,
): StepResult {
  const existing = name === undefined || name === own.name ? undefined : present.find(one => one.name === name)?.id
  if (existing !== undefined) return { refused: 'exists', existing }
  const refusal = bytes && scriptRefusal(present, { name: own.name, sizeBytes: bytes.length })
  if (refusal) return refusal
  if (bytes) putScriptRow(database, own.name, bytes, nowMs)
  if (name !== undefined && name !== own.name) renameScriptRow(database, own.name, name)
  return { id: own.id }
}
