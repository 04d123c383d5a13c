/** Small objects of one kind (mail/account.ts, setObjects): what changed, and how changes are refused. */
import type { AccountReader } from '#mail/account-reader.ts'
import { maxChangesAtOnce } from './limits.ts'
import { MethodFault } from './method.ts'
import { printState, sinceState } from './state.ts'
import type { SetError } from './wire.ts'

/** Of a kind alone */
export function printKindState({ state, kindState }: AccountReader, kind: string): string {
  return printState({ epoch: state.epoch, modSeq: kindState(kind).modSeq })
}

/** As `sinceState` */
export function sinceKindState(text: string, { state, kindState }: AccountReader, kind: string): number {
  return sinceState(text, state, kindState(kind).modSeq)
}

export type ObjectChanges = {
  readonly created: readonly string[]
  readonly updated: readonly string[]
  readonly destroyed: readonly string[]
}

/** All of them: there are no more than a thousand, but may have been more that are gone. */
export function objectChanges(
  reader: AccountReader,
  kind: string,
  since: number,
  max: number | undefined,
): ObjectChanges {
  const changed = reader.objects(kind).filter(({ modSeq }) => modSeq > since)
  const created = changed.filter(({ createdModSeq }) => createdModSeq > since)
  const updated = changed.filter(({ createdModSeq }) => createdModSeq <= since)
  const gone = reader.objectsGone(kind, since)
  if (changed.length + gone.length > Math.min(max ?? maxChangesAtOnce, maxChangesAtOnce))
    throw new MethodFault('cannotCalculateChanges', 'More changed than can be told at once')
  const ids = (rows: readonly { readonly id: string }[]) => rows.map(({ id }) => id)
  return { created: ids(created), updated: ids(updated), destroyed: ids(gone) }
}

export function objectError(result: object): SetError | undefined {
  switch ('refused' in result ? result.refused : undefined) {
    case undefined:
      return undefined
    case 'no-such-object':
      return { type: 'notFound' }
    case 'value-too-large':
      return { type: 'tooLarge', description: 'All of it together is too long' }
    case 'too-many-entries':
      return { type: 'overQuota', description: 'There are too many' }
    default:
      return { type: 'serverFail', description: 'It was changed meanwhile' }
  }
}
