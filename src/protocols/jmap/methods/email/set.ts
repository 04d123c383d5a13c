/** RFC 8621 §4.6: what is changed and destroyed. Emails are not made here yet. */
import type { Account, EmailChange, EmailRefusal } from '#mail/account.ts'
import { readEmailId } from '#mail/object-ids.ts'
import { emailPatch } from '../../email/patch.ts'
import { maxObjectsInSet } from '../../limits.ts'
import { accountOf, type Method, type MethodContext, MethodFault, resolvedId } from '../../method.ts'
import { printState, sinceState } from '../../state.ts'
import { anyObject, checkArguments, id, idOrCreated, list, optional, record, text } from '../../syntax/arguments.ts'
import { type Email, mailCapability, type SetError, type SetResponse } from '../../wire.ts'

const shape = {
  accountId: id,
  ifInState: optional(text),
  create: optional(record(anyObject, id)),
  update: optional(record(anyObject, idOrCreated)),
  destroy: optional(list(idOrCreated)),
}

type Todo = { readonly id: string; readonly change: EmailChange }

export const emailSet: Method = {
  capability: mailCapability,
  async run(given, context): Promise<SetResponse<Email>> {
    const asked = checkArguments(given, shape)
    const count = (asked.create?.size ?? 0) + (asked.update?.size ?? 0) + (asked.destroy?.length ?? 0)
    if (count > maxObjectsInSet) throw new MethodFault('requestTooLarge', `At most ${maxObjectsInSet} emails at a time`)
    const account = await accountOf(asked.accountId, context)
    const errors = { notCreated: {}, notUpdated: {}, notDestroyed: {} } as Record<ErrorList, Record<string, SetError>>
    for (const creation of asked.create?.keys() ?? [])
      errors.notCreated[creation] = { type: 'forbidden', description: 'Emails cannot be made here yet' }
    const destroyed = new Set(asked.destroy)
    const todo = [
      ...updatesOf(asked.update ?? new Map(), destroyed, context, errors.notUpdated),
      ...destroysOf([...destroyed], context, errors.notDestroyed),
    ]
    const done = await carryOut(account, todo, asked.ifInState)
    const updated: Record<string, null> = {}
    const gone: string[] = []
    for (const [index, { id: named, change }] of todo.entries()) {
      const result = done.results[index] ?? {}
      const list = change.kind === 'destroy' ? 'notDestroyed' : 'notUpdated'
      if ('refused' in result) errors[list][named] = errorOf(result as EmailRefusal)
      else if (change.kind === 'destroy') gone.push(named)
      else updated[named] = null
    }
    return {
      accountId: asked.accountId,
      oldState: done.oldState,
      newState: done.newState,
      created: null,
      updated: orNull(updated),
      destroyed: gone.length > 0 ? gone : null,
      notCreated: orNull(errors.notCreated),
      notUpdated: orNull(errors.notUpdated),
      notDestroyed: orNull(errors.notDestroyed),
    }
  },
}

type ErrorList = 'notCreated' | 'notUpdated' | 'notDestroyed'

function orNull<Value>(members: Record<string, Value>): Record<string, Value> | null {
  return Object.keys(members).length > 0 ? members : null
}

function* updatesOf(
  updates: ReadonlyMap<string, Parameters<typeof emailPatch>[1]>,
  destroyed: ReadonlySet<string>,
  context: MethodContext,
  errors: Record<string, SetError>,
): Iterable<Todo> {
  for (const [named, patch] of updates) {
    const email = readEmailId(resolvedId(named, context) ?? '')
    if (email === undefined) errors[named] = { type: 'notFound' }
    else if (destroyed.has(named)) errors[named] = { type: 'willDestroy' }
    else {
      const change = emailPatch(email, patch, one => resolvedId(one, context))
      if ('type' in change) errors[named] = change
      else yield { id: named, change }
    }
  }
}

function* destroysOf(ids: readonly string[], context: MethodContext, errors: Record<string, SetError>): Iterable<Todo> {
  for (const named of ids) {
    const email = readEmailId(resolvedId(named, context) ?? '')
    if (email === undefined) errors[named] = { type: 'notFound' }
    else yield { id: named, change: { kind: 'destroy', email } }
  }
}

/** The state is compared where the change is made: nothing comes in between. */
async function carryOut(account: Account, todo: readonly Todo[], ifInState: string | undefined) {
  const state = await account.read(reader => reader.state)
  const ifModSeq = ifInState === undefined ? undefined : wantedModSeq(ifInState, state)
  const result = await account.setEmails(
    todo.map(({ change }) => change),
    { ifModSeq },
  )
  if ('refused' in result) throw new MethodFault('stateMismatch')
  const at = (modSeq: number) => printState({ epoch: state.epoch, modSeq: modSeq as typeof state.modSeq })
  return { results: result.results, oldState: at(result.before), newState: at(result.after) }
}

function wantedModSeq(text: string, state: Parameters<typeof sinceState>[1]): number {
  try {
    return sinceState(text, state)
  } catch {
    throw new MethodFault('stateMismatch')
  }
}

function errorOf({ refused }: EmailRefusal): SetError {
  if (refused === 'no-such-message') return { type: 'notFound' }
  if (refused === 'too-many-keywords') return { type: 'tooManyKeywords' }
  if (refused === 'no-such-mailbox' || refused === 'no-mailbox') return badMailboxes
  return { type: 'invalidProperties', properties: ['keywords'], description: 'Not a keyword' }
}

const badMailboxes: SetError = {
  type: 'invalidProperties',
  properties: ['mailboxIds'],
  description: 'An email is in one mailbox at least, and in those that exist',
}
