/** The account's scripts: what a name and a number allow. Whether a script is a good one is asked before. RFC 5804 §2.6-2.11 */
import type { AccountWriter } from './account-writer.ts'
import { maxScripts, maxScriptsBytes } from './limits.ts'
import type { Refusal, WriterOperations } from './operations.ts'
import {
  deleteScriptRow,
  putScriptRow,
  readScripts,
  renameScriptRow,
  type ScriptRow,
  setActiveScript,
} from './tables/script.ts'

/** Why a script of this size cannot be put under this name now. */
export function scriptRefusal(
  present: readonly ScriptRow[],
  { name, sizeBytes }: { readonly name: string; readonly sizeBytes: number },
): Refusal | undefined {
  const others = present.filter(script => script.name !== name)
  if (others.length === present.length && present.length >= maxScripts) return { refused: 'too-many-scripts' }
  const allBytes = others.reduce((sum, script) => sum + script.sizeBytes, sizeBytes)
  return allBytes > maxScriptsBytes ? { refused: 'scripts-too-large', limitBytes: maxScriptsBytes } : undefined
}

/** Of small objects: JMAP shows scripts, and the vacation response that is made of one */
export const scriptKind = 'SieveScript'

export function putScript(
  account: AccountWriter,
  { name, bytes, nowMs }: WriterOperations['putScript']['input'],
): object | Refusal {
  const { database } = account
  const refusal = scriptRefusal(readScripts(database), { name, sizeBytes: bytes.length })
  if (refusal) return refusal
  putScriptRow(database, name, bytes, nowMs)
  account.touchObjects(scriptKind)
  return {}
}

export function renameScript(
  account: AccountWriter,
  { name, to }: WriterOperations['renameScript']['input'],
): object | Refusal {
  const { database } = account
  const names = new Set(readScripts(database).map(script => script.name))
  if (!names.has(name)) return { refused: 'no-such-script' }
  if (names.has(to)) return { refused: 'exists' }
  renameScriptRow(database, name, to)
  account.touchObjects(scriptKind)
  return {}
}

export function deleteScript(
  account: AccountWriter,
  { name }: WriterOperations['deleteScript']['input'],
): object | Refusal {
  const { database } = account
  const script = readScripts(database).find(one => one.name === name)
  if (!script) return { refused: 'no-such-script' }
  // RFC 5804 §2.10: an active one cannot be deleted
  if (script.active === 1) return { refused: 'active' }
  deleteScriptRow(database, name)
  account.touchObjects(scriptKind)
  return {}
}

export function activateScript(
  account: AccountWriter,
  { name }: WriterOperations['activateScript']['input'],
): object | Refusal {
  const scripts = readScripts(account.database)
  if (name !== undefined && !scripts.some(script => script.name === name)) return { refused: 'no-such-script' }
  if (scripts.find(({ active }) => active === 1)?.name === name) return {}
  setActiveScript(account.database, name)
  account.touchObjects(scriptKind)
  return {}
}
