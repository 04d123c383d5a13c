/**
 * Letters that are made and sent once, whatever becomes of the answers. A browser itself says a request again when a connection ends that was used before,
 * a POST too; so each says on which state it is built (RFC 8620 §5.3, `ifInState`): the second time there is another one, and the server is asked what it has.
 */
import type { Email, Id, JsonObject, SetError } from '#protocols/jmap/wire.ts'
import type { EmailSubmission } from '#protocols/jmap/wire-sending.ts'
import type { Client } from '../../jmap/client.ts'
import { MethodFault } from '../../jmap/fault.ts'
import type { Mailboxes } from '../mailboxes.ts'
import type { Content } from './content.ts'
import { movedWhenSent, recipientsOf } from './envelope.ts'

type Asking = { readonly client: Pick<Client, 'batch' | 'send'> }

/** Something else changes in the account all the time: it is tried again so often. */
const tries = 6

export type Created = { readonly id: Id } | { readonly error: SetError }

/** A draft. `state`: of emails, where it is known */
export async function createOnce(
  { client }: Asking,
  { email, messageId }: { readonly email: JsonObject; readonly messageId: string },
  state?: string,
): Promise<Created> {
  let ifInState = state ?? (await emailState({ client }))
  for (let tried = 1; ; tried++) {
    const calls = client.batch()
    const set = calls.call('Email/set', { ifInState, create: { letter: email } })
    const answers = await client.send(calls, { again: false })
    try {
      const { created, notCreated } = answers.of(set)
      const error = notCreated?.['letter']
      return error ? { error } : { id: (created?.['letter'] as Pick<Email, 'id'> | undefined)?.id ?? '' }
    } catch (fault) {
      if (!isMismatch(fault) || tried === tries) throw fault
      const id = await findByMessageId({ client }, messageId)
      if (id !== undefined) return { id }
      ifInState = await emailState({ client })
    }
  }
}

async function emailState({ client }: Asking): Promise<string> {
  const calls = client.batch()
  const get = calls.call('Email/get', { ids: [], properties: ['id'] })
  return (await client.send(calls)).of(get).state
}

/** RFC 8621 §4.4.1, `header` */
export async function findByMessageId({ client }: Asking, messageId: string): Promise<Id | undefined> {
  const calls = client.batch()
  const query = calls.call('Email/query', { filter: { header: ['Message-ID', messageId] }, limit: 1 })
  return (await client.send(calls)).of(query).ids[0]
}

export type Submitting = {
  readonly emailId: Id
  readonly content: Pick<Content, 'identityId' | 'from' | 'to' | 'cc' | 'bcc'>
  /** RFC 4865, as parameters of RFC 8621 §7 */
  readonly parameters: Readonly<Record<string, string>> | null
  /** Called before the server is told to send it */
  readonly before?: () => Promise<void>
}

export type Submitted = { readonly submissionId: Id } | { readonly error: SetError }

/** Sent now, or by an earlier request of which the answer was lost. */
export async function submitOnce(
  { client, mailboxes }: Asking & { readonly mailboxes: Pick<Mailboxes, 'role'> },
  { emailId, content, parameters, before }: Submitting,
): Promise<Submitted> {
  const envelope = {
    mailFrom: { email: content.from.email, parameters },
    rcptTo: recipientsOf(content).map(email => ({ email, parameters: null })),
  }
  for (let tried = 1; ; tried++) {
    const { state, sent } = await submissionOf({ client }, emailId)
    if (sent) {
      // also when it is a draft still: then the server stopped between the two
      await update({ client }, emailId, movedWhenSent(mailboxes))
      return { submissionId: sent.id }
    }
    await before?.()
    const calls = client.batch()
    const set = calls.call('EmailSubmission/set', {
      ifInState: state,
      create: { letter: { identityId: content.identityId, emailId, envelope } },
      onSuccessUpdateEmail: { '#letter': movedWhenSent(mailboxes) },
    })
    const answers = await client.send(calls, { again: false })
    try {
      const { created, notCreated } = answers.of(set)
      const error = notCreated?.['letter']
      if (error) return { error }
      return { submissionId: (created?.['letter'] as Pick<EmailSubmission, 'id'> | undefined)?.id ?? '' }
    } catch (fault) {
      if (!isMismatch(fault) || tried === tries) throw fault
    }
  }
}

async function submissionOf(
  { client }: Asking,
  emailId: Id,
): Promise<{ readonly state: string; readonly sent: EmailSubmission | undefined }> {
  const calls = client.batch()
  const query = calls.call('EmailSubmission/query', { filter: { emailIds: [emailId] } })
  const get = calls.call('EmailSubmission/get', { '#ids': query.result('/ids') })
  const { state, list } = (await client.send(calls)).of(get)
  return { state, sent: list.find(one => one.emailId === emailId && one.undoStatus !== 'canceled') }
}

/** What it answers or passes on is marked so; that it fails is no reason to send anything again. */
export async function markAnswered({ client }: Asking, { answered }: Pick<Content, 'answered'>): Promise<void> {
  if (answered)
    await update({ client }, answered.emailId, { [`keywords/${answered.keyword}`]: true }).catch(() => undefined)
}

async function update({ client }: Asking, id: Id, patch: object): Promise<void> {
  const calls = client.batch()
  calls.call('Email/set', { update: { [id]: patch } })
  await client.send(calls)
}

function isMismatch(fault: unknown): boolean {
  return fault instanceof MethodFault && fault.type === 'stateMismatch'
}
