/** One entry of the journal, told to the server. Nothing is done twice: where an answer was lost, the server is asked what became of it. */
import type { Email, EmailSubmission, Id, JsonObject, SetError } from '#protocols/jmap/wire.ts'
import type { Client } from '../../jmap/client.ts'
import { Fault, MethodFault } from '../../jmap/fault.ts'
import { movedWhenSent, recipientsOf } from '../compose/envelope.ts'
import { flat, pieces } from '../patch.ts'
import type { Mailboxes } from '../mailboxes.ts'
import type { Entry, LetterEntry } from './entry.ts'
import type { Note, Outcome } from './journal.ts'

export type CarryParts = { readonly client: Client; readonly mailboxes: Pick<Mailboxes, 'role'> }

const done: Outcome = { kind: 'done' }
const later: Outcome = { kind: 'later' }

export async function carryOut(parts: CarryParts, { what }: Entry, note: Note): Promise<Outcome> {
  try {
    switch (what.kind) {
      case 'patch': {
        const update = Object.fromEntries(what.patches.map(([id, patch]) => [id, flat(patch)]))
        return await setAll(parts, 'update', Object.entries(update))
      }
      case 'destroy':
        return await setAll(
          parts,
          'destroy',
          what.ids.map(id => [id, {}] as const),
        )
      case 'draft':
      case 'send': {
        const made = await make(parts, what, note)
        if ('kind' in made || what.kind === 'draft') return 'kind' in made ? made : done
        return await submit(parts, made, what.at, note)
      }
      default:
        return what satisfies never
    }
  } catch (error) {
    return outcomeOf(error)
  }
}

/** A server that is ill or a session that has ended may be better tomorrow; what was said to be wrong stays so. */
function outcomeOf(error: unknown): Outcome {
  if (error instanceof MethodFault && error.type !== 'serverFail' && error.type !== 'serverUnavailable')
    return { kind: 'refused', why: error.message }
  const status = error instanceof Fault && error.kind === 'refused' ? error.problem?.status : undefined
  return status !== undefined && status >= 400 && status < 500 && status !== 429
    ? { kind: 'refused', why: error instanceof Error ? error.message : '' }
    : later
}

/** Said again it is the same; what is gone meanwhile is as good. */
async function setAll(
  { client }: CarryParts,
  verb: 'update' | 'destroy',
  all: readonly (readonly [Id, object])[],
): Promise<Outcome> {
  for (const piece of pieces(all, client.limits.maxObjectsInSet)) {
    const calls = client.batch()
    const given = verb === 'update' ? Object.fromEntries(piece) : piece.map(([id]) => id)
    const set = calls.call('Email/set', { [verb]: given })
    const { notUpdated, notDestroyed } = (await client.send(calls)).of(set)
    const errors = Object.values({ ...notUpdated, ...notDestroyed }).filter(({ type }) => type !== 'notFound')
    if (errors[0]) return refusal(errors[0])
  }
  return done
}

type Made = LetterEntry & { readonly emailId: Id }

/** The letter as a draft on the server. */
async function make(parts: CarryParts, entry: LetterEntry, note: Note): Promise<Made | Outcome> {
  if (entry.emailId !== undefined) return { ...entry, emailId: entry.emailId }
  const lost = entry.stage === 'creating' ? await findByMessageId(parts, entry.messageId) : undefined
  const emailId = lost ?? (await create(parts, entry, note))
  if (typeof emailId !== 'string') return emailId
  await note({ stage: 'made', emailId })
  if (entry.draftId !== undefined && entry.draftId !== emailId)
    await setAll(parts, 'destroy', [[entry.draftId, {}]])
  return { ...entry, stage: 'made', emailId }
}

async function create({ client }: CarryParts, { email }: LetterEntry, note: Note): Promise<Id | Outcome> {
  await note({ stage: 'creating' })
  const calls = client.batch()
  const set = calls.call('Email/set', { create: { letter: email } })
  const answer = (await client.send(calls, { again: false })).of(set)
  const error = answer.notCreated?.['letter']
  if (error) {
    await note({ stage: 'new' })
    return refusal(error)
  }
  return (answer.created?.['letter'] as Pick<Email, 'id'>).id
}

/** RFC 8621 §4.4.1, `header` */
export async function findByMessageId({ client }: Pick<CarryParts, 'client'>, messageId: string): Promise<Id | undefined> {
  const calls = client.batch()
  const query = calls.call('Email/query', { filter: { header: ['Message-ID', messageId] }, limit: 1 })
  return (await client.send(calls)).of(query).ids[0]
}

async function submit(
  parts: CarryParts,
  { emailId, content, stage }: Made,
  at: string | undefined,
  note: Note,
): Promise<Outcome> {
  const { client, mailboxes } = parts
  if (stage === 'submitting' && (await wasSubmitted(parts, emailId))) return done
  const parameters = at !== undefined && Date.parse(at) > Date.now() ? { HOLDUNTIL: at } : null
  const envelope = {
    mailFrom: { email: content.from.email, parameters },
    rcptTo: recipientsOf(content).map(email => ({ email, parameters: null })),
  }
  const { answered, identityId } = content
  const calls = client.batch()
  const set = calls.call('EmailSubmission/set', {
    create: { letter: { identityId, emailId, envelope } },
    onSuccessUpdateEmail: { '#letter': movedWhenSent(mailboxes) },
  })
  if (answered) calls.call('Email/set', { update: { [answered.emailId]: { [`keywords/${answered.keyword}`]: true } } })
  await note({ stage: 'submitting' })
  const error = (await client.send(calls, { again: false })).of(set).notCreated?.['letter']
  if (!error) return done
  // it is known not to have left
  await note({ stage: 'made' })
  return error.type === 'serverFail' || error.type === 'rateLimit' ? later : refusal(error)
}

/** Also when it is a draft still: then the server stopped between the two, and it is moved now. */
async function wasSubmitted({ client, mailboxes }: CarryParts, emailId: Id): Promise<boolean> {
  const calls = client.batch()
  const query = calls.call('EmailSubmission/query', { filter: { emailIds: [emailId] } })
  const get = calls.call('EmailSubmission/get', { '#ids': query.result('/ids') })
  const found: readonly EmailSubmission[] = (await client.send(calls)).of(get).list
  if (!found.some(one => one.emailId === emailId && one.undoStatus !== 'canceled')) return false
  const move = client.batch()
  move.call('Email/set', { update: { [emailId]: movedWhenSent(mailboxes) as JsonObject } })
  await client.send(move)
  return true
}

function refusal({ type, description }: SetError): Outcome {
  return { kind: 'refused', why: description ?? type }
}
