/** One entry of the journal, told to the server. Nothing is done twice: where an answer was lost, the server is asked what became of it. */
import type { Id, SetError } from '#protocols/jmap/wire.ts'
import type { Client } from '../../jmap/client.ts'
import { Fault, MethodFault } from '../../jmap/fault.ts'
import { createOnce, findByMessageId, markAnswered, submitOnce } from '../compose/once.ts'
import type { Content } from '../compose/content.ts'
import { emailObject } from '../compose/email-object.ts'
import { keptKeys, withBlob } from '../compose/waiting-files.ts'
import { flatPatch } from '../emails.ts'
import type { Mailboxes } from '../mailboxes.ts'
import { pieces } from '../pieces.ts'
import type { Entry, LetterEntry } from './entry.ts'
import type { Note, Outcome } from './journal.ts'
import type { KeptFiles } from './kept-files.ts'

export type CarryParts = {
  readonly client: Client
  readonly mailboxes: Pick<Mailboxes, 'role'>
  /** Of letters that wait */
  readonly files: Pick<KeptFiles, 'get' | 'drop'>
  /** Rejects with a Fault. */
  readonly upload: (file: Blob) => Promise<Id>
}

const done: Outcome = { kind: 'done' }
const later: Outcome = { kind: 'later' }

export async function carryOut(parts: CarryParts, { what }: Entry, note: Note): Promise<Outcome> {
  try {
    switch (what.kind) {
      case 'patch': {
        const update = Object.fromEntries(what.patches.map(([id, patch]) => [id, flatPatch(patch)]))
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
        if (typeof made !== 'string') return made
        const outcome = what.kind === 'draft' ? done : await submit(parts, what, made, note)
        if (outcome.kind === 'done') await parts.files.drop(keptKeys(what.content))
        return outcome
      }
      default:
        return what satisfies never
    }
  } catch (error) {
    return outcomeOf(error)
  }
}

/** Another time it may be otherwise. RFC 8620 §3.6.2, §5.3 */
const passing: ReadonlySet<string> = new Set(['serverFail', 'serverUnavailable', 'stateMismatch', 'rateLimit'])

/** A server that is ill or a session that has ended may be better tomorrow; what was said to be wrong stays so. */
function outcomeOf(error: unknown): Outcome {
  if (error instanceof MethodFault && !passing.has(error.type)) return { kind: 'refused', why: error.message }
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

/** The letter as a draft on the server: its id. */
async function make(parts: CarryParts, entry: LetterEntry, note: Note): Promise<Id | Outcome> {
  const emailId = entry.emailId ?? (await found(parts, entry)) ?? (await create(parts, entry, note))
  if (typeof emailId !== 'string') return emailId
  if (entry.emailId === undefined) await note({ stage: 'made', emailId })
  // also when it was made before: a page may have ended here
  const older = entry.lostId === undefined ? undefined : await findByMessageId(parts, entry.lostId)
  const old = [entry.draftId, older, ...(entry.olderIds ?? [])].filter(
    id => id !== undefined && id !== emailId,
  ) as readonly Id[]
  await setAll(
    parts,
    'destroy',
    old.map(id => [id, {}] as const),
  )
  return emailId
}

async function found(parts: CarryParts, { stage, messageId }: LetterEntry): Promise<Id | undefined> {
  return stage === 'creating' ? findByMessageId(parts, messageId) : undefined
}

/** Uploads do not stay for ever: where one is gone, its file goes up once more. */
async function create(parts: CarryParts, given: LetterEntry, note: Note, isAgain = false): Promise<Id | Outcome> {
  const entry = await withFiles(parts, given, { note, isAgain })
  // an outcome
  if (!('stage' in entry)) return entry
  await note({ stage: 'creating' })
  const made = await createOnce(parts, entry)
  if ('id' in made) return made.id
  await note({ stage: 'new' })
  const isGone = made.error.type === 'blobNotFound' && keptKeys(entry.content).length > 0
  return isGone && !isAgain ? create(parts, entry, note, true) : refusal(made.error)
}

type Upload = { readonly note: Note; readonly isAgain: boolean }

/** What waited goes up, each noted as soon as the server has it. */
async function withFiles(
  parts: CarryParts,
  given: LetterEntry,
  { note, isAgain }: Upload,
): Promise<LetterEntry | Outcome> {
  let entry = given
  for (const { key, isKept, blobId } of given.content.attachments) {
    if (!isKept || (blobId !== undefined && !isAgain)) continue
    const file = await parts.files.get(key)
    if (!file) return refusal({ type: 'blobNotFound' })
    entry = withUploaded(parts, entry, withBlob(entry.content, key, await parts.upload(file)))
    await note({ content: entry.content, email: entry.email })
  }
  return entry
}

function withUploaded({ mailboxes }: CarryParts, entry: LetterEntry, content: Content): LetterEntry {
  const { messageId, email } = entry
  const { sentAt } = email
  const mailboxId = mailboxes.role('drafts')?.id ?? ''
  return { ...entry, content, email: emailObject(content, { mailboxId, sentAt: sentAt as string, messageId }) }
}

async function submit(
  parts: CarryParts,
  { content, at }: Extract<Entry['what'], { kind: 'send' }>,
  emailId: Id,
  note: Note,
): Promise<Outcome> {
  const parameters = at !== undefined && Date.parse(at) > Date.now() ? { HOLDUNTIL: at } : null
  const before = () => note({ stage: 'submitting' })
  const sent = await submitOnce(parts, { emailId, content, parameters, before })
  if ('submissionId' in sent) {
    await markAnswered(parts, content)
    return done
  }
  // it is known not to have left
  await note({ stage: 'made' })
  const { type } = sent.error
  return type === 'serverFail' || type === 'rateLimit' ? later : refusal(sent.error)
}

function refusal({ type, description }: SetError): Outcome {
  return { kind: 'refused', why: description ?? type }
}
