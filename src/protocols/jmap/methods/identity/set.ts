/** RFC 8621 §6.3 */
import { randomBytes } from 'node:crypto'
import { canonicalAddress } from '#formats/address/address.ts'
import type { Account } from '#mail/account.ts'
import type { ObjectChange } from '#mail/account-settings.ts'
import {
  type Identities,
  identitiesOf,
  identityKind,
  isCurrent,
  type KeptIdentity,
  stateParts,
} from '../../identity/identities.ts'
import { accountOf, type Method, type MethodContext, MethodFault, resolvedId } from '../../method.ts'
import { objectError } from '../../objects.ts'
import { readModSeq } from '../../state.ts'
import { checkArguments, list, nullable, object, text } from '../../syntax/arguments.ts'
import { type JsonObject, type SetError, type SetResponse, submissionCapability } from '../../wire.ts'
import type { Identity } from '../../wire-sending.ts'
import {
  checkCount,
  invalid,
  noOutcome,
  propertiesIn,
  type SetErrors,
  type SetOutcome,
  setShape,
  toldOutcome,
} from '../../set.ts'

const addresses = nullable(list(object({ name: nullable(text), email: text })))
const checks = { name: text, email: text, replyTo: addresses, bcc: addresses, textSignature: text, htmlSignature: text }

type ErrorList = keyof SetErrors
type Todo = ObjectChange & { readonly errors: ErrorList; readonly named: string; readonly made?: Identity }

export const identitySet: Method = {
  capability: submissionCapability,
  async run(given, context): Promise<SetResponse<Identity>> {
    const asked = checkArguments(given, setShape)
    checkCount(asked)
    const account = await accountOf(asked.accountId, context)
    const now = await identitiesOf(account, context.sending)
    if (asked.ifInState !== undefined && !isCurrent(asked.ifInState, now)) throw new MethodFault('stateMismatch')
    const answer = noOutcome<Identity>()
    const todo: Todo[] = []
    const plan = (step: Todo | SetError, list: ErrorList, named: string) => {
      if ('type' in step) answer[list][named] = step
      else todo.push(step)
    }
    for (const [creation, wanted] of asked.create ?? [])
      plan(await creationOf(creation, wanted, account, context), 'notCreated', creation)
    const destroyed = new Set(asked.destroy)
    for (const [named, patch] of asked.update ?? [])
      plan(destroyed.has(named) ? { type: 'willDestroy' } : updateOf(named, patch, now, context), 'notUpdated', named)
    for (const named of destroyed) plan(destroyOf(named, now, context), 'notDestroyed', named)
    return await carryOut(
      { account, context, todo, answer, ifModSeq: asked.ifInState && modSeqOf(asked.ifInState) },
      asked.accountId,
    )
  },
}

function modSeqOf(state: string): number | undefined {
  const numbers = stateParts(state)?.numbers ?? ''
  return readModSeq(numbers, Number(numbers.split('.')[0]))
}

async function creationOf(
  creation: string,
  wanted: JsonObject,
  account: Account,
  { sending }: MethodContext,
): Promise<Todo | SetError> {
  const read = propertiesIn(wanted, checks)
  if ('type' in read) return read
  const email = canonicalAddress(read.email ?? '')
  if (email === undefined) return invalid('email', 'An address is needed')
  if (!(await sending.directory.maySendAs(account.id, email)))
    return { type: 'forbiddenFrom', description: 'This is not one of your addresses' }
  const value: KeptIdentity = {
    name: read.name ?? '',
    email: read.email ?? '',
    replyTo: read.replyTo ?? null,
    bcc: read.bcc ?? null,
    textSignature: read.textSignature ?? '',
    htmlSignature: read.htmlSignature ?? '',
  }
  const newId = `I${randomBytes(12).toString('hex')}`
  const made = { ...value, id: newId, mayDelete: true }
  return { errors: 'notCreated', named: creation, id: newId, value: JSON.stringify(value), made }
}

function updateOf(named: string, patch: JsonObject, now: Identities, context: MethodContext): Todo | SetError {
  const kept = now.list.find(one => one.id === resolvedId(named, context))
  if (!kept) return { type: 'notFound' }
  const { id: keptId, mayDelete, ...value } = kept
  const { id: givenId, mayDelete: givenMayDelete, ...given } = patch
  if (givenId !== undefined && givenId !== keptId) return invalid('id', 'It stays as it is')
  if (givenMayDelete !== undefined && givenMayDelete !== mayDelete) return invalid('mayDelete', 'It stays as it is')
  const read = propertiesIn(given, checks)
  if ('type' in read) return read
  if (read.email !== undefined && read.email !== kept.email) return invalid('email', 'It stays as it is')
  return { errors: 'notUpdated', named, id: keptId, value: JSON.stringify({ ...value, ...read }) }
}

function destroyOf(named: string, now: Identities, context: MethodContext): Todo | SetError {
  const kept = now.list.find(one => one.id === resolvedId(named, context))
  if (!kept) return { type: 'notFound' }
  if (!kept.mayDelete) return { type: 'forbidden', description: 'Your own addresses have an identity always' }
  return { errors: 'notDestroyed', named, id: kept.id, value: undefined }
}

type Work = {
  readonly account: Account
  readonly context: MethodContext
  readonly todo: readonly Todo[]
  readonly answer: SetOutcome<Identity>
  readonly ifModSeq: number | '' | undefined
}

/** The state is compared where the changes are made. */
async function carryOut(
  { account, context, todo, answer, ifModSeq }: Work,
  accountId: string,
): Promise<SetResponse<Identity>> {
  const { state: oldState } = await identitiesOf(account, context.sending)
  const changes = todo.map(({ id: one, value }) => ({ id: one, value }))
  const done = await account.setObjects(identityKind, changes, {
    dropOldest: false,
    ifModSeq: ifModSeq === '' ? undefined : ifModSeq,
  })
  if ('refused' in done) throw new MethodFault('stateMismatch')
  for (const [index, { errors: list, named, id: one, made }] of todo.entries()) {
    const error = objectError(done.results[index] ?? {})
    if (error) answer[list][named] = error
    else if (made) {
      answer.created[named] = made
      context.created.set(named, one)
    } else if (list === 'notUpdated') answer.updated[named] = null
    else answer.destroyed.push(named)
  }
  return {
    accountId,
    oldState,
    newState: (await identitiesOf(account, context.sending)).state,
    ...toldOutcome(answer),
  }
}
