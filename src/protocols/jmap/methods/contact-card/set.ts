/** RFC 9610 §3.5. Cards are checked, and patches applied, where they are written: formats/jscontact/card.ts */
import { printCardId, readCardId } from '#formats/jscontact/ids.ts'
import type { ContactStep } from '#mail/contacts.ts'
import { photosOf } from '../../contacts/photos.ts'
import { contactError } from '../../contacts/refusal.ts'
import { contactsState, wantedState } from '../../contacts/state.ts'
import { accountOf, type Method, type MethodContext, MethodFault, resolvedId } from '../../method.ts'
import { checkCount, errorList, noOutcome, orNull, type SetErrors, setShape, toldOutcome } from '../../set.ts'
import { checkArguments } from '../../syntax/arguments.ts'
import { isObject } from '../../syntax/request.ts'
import type { JsonObject, JsonValue, SetResponse } from '../../wire.ts'
import { type ContactCard, contactsCapability } from '../../wire-contacts.ts'

type Asked = ReturnType<typeof checkArguments<typeof setShape>>
/** `named`: as the client did */
type Todo = { readonly named: string; readonly step: ContactStep }

export const contactCardSet: Method = {
  capability: contactsCapability,
  async run(given, context): Promise<SetResponse<ContactCard>> {
    const asked = checkArguments(given, setShape)
    checkCount(asked, 'cards')
    const account = await accountOf(asked.accountId, context)
    const { epoch, ifModSeq } = await wantedState(account, asked.ifInState, 'card')
    const blobs = await photosOf([...(asked.create?.values() ?? []), ...(asked.update?.values() ?? [])], context)
    const answer = noOutcome<ContactCard>()
    const todo = [...stepsOf(asked, context, answer)]
    const done = await account.contacts.set({ steps: todo.map(({ step }) => step), ifModSeq, blobs })
    if ('refused' in done) throw new MethodFault('stateMismatch')
    for (const [index, { named, step }] of todo.entries()) {
      const result = done.results[index]
      if (!result || 'refused' in result)
        answer[errorList[step.kind]][named] = contactError(result ?? { refused: 'no-such-card' })
      else if (step.kind === 'create') {
        answer.created[named] = { id: printCardId(result.id), ...toldIn(result.told) }
        context.created.set(named, printCardId(result.id))
      } else if (step.kind === 'update') answer.updated[named] = toldIn(result.told)
      else answer.destroyed.push(named)
    }
    const at = (modSeq: number) => contactsState({ epoch, books: 0, cards: modSeq }, 'card')
    return {
      accountId: asked.accountId,
      oldState: at(done.cards.before),
      newState: at(done.cards.after),
      ...toldOutcome(answer),
    }
  },
}

function* stepsOf({ create, update, destroy }: Asked, context: MethodContext, errors: SetErrors): Iterable<Todo> {
  for (const [named, given] of create ?? [])
    yield { named, step: { of: 'card', kind: 'create', card: JSON.stringify(withBooks(given, context)) } }
  const destroyed = new Set(destroy)
  for (const [named, patch] of update ?? []) {
    const id = readCardId(resolvedId(named, context) ?? '')
    if (id === undefined) errors.notUpdated[named] = { type: 'notFound' }
    else if (destroyed.has(named)) errors.notUpdated[named] = { type: 'willDestroy' }
    else yield { named, step: { of: 'card', kind: 'update', id, patch: JSON.stringify(withBooks(patch, context)) } }
  }
  for (const named of destroyed) {
    const id = readCardId(resolvedId(named, context) ?? '')
    if (id === undefined) errors.notDestroyed[named] = { type: 'notFound' }
    else yield { named, step: { of: 'card', kind: 'destroy', id } }
  }
}

/** Address books that an earlier call made may be named by their creation ids, in paths of patches too. */
function withBooks(given: JsonObject, context: MethodContext): JsonObject {
  const resolved = (name: string) => resolvedId(name, context) ?? name
  const prefix = 'addressBookIds/'
  return Object.fromEntries(
    Object.entries(given).map(([path, value]): [string, JsonValue] => {
      if (path.startsWith(`${prefix}#`)) return [prefix + resolved(path.slice(prefix.length)), value]
      if (path !== 'addressBookIds' || !isObject(value)) return [path, value]
      return [path, Object.fromEntries(Object.entries(value).map(([book, is]) => [resolved(book), is]))]
    }),
  )
}

function toldIn(told: string | undefined): Partial<ContactCard> | null {
  const properties = JSON.parse(told ?? '{}') as Partial<ContactCard>
  return orNull(properties)
}
