/** RFC 8621 §4.8: blobs become emails. */
import type { EmailCreation } from '#mail/account-settings.ts'
import { openMessage } from '../../blob/open-blob.ts'
import { carryOut, outcome } from '../../email/carry-out.ts'
import { Invalid } from '../../email/compose/invalid.ts'
import { placingOf } from '../../email/create.ts'
import { importable } from '../../email/import-message.ts'
import { maxObjectsInSet } from '../../limits.ts'
import { accountOf, type Method, type MethodContext, MethodFault } from '../../method.ts'
import { anyObject, checkArguments, id, optional, record, text } from '../../syntax/arguments.ts'
import { type JsonObject, mailCapability, type SetError } from '../../wire.ts'
import { noMembers } from '../../set.ts'

const shape = { accountId: id, ifInState: optional(text), emails: record(anyObject, id) }

export const emailImport: Method = {
  capability: mailCapability,
  async run(given, context) {
    const asked = checkArguments(given, shape)
    if (asked.emails.size > maxObjectsInSet)
      throw new MethodFault('requestTooLarge', `At most ${maxObjectsInSet} emails at a time`)
    const account = await accountOf(asked.accountId, context)
    const notCreated: Record<string, SetError> = noMembers()
    const todo: { readonly id: string; readonly change: EmailCreation }[] = []
    for (const [named, email] of asked.emails) {
      const change = await importOf(email, context)
      if ('type' in change) notCreated[named] = change
      else todo.push({ id: named, change })
    }
    const changes = todo.map(({ change }) => change)
    const { newState, oldState, results } = await carryOut(account, changes, asked.ifInState)
    const created: Record<string, object> = noMembers()
    for (const [index, { id: named }] of todo.entries()) {
      const made = outcome(results[index], named, context)
      if ('error' in made) notCreated[named] = made.error
      else created[named] = made.created
    }
    return {
      accountId: asked.accountId,
      oldState,
      newState,
      created: todo.length > 0 && Object.keys(created).length > 0 ? created : null,
      notCreated: Object.keys(notCreated).length > 0 ? notCreated : null,
    }
  },
}

const known: ReadonlySet<string> = new Set(['blobId', 'mailboxIds', 'keywords', 'receivedAt'])

async function importOf(given: JsonObject, context: MethodContext): Promise<EmailCreation | SetError> {
  const invalid = new Invalid()
  for (const name of Object.keys(given)) if (!known.has(name)) invalid.add(name, 'This property cannot be given')
  const { blobId, receivedAt = null } = given
  const blob = typeof blobId === 'string' ? await openMessage(context, context.login.account, blobId) : undefined
  if (!blob) invalid.add('blobId', 'There is no such blob')
  const placing = placingOf(given, { receivedAt: Date.now() }, context, invalid)
  if (!blob || invalid.error) return invalid.error ?? { type: 'invalidProperties' }
  if (blob.sizeBytes > context.maxSizeUpload)
    return { type: 'tooLarge', description: `A message has at most ${context.maxSizeUpload} octets` }
  const found = await importable(blob)
  if (!found) return { type: 'invalidEmail', description: 'The blob is no message: it has no header, or a NUL' }
  const { message, received } = found
  const internalDate = receivedAt === null && received !== undefined ? received : placing.internalDate
  return { kind: 'create', message, ...placing, internalDate }
}
