/** RFC 8621 §4.6 */
import type { EmailChange, EmailRefusal } from '#mail/account-settings.ts'
import { readEmailId } from '#mail/object-ids.ts'
import { carryOut, outcome } from '../../email/carry-out.ts'
import { composeEmail } from '../../email/compose-email.ts'
import { refusalError } from '../../email/create.ts'
import { emailPatch } from '../../email/patch.ts'
import { accountOf, type Method, type MethodContext, resolvedId } from '../../method.ts'
import { checkArguments } from '../../syntax/arguments.ts'
import { type Email, type JsonObject, mailCapability, type SetError, type SetResponse } from '../../wire.ts'
import { checkCount, errorList, noOutcome, setShape, toldOutcome } from '../../set.ts'

/** `id`: as the client named it; of what is created its creation id */
type Todo = { readonly id: string; readonly change: EmailChange }

export const emailSet: Method = {
  capability: mailCapability,
  async run(given, context): Promise<SetResponse<Email>> {
    const asked = checkArguments(given, setShape)
    checkCount(asked, 'emails')
    const account = await accountOf(asked.accountId, context)
    const answer = noOutcome<Email>()
    const destroyed = new Set(asked.destroy)
    const todo = [
      ...(await creationsOf(asked.create ?? new Map<string, JsonObject>(), context, answer.notCreated)),
      ...updatesOf(asked.update ?? new Map<string, JsonObject>(), destroyed, context, answer.notUpdated),
      ...destroysOf([...destroyed], context, answer.notDestroyed),
    ]
    const done = await carryOut(
      account,
      todo.map(({ change }) => change),
      asked.ifInState,
    )
    for (const [index, { id: named, change }] of todo.entries()) {
      const result = done.results[index] ?? {}
      if ('refused' in result) answer[errorList[change.kind]][named] = refusalError(result as EmailRefusal)
      else if (change.kind === 'destroy') answer.destroyed.push(named)
      else if (change.kind === 'update') answer.updated[named] = null
      else {
        const made = outcome(result, named, context)
        if ('created' in made) answer.created[named] = made.created
      }
    }
    return {
      accountId: asked.accountId,
      oldState: done.oldState,
      newState: done.newState,
      ...toldOutcome(answer),
    }
  },
}

/** All are looked at before the first is made. */
async function creationsOf(
  given: ReadonlyMap<string, JsonObject>,
  context: MethodContext,
  errors: Record<string, SetError>,
): Promise<readonly Todo[]> {
  const todo: Todo[] = []
  const now = Date.now()
  for (const [named, email] of given) {
    const change = await composeEmail(email, context, now)
    if ('type' in change) errors[named] = change
    else todo.push({ id: named, change })
  }
  return todo
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
