/** One submission: looked at, sent, and noted. RFC 8621 §7.5 */
import type { Account } from '#mail/account.ts'
import { printEmailId, printThreadId, readEmailId } from '#mail/object-ids.ts'
import { shownPlacements } from '../email/shown.ts'
import { identitiesOf } from '../identity/identities.ts'
import { type MethodContext, resolvedId } from '../method.ts'
import { ArgumentFault, checkArguments, idOrCreated, optional } from '../syntax/arguments.ts'
import type { JsonObject, SetError } from '../wire.ts'
import type { Identity, SubmissionEnvelope } from '../wire-sending.ts'
import { asEnvelope, envelopeFrom, envelopeShape, recipientFault } from './envelope.ts'
import { envelopeParameters } from './parameters.ts'
import { type KeptSubmission, keptIn, statusOf, submissionId, submissionKind } from './submissions.ts'
import { submit } from './submit.ts'

const shape = { identityId: idOrCreated, emailId: idOrCreated, envelope: optional(envelopeShape) }
type Wanted = ReturnType<typeof checkArguments<typeof shape>>

export type Created = { readonly id: string; readonly kept: KeptSubmission }
type Failed = { readonly error: SetError }

export async function createSubmission(
  given: JsonObject,
  account: Account,
  context: MethodContext,
): Promise<Created | Failed> {
  const wanted = read(given)
  if ('error' in wanted) return wanted
  const { list } = await identitiesOf(account, context.sending)
  const identity = list.find(one => one.id === resolvedId(wanted.identityId, context))
  if (!identity) return invalid('identityId', 'There is no such identity')
  const letter = await letterOf(wanted, account, context)
  if (!letter) return invalid('emailId', 'There is no such email')
  const envelope = wanted.envelope
    ? asEnvelope(wanted.envelope)
    : await envelopeFrom(letter.source, letter.headerBytes, allowedTo(identity, account, context))
  if ('type' in envelope) return { error: envelope }
  const fault = recipientFault(envelope, context.sending.maxRecipients)
  if (fault) return { error: fault }
  return await send({ account, context, identity, letter, envelope })
}

function read(given: JsonObject): Wanted | Failed {
  try {
    return checkArguments(given, shape)
  } catch (error) {
    if (!(error instanceof ArgumentFault)) throw error
    const property = /^(?:identityId|emailId|envelope)\b/.exec(error.message)?.[0]
    return {
      error: { type: 'invalidProperties', ...(property && { properties: [property] }), description: error.message },
    }
  }
}

function invalid(property: string, description: string): Failed {
  return { error: { type: 'invalidProperties', properties: [property], description } }
}

function allowedTo({ email }: Identity, { id }: Account, { sending }: MethodContext) {
  return { identityEmail: email, maySendAs: (address: string) => sending.directory.maySendAs(id, address) }
}

async function letterOf({ emailId }: Wanted, account: Account, context: MethodContext) {
  const id = readEmailId(resolvedId(emailId, context) ?? '')
  if (id === undefined) return undefined
  const row = await account.read(reader => (shownPlacements(reader, id).length > 0 ? reader.email(id) : undefined))
  const source = row && (await account.message(id))
  return (
    source && { emailId: printEmailId(id), threadId: printThreadId(row.threadId), headerBytes: row.headerBytes, source }
  )
}

type Sending = {
  readonly account: Account
  readonly context: MethodContext
  readonly identity: Identity
  readonly letter: NonNullable<Awaited<ReturnType<typeof letterOf>>>
  readonly envelope: SubmissionEnvelope
}

async function send({ account, context, identity, letter, envelope }: Sending): Promise<Created | Failed> {
  const now = Date.now()
  const parameters = envelopeParameters(envelope, context.sending.maxDelayMs, now)
  if ('type' in parameters) return { error: parameters }
  const sent = await submit({ envelope, parameters }, letter.source, context)
  if ('type' in sent) return { error: sent }
  const kept: KeptSubmission = {
    identityId: identity.id,
    emailId: letter.emailId,
    threadId: letter.threadId,
    envelope,
    sendAt: parameters.mailFrom.releaseAt ?? now,
    delivery: sent.delivery,
    ...(sent.messageId !== undefined && { messageId: sent.messageId }),
    canceled: false,
  }
  const status = statusOf(kept, await context.sending.queue.show(sent.delivery))
  return await note(account, { ...kept, status })
}

/** A letter that was sent already, by a request whose answer was lost, has its record already: that one is answered. */
async function note(account: Account, kept: KeptSubmission): Promise<Created> {
  const id = submissionId(kept.delivery)
  const change = { id, value: JSON.stringify(kept), before: null }
  const done = await account.setObjects(submissionKind, [change], { dropOldest: true })
  const [result = {}] = 'results' in done ? done.results : []
  if (!('refused' in result)) return { id, kept }
  const row = await account.read(reader => reader.objects(submissionKind).find(one => one.id === id))
  return { id, kept: row ? keptIn(row) : kept }
}
