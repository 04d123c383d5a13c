/** RFC 9610 §2.3 */
import { printBookId, readBookId } from '#formats/jscontact/ids.ts'
import type { AddressBookRow, ContactStep, SetContacts } from '#mail/contacts.ts'
import { bookChecks, rightsOf, shownBook } from '../../contacts/books.ts'
import { contactError } from '../../contacts/refusal.ts'
import { contactsState, wantedState } from '../../contacts/state.ts'
import { accountOf, type Method, type MethodContext, MethodFault, resolvedId } from '../../method.ts'
import {
  checkCount,
  errorList,
  hasErrors,
  invalid,
  noOutcome,
  propertiesIn,
  type SetErrors,
  setShape,
  toldOutcome,
} from '../../set.ts'
import { checkArguments, fallback, flag, idOrCreated, optional } from '../../syntax/arguments.ts'
import type { JsonObject, SetError, SetResponse } from '../../wire.ts'
import { type AddressBook, contactsCapability } from '../../wire-contacts.ts'

const shape = {
  ...setShape,
  onDestroyRemoveContents: fallback(flag, false),
  onSuccessSetIsDefault: optional(idOrCreated),
}
type Asked = ReturnType<typeof checkArguments<typeof shape>>

/** `named`: as the client did */
type Todo = { readonly named: string; readonly step: ContactStep }
const standard = { description: null, sortOrder: 0, isSubscribed: true } as const

export const addressBookSet: Method = {
  capability: contactsCapability,
  async run(given, context): Promise<SetResponse<AddressBook>> {
    const asked = checkArguments(given, shape)
    checkCount(asked, 'address books')
    const account = await accountOf(asked.accountId, context)
    const { epoch, ifModSeq } = await wantedState(account, asked.ifInState, 'book')
    const books = await account.contacts.read(reader => reader.books())
    const answer = noOutcome<AddressBook>()
    const todo = [...stepsOf(asked, books, context, answer)]
    const done = await account.contacts.set({
      steps: todo.map(({ step }) => step),
      ifModSeq,
      makeDefault: hasErrors(answer) ? undefined : defaultOf(asked.onSuccessSetIsDefault, todo, context),
    })
    if ('refused' in done) throw new MethodFault('stateMismatch')
    const { created, updated, destroyed } = answer
    const { is, was } = done.newDefault ?? {}
    for (const [index, { named, step }] of todo.entries()) {
      const result = done.results[index]
      if (!result || 'refused' in result)
        answer[errorList[step.kind]][named] = contactError(result ?? { refused: 'no-such-book' })
      else if (step.kind === 'create') {
        created[named] = { id: printBookId(result.id), ...notSent(asked.create?.get(named) ?? {}, result.id === is) }
        context.created.set(named, printBookId(result.id))
      } else if (step.kind === 'update') updated[named] = null
      else destroyed.push(named)
    }
    const isMade = todo.some(({ step }, index) => step.kind === 'create' && idOf(done.results[index]) === is)
    if (is !== undefined && !isMade) updated[printBookId(is)] = whenDefault(true)
    if (was !== undefined) updated[printBookId(was)] = whenDefault(false)
    const at = (modSeq: number) => contactsState({ epoch, books: modSeq, cards: 0 }, 'book')
    return {
      accountId: asked.accountId,
      oldState: at(done.books.before),
      newState: at(done.books.after),
      ...toldOutcome(answer),
    }
  },
}

function* stepsOf(
  { create, update, destroy, onDestroyRemoveContents: removeCards }: Asked,
  books: readonly AddressBookRow[],
  context: MethodContext,
  errors: SetErrors,
): Iterable<Todo> {
  for (const [named, given] of create ?? []) {
    const step = creationOf(given)
    if ('type' in step) errors.notCreated[named] = step
    else yield { named, step }
  }
  const destroyed = new Set(destroy)
  for (const [named, patch] of update ?? []) {
    const book = bookOf(named, books, context)
    const step = book && !destroyed.has(named) ? updateOf(patch, book) : undefined
    if (!step) errors.notUpdated[named] = { type: book ? 'willDestroy' : 'notFound' }
    else if ('type' in step) errors.notUpdated[named] = step
    else yield { named, step }
  }
  for (const named of destroyed) {
    const id = readBookId(resolvedId(named, context) ?? '')
    if (id === undefined) errors.notDestroyed[named] = { type: 'notFound' }
    else yield { named, step: { of: 'book', kind: 'destroy', id, removeCards } }
  }
}

function creationOf(given: JsonObject): ContactStep | SetError {
  const { shareWith = null, ...rest } = given
  if (shareWith !== null) return noSharing
  const read = propertiesIn(rest, bookChecks)
  if ('type' in read) return read
  const { name } = read
  if (name === undefined) return invalid('name', 'An address book has a name')
  return { of: 'book', kind: 'create', properties: { ...standard, ...read, name } }
}

/** What only the server sets may be sent as it is. RFC 8620 §5.3 */
function updateOf(patch: JsonObject, book: AddressBookRow): ContactStep | SetError {
  const { shareWith = null, id, isDefault, myRights, ...rest } = patch
  if (shareWith !== null) return noSharing
  const shown = shownBook(book)
  for (const [name, given] of Object.entries({ id, isDefault, myRights }))
    if (given !== undefined && JSON.stringify(given) !== JSON.stringify(shown[name as keyof AddressBook]))
      return invalid(name, 'It is set by the server')
  const properties = propertiesIn(rest, bookChecks)
  if ('type' in properties) return properties
  return { of: 'book', kind: 'update', id: book.id, properties }
}

const noSharing = invalid('shareWith', 'Address books are not shared')

function bookOf(named: string, books: readonly AddressBookRow[], context: MethodContext): AddressBookRow | undefined {
  const id = readBookId(resolvedId(named, context) ?? '')
  return books.find(book => book.id === id)
}

/** One that this call makes, or one by its id */
function defaultOf(
  wanted: string | undefined,
  todo: readonly Todo[],
  context: MethodContext,
): SetContacts['makeDefault'] {
  if (wanted === undefined) return undefined
  const step = todo.findIndex(one => one.step.kind === 'create' && `#${one.named}` === wanted)
  if (step >= 0) return { step }
  const id = readBookId(resolvedId(wanted, context) ?? '')
  return id === undefined ? undefined : { id }
}

function notSent(sent: JsonObject, isDefault: boolean): Partial<AddressBook> {
  const unsent = Object.entries(standard).filter(([name]) => !Object.hasOwn(sent, name))
  const shareWith = Object.hasOwn(sent, 'shareWith') ? {} : { shareWith: null }
  return { ...Object.fromEntries(unsent), ...shareWith, ...whenDefault(isDefault) }
}

/** What may be done with a book depends on it. */
function whenDefault(isDefault: boolean): Partial<AddressBook> {
  return { isDefault, myRights: rightsOf(isDefault) }
}

function idOf(result: object | undefined): unknown {
  return result && 'id' in result ? result.id : undefined
}
