/** What all /set methods have in common. RFC 8620 §5.3 */
import { maxObjectsInSet } from './limits.ts'
import { MethodFault } from './method.ts'
import {
  anyObject,
  ArgumentFault,
  type Check,
  id,
  idOrCreated,
  list,
  optional,
  record,
  text,
} from './syntax/arguments.ts'
import type { JsonObject, SetError, SetResponse } from './wire.ts'

/** Of those without an account and a state (§7.2.2) too */
export const changesShape = {
  create: optional(record(anyObject, id)),
  update: optional(record(anyObject, idOrCreated)),
  destroy: optional(list(idOrCreated)),
}
export const setShape = { accountId: id, ifInState: optional(text), ...changesShape }

type Changes = {
  readonly create?: ReadonlyMap<string, unknown> | undefined
  readonly update?: ReadonlyMap<string, unknown> | undefined
  readonly destroy?: readonly string[] | undefined
}

/** Throws requestTooLarge. `what`: emails, mailboxes … */
export function checkCount({ create, update, destroy }: Changes, what = ''): void {
  const count = (create?.size ?? 0) + (update?.size ?? 0) + (destroy?.length ?? 0)
  if (count > maxObjectsInSet)
    throw new MethodFault('requestTooLarge', `At most ${maxObjectsInSet} ${what && `${what} `}at a time`)
}

/** For what is named by clients: any id is a member of it like any other, `__proto__` (RFC 8620 §1.2) too. */
export function noMembers<Value>(): Record<string, Value> {
  return Object.create(null) as Record<string, Value>
}

export type SetErrors = Record<'notCreated' | 'notUpdated' | 'notDestroyed', Record<string, SetError>>
/** What becomes of each change, by the name that the client gave it: filled on the way. */
export type SetOutcome<Value> = SetErrors & {
  readonly created: Record<string, Partial<Value>>
  readonly updated: Record<string, Partial<Value> | null>
  readonly destroyed: string[]
}

export function noOutcome<Value>(): SetOutcome<Value> {
  return {
    created: noMembers(),
    updated: noMembers(),
    destroyed: [],
    notCreated: noMembers(),
    notUpdated: noMembers(),
    notDestroyed: noMembers(),
  }
}

export const errorList = { create: 'notCreated', update: 'notUpdated', destroy: 'notDestroyed' } as const

export function hasErrors({ notCreated, notDestroyed, notUpdated }: SetErrors): boolean {
  return [notCreated, notUpdated, notDestroyed].some(list => Object.keys(list).length > 0)
}

/** As the answer has it */
export function toldOutcome<Value>(outcome: SetOutcome<Value>): Pick<SetResponse<Value>, keyof SetOutcome<Value>> {
  return {
    created: orNull(outcome.created),
    updated: orNull(outcome.updated),
    destroyed: outcome.destroyed.length > 0 ? outcome.destroyed : null,
    notCreated: orNull(outcome.notCreated),
    notUpdated: orNull(outcome.notUpdated),
    notDestroyed: orNull(outcome.notDestroyed),
  }
}

/** An answer has null in the place of what would be empty. */
export function orNull<Members extends object>(members: Members): Members | null {
  return Object.keys(members).length > 0 ? members : null
}

export function invalid(property: string, description: string): SetError {
  return { type: 'invalidProperties', properties: [property], description }
}

type Given<Checks extends Readonly<Record<string, Check<unknown>>>> = {
  -readonly [Name in keyof Checks]?: ReturnType<Checks[Name]>
}

/** Those that are given; what cannot be set, or is not what it should be, is said by name. */
export function propertiesIn<Checks extends Readonly<Record<string, Check<unknown>>>>(
  given: JsonObject,
  checks: Checks,
): Given<Checks> | SetError {
  const read: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(given)) {
    if (name.includes('/')) return { type: 'invalidPatch', description: 'Properties are given whole' }
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined
    if (!check) return invalid(name.slice(0, 100), 'It is none that can be set')
    try {
      read[name] = check(value, name)
    } catch (error) {
      if (error instanceof ArgumentFault) return invalid(name, error.message)
      throw error
    }
  }
  return read as Given<Checks>
}
