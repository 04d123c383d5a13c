/** Small objects of JMAP, put and removed. What they mean is known to who asks. */
import type { AccountWriter } from './account-writer.ts'
import { maxObjectBytes, maxObjects, maxObjectsBytes } from './limits.ts'
import type { Refusal } from './operations.ts'
import { noteMark, readKindState } from './tables/kind-state.ts'
import { putObject, readObject, readObjects, removeObject } from './tables/jmap-object.ts'

export type SetObjectsInput = {
  readonly kind: string
  /** The kind's modseq that the change is for, or a later one of the account; any when undefined */
  readonly ifModSeq: number | undefined
  /** JSON; undefined: to be removed. `before`: what it has to be still; null: not there */
  readonly changes: readonly {
    readonly id: string
    readonly value: string | undefined
    readonly before?: string | null
  }[]
  /** When there are too many the oldest make way; else the new ones are refused */
  readonly dropOldest: boolean
}

export type SetObjectsOutput =
  | { readonly before: number; readonly after: number; readonly results: readonly (Refusal | object)[] }
  | { readonly refused: 'state-mismatch' }

export function setObjects(account: AccountWriter, input: SetObjectsInput): SetObjectsOutput {
  const stateNow = () => readKindState(account.database, input.kind).modSeq
  const before = stateNow()
  if (input.ifModSeq !== undefined && input.ifModSeq < before) return { refused: 'state-mismatch' }
  const results = input.changes.map(change => setOne(account, input, change))
  return { before, after: stateNow(), results }
}

function setOne(
  account: AccountWriter,
  { kind, dropOldest }: SetObjectsInput,
  { id, value, before }: SetObjectsInput['changes'][number],
): Refusal | object {
  const { database } = account
  const kept = readObject(database, kind, id)
  if (before !== undefined && (kept?.value ?? null) !== before) return { refused: 'changed' }
  if (value === undefined) {
    if (!kept) return { refused: 'no-such-object' }
    removeObject(database, kind, id, account.modSeq())
  } else {
    if (value.length > maxObjectBytes) return { refused: 'value-too-large', limitBytes: maxObjectBytes }
    const refusal = makeRoom(account, kind, { id, size: value.length, dropOldest })
    if (refusal) return refusal
    putObject(database, kind, id, account.modSeq(), value)
  }
  account.touchObjects(kind)
  return {}
}

/**
 * What stands elsewhere and belongs to a kind is as `mark` says. One that is another than was noticed last is a change of the kind; the first one is none, since
 * nobody was told a state before it.
 */
export function setMark(
  account: AccountWriter,
  { kind, mark }: { readonly kind: string; readonly mark: string },
): object {
  const known = readKindState(account.database, kind)
  if (known.mark === mark) return {}
  if (known.mark === '') noteMark(account.database, { ...known, mark })
  else {
    const modSeq = account.modSeq()
    noteMark(account.database, { kind, modSeq, mark, markModSeq: modSeq })
    account.changes.objects(kind, modSeq)
  }
  return {}
}

type Wanted = { readonly id: string; readonly size: number; readonly dropOldest: boolean }

function makeRoom(account: AccountWriter, kind: string, { id, size, dropOldest }: Wanted): Refusal | undefined {
  const others = readObjects(account.database, kind).filter(one => one.id !== id)
  let count = others.length
  let all = others.reduce((sum, { value }) => sum + value.length, size)
  const isFull = () => count >= maxObjects || all > maxObjectsBytes
  if (isFull() && !dropOldest) return { refused: 'too-many-entries' }
  for (const oldest of others) {
    if (!isFull()) break
    removeObject(account.database, kind, oldest.id, account.modSeq())
    count--
    all -= oldest.value.length
  }
  return undefined
}
