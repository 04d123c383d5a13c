/** RFC 8621 §2.5 */
import type { Account } from '#mail/account.ts'
import type { MailboxesSet, MailboxSetting, MailboxSettingRefusal } from '#mail/account-settings.ts'
import { keptMailboxName } from '#mail/mailbox-name.ts'
import { printMailboxId, readMailboxId } from '#mail/object-ids.ts'
import { mailboxProperties, type ResolveParent } from '../../mailbox/properties.ts'
import { rightsOf } from '../../mailbox/rights.ts'
import { accountOf, type Method, type MethodContext, MethodFault, resolvedId } from '../../method.ts'
import { printState, wantedModSeq } from '../../state.ts'
import { checkArguments, fallback, flag } from '../../syntax/arguments.ts'
import { type JsonObject, type Mailbox, mailCapability, type SetError, type SetResponse } from '../../wire.ts'
import { checkCount, errorList, noOutcome, setShape, toldOutcome } from '../../set.ts'

const shape = {
  ...setShape,
  onDestroyRemoveEmails: fallback(flag, false),
}

/** `given`: what the client sent of it */
type Todo = { readonly id: string; readonly given: JsonObject; readonly change: MailboxSetting }

export const mailboxSet: Method = {
  capability: mailCapability,
  async run(given, context): Promise<SetResponse<Mailbox>> {
    const asked = checkArguments(given, shape)
    const { create = new Map<string, JsonObject>(), update = new Map<string, JsonObject>(), destroy = [] } = asked
    checkCount(asked, 'mailboxes')
    const account = await accountOf(asked.accountId, context)
    const answer = noOutcome<Mailbox>()
    const parent = parentsAmong(new Set(create.keys()), context)
    const todo = [
      ...creationsOf(create, parent, answer.notCreated),
      ...updatesOf(update, new Set(destroy), { parent, context }, answer.notUpdated),
      ...destroysOf(new Set(destroy), asked.onDestroyRemoveEmails, context, answer.notDestroyed),
    ]
    const done = await carryOut(account, todo, asked.ifInState)
    for (const [index, { id: named, given: sent, change }] of todo.entries()) {
      const result = done.results[index]
      if (!result || 'refused' in result) answer[errorList[change.kind]][named] = errorOf(result)
      else if (change.kind === 'destroy') answer.destroyed.push(named)
      else if (change.kind === 'update') answer.updated[named] = otherName(sent)
      else {
        answer.created[named] = { id: printMailboxId(result.mailbox), ...notSent(sent), ...otherName(sent) }
        context.created.set(named, printMailboxId(result.mailbox))
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

/** A mailbox that is there, that an earlier call made, or that this one makes */
function parentsAmong(keys: ReadonlySet<string>, context: MethodContext): ResolveParent {
  return parentId => {
    const key = parentId.startsWith('#') ? parentId.slice(1) : undefined
    if (key !== undefined && keys.has(key)) return { created: key }
    return readMailboxId(resolvedId(parentId, context) ?? '')
  }
}

function* creationsOf(
  given: ReadonlyMap<string, JsonObject>,
  parent: ResolveParent,
  errors: Record<string, SetError>,
): Iterable<Todo> {
  for (const [key, sent] of given) {
    const properties = mailboxProperties(sent, parent)
    if ('type' in properties) errors[key] = properties
    else if (properties.name === undefined)
      errors[key] = { type: 'invalidProperties', properties: ['name'], description: 'A mailbox has a name' }
    else
      yield {
        id: key,
        given: sent,
        change: { kind: 'create', key, properties: { ...properties, name: properties.name } },
      }
  }
}

function* updatesOf(
  given: ReadonlyMap<string, JsonObject>,
  destroyed: ReadonlySet<string>,
  { context, parent }: { readonly context: MethodContext; readonly parent: ResolveParent },
  errors: Record<string, SetError>,
): Iterable<Todo> {
  for (const [named, sent] of given) {
    const mailbox = readMailboxId(resolvedId(named, context) ?? '')
    const properties = mailboxProperties(sent, parent)
    if (mailbox === undefined) errors[named] = { type: 'notFound' }
    else if (destroyed.has(named)) errors[named] = { type: 'willDestroy' }
    else if ('type' in properties) errors[named] = properties
    else yield { id: named, given: sent, change: { kind: 'update', mailbox, properties } }
  }
}

function* destroysOf(
  ids: ReadonlySet<string>,
  removeEmails: boolean,
  context: MethodContext,
  errors: Record<string, SetError>,
): Iterable<Todo> {
  for (const named of ids) {
    const mailbox = readMailboxId(resolvedId(named, context) ?? '')
    if (mailbox === undefined) errors[named] = { type: 'notFound' }
    else yield { id: named, given: {}, change: { kind: 'destroy', mailbox, removeEmails } }
  }
}

type Done = Pick<MailboxesSet, 'results'> & { readonly oldState: string; readonly newState: string }

/** The state is compared where the change is made: nothing comes in between. */
async function carryOut(account: Account, todo: readonly Todo[], ifInState: string | undefined): Promise<Done> {
  const state = await account.read(reader => reader.state)
  const ifModSeq = wantedModSeq(ifInState, state)
  const done = await account.setMailboxes(
    todo.map(({ change }) => change),
    { ifModSeq },
  )
  if ('refused' in done) throw new MethodFault('stateMismatch')
  const at = (modSeq: typeof done.before) => printState({ epoch: state.epoch, modSeq })
  return { results: done.results, oldState: at(done.before), newState: at(done.after) }
}

function notSent(sent: JsonObject): Partial<Mailbox> {
  const standard = {
    parentId: null,
    role: null,
    sortOrder: 0,
    isSubscribed: false,
  }
  const unsent = Object.entries(standard).filter(([name]) => !Object.hasOwn(sent, name))
  const { role = null } = sent
  return {
    ...Object.fromEntries(unsent),
    totalEmails: 0,
    unreadEmails: 0,
    totalThreads: 0,
    unreadThreads: 0,
    myRights: rightsOf({ role: typeof role === 'string' ? role : undefined }),
  }
}

/** NFC, which the client may not have written */
function otherName({ name }: JsonObject): { readonly name: string } | null {
  const kept = typeof name === 'string' ? keptMailboxName(name) : undefined
  return kept === undefined || kept === name ? null : { name: kept }
}

function errorOf(result: MailboxSettingRefusal | undefined): SetError {
  switch (result?.refused) {
    case undefined:
    case 'no-such-mailbox':
      return { type: 'notFound' }
    case 'is-inbox':
      return { type: 'forbidden', description: 'The inbox keeps its name, its place and its role' }
    case 'has-child':
      return { type: 'mailboxHasChild' }
    case 'has-email':
      return { type: 'mailboxHasEmail' }
    case 'too-many-mailboxes':
      return { type: 'overQuota', description: 'There are too many mailboxes' }
    case 'bad-property': {
      const { property = 'name', why = 'It cannot have this value' } = result ?? {}
      return { type: 'invalidProperties', properties: [property], description: why }
    }
  }
}
