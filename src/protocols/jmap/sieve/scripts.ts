/** An account's scripts as JMAP shows them (RFC 9661 §2): the same that ManageSieve keeps. A blob id names a script and what it holds. */
import { createHash } from 'node:crypto'
import type { AccountId } from '#mail/ids.ts'
import type { Scripts, WholeScript } from '#mail/scripts.ts'
import { printScriptBlobId } from '../blob/id.ts'
import type { Id, PushType } from '../wire.ts'
import type { SieveScript } from '../wire-sending.ts'

export const sieveKind = 'SieveScript' satisfies PushType

export function printScriptId(id: number): Id {
  return `S${id}`
}

/** Undefined for what was never given out. */
export function readScriptId(text: Id): number | undefined {
  const [, number] = /^S([1-9]\d{0,15})$/.exec(text) ?? []
  return number === undefined ? undefined : Number(number)
}

export function sieveScriptOf({ id, name, bytes, active }: Omit<WholeScript, 'changedAt' | 'sizeBytes'>): SieveScript {
  return { id: printScriptId(id), name, blobId: printScriptBlobId(id, hashOf(bytes)), isActive: active }
}

/** Undefined: the script is not there any more, or holds something else now. */
export async function scriptOfBlob(
  scripts: Scripts,
  account: AccountId,
  { id, hash }: { readonly id: number; readonly hash: string },
): Promise<Uint8Array | undefined> {
  const { scripts: all } = await scripts.all(account)
  const script = all.find(one => one.id === id)
  return script && hashOf(script.bytes) === hash ? script.bytes : undefined
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32)
}
