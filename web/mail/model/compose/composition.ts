/** A letter while it is being written: kept as a draft all the time, on the server, so that it is on every device and survives this page. */
import { type Signal, signal } from '@preact/signals'
import type { Email, EmailSubmission, Id, SetError } from '#protocols/jmap/wire.ts'
import type { Client } from '../../jmap/client.ts'
import type { Mailboxes } from '../mailboxes.ts'
import type { Sync } from '../sync.ts'
import type { Attachment, Content } from './content.ts'
import { emailObject } from './email-object.ts'

export type DraftState = 'new' | 'changed' | 'saving' | 'saved' | 'failed' | 'sending'

export type CompositionParts = {
  readonly client: Client
  readonly mailboxes: Mailboxes
  readonly sync: Sync
  /** Reads the editor: what stands there now */
  readonly body: () => Pick<Content, 'html' | 'text'>
  /** Tests turn it. */
  readonly restMs?: number
}

export class RefusedByServer extends Error {
  readonly error: SetError
  constructor(error: SetError) {
    super(error.description ?? error.type)
    this.error = error
  }
}

/** After the last key, and at the latest after the first one that is not saved yet */
const restMs = 1_500
const latestMs = 15_000

export class Composition {
  readonly content: Signal<Content>
  readonly state: Signal<DraftState> = signal('new')
  /** The draft on the server */
  draftId: Id | undefined
  readonly #parts: CompositionParts
  #timer: ReturnType<typeof setTimeout> | undefined
  #unsavedSince: number | undefined
  #saving: Promise<void> = Promise.resolve()
  #isOver = false

  constructor(parts: CompositionParts, content: Content, draftId?: Id) {
    this.#parts = parts
    this.content = signal(content)
    this.draftId = draftId
    if (draftId !== undefined) this.state.value = 'saved'
  }

  change(patch: Partial<Content>): void {
    this.content.value = { ...this.content.peek(), ...patch }
    this.touch()
  }

  /** Something in the editor is another: it is saved in a moment. */
  touch(): void {
    if (this.#isOver) return
    if (this.state.peek() !== 'saving') this.state.value = 'changed'
    const now = Date.now()
    this.#unsavedSince ??= now
    clearTimeout(this.#timer)
    const rest = this.#parts.restMs ?? restMs
    const wait = Math.max(0, Math.min(rest, this.#unsavedSince + latestMs - now))
    this.#timer = setTimeout(() => void this.save().catch(() => undefined), wait)
  }

  get isUnsaved(): boolean {
    return this.#unsavedSince !== undefined
  }

  /** One after the other; what is typed meanwhile is in the next one. */
  save(): Promise<void> {
    clearTimeout(this.#timer)
    const turn = this.#saving.catch(() => undefined).then(() => this.#save())
    this.#saving = turn
    return turn
  }

  async #save(): Promise<void> {
    if (this.#unsavedSince === undefined || this.#isOver) return
    this.#unsavedSince = undefined
    this.state.value = 'saving'
    try {
      await this.#replaceDraft()
      if (this.state.peek() === 'saving') this.state.value = this.isUnsaved ? 'changed' : 'saved'
    } catch (error) {
      this.#unsavedSince ??= Date.now()
      this.state.value = 'failed'
      throw error
    }
  }

  /** An email never changes (RFC 8621 §4): the new draft takes the old one's place in one commit of ours and one of the server's. */
  async #replaceDraft(): Promise<void> {
    const { client, mailboxes } = this.#parts
    const drafts = mailboxes.role('drafts')
    if (!drafts) throw new Error('There is no mailbox for drafts')
    const { draftId } = this
    this.content.value = { ...this.content.peek(), ...this.#parts.body() }
    const email = emailObject(this.content.peek(), { mailboxId: drafts.id, sentAt: now() })
    const calls = client.batch()
    const set = calls.call('Email/set', { create: { draft: email } })
    const made = (await client.send(calls, { again: false })).of(set)
    const error = made.notCreated?.['draft']
    if (error) throw new RefusedByServer(error)
    this.draftId = (made.created?.['draft'] as Pick<Email, 'id'> | undefined)?.id
    // made first: whatever happens between the two, one of them is there
    if (draftId !== undefined) await this.#destroy(draftId)
    this.#parts.sync.now().catch(() => undefined)
  }

  async #destroy(id: Id): Promise<void> {
    const { client } = this.#parts
    const calls = client.batch()
    calls.call('Email/set', { destroy: [id] })
    await client.send(calls)
  }

  /** Nothing of it stays. */
  async discard(): Promise<void> {
    this.#end()
    await this.#saving.catch(() => undefined)
    if (this.draftId !== undefined) await this.#destroy(this.draftId)
    this.draftId = undefined
    this.#parts.sync.now().catch(() => undefined)
  }

  /** Closed, and there to be gone on with. */
  async close(): Promise<void> {
    await this.save()
    this.#end()
  }

  /**
   * `holdSeconds`: the server keeps it so long, in which it can be taken back whatever becomes of this page. Rejects with RefusedByServer, or
   * with what else went wrong; the draft is there in any case.
   */
  async send({ holdSeconds, at }: { readonly holdSeconds?: number; readonly at?: Date } = {}): Promise<SentLetter> {
    this.#unsavedSince ??= Date.now()
    await this.save()
    this.state.value = 'sending'
    try {
      const sent = await this.#submit(holdParameters(holdSeconds, at))
      this.#end()
      return sent
    } catch (error) {
      this.state.value = 'saved'
      throw error
    }
  }

  async #submit(parameters: Readonly<Record<string, string>> | null): Promise<SentLetter> {
    const { client, mailboxes, sync } = this.#parts
    const { identityId, from, to, cc, bcc, answered } = this.content.peek()
    const emailId = this.draftId
    const [drafts, sent] = [mailboxes.role('drafts')?.id, mailboxes.role('sent')?.id]
    if (emailId === undefined || drafts === undefined) throw new Error('There is no draft to send')
    const recipients = [...new Map([...to, ...cc, ...bcc].map(({ email }) => [email.toLowerCase(), email])).values()]
    const envelope = {
      mailFrom: { email: from.email, parameters },
      rcptTo: recipients.map(email => ({ email, parameters: null })),
    }
    const moved = {
      [`mailboxIds/${drafts}`]: null,
      ...(sent !== undefined && { [`mailboxIds/${sent}`]: true }),
      'keywords/$draft': null,
    }
    const calls = client.batch()
    const set = calls.call('EmailSubmission/set', {
      create: { letter: { identityId, emailId, envelope } },
      onSuccessUpdateEmail: { '#letter': moved },
    })
    const answer = (await client.send(calls, { again: false })).of(set)
    const error = answer.notCreated?.['letter']
    if (error) throw new RefusedByServer(error)
    const submission = answer.created?.['letter'] as Pick<EmailSubmission, 'id'> | undefined
    if (answered) await this.#mark(answered.emailId, answered.keyword).catch(() => undefined)
    sync.now().catch(() => undefined)
    return { emailId, submissionId: submission?.id ?? '' }
  }

  async #mark(emailId: Id, keyword: string): Promise<void> {
    const { client } = this.#parts
    const calls = client.batch()
    calls.call('Email/set', { update: { [emailId]: { [`keywords/${keyword}`]: true } } })
    await client.send(calls)
  }

  #end(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#unsavedSince = undefined
  }
}

export type SentLetter = { readonly emailId: Id; readonly submissionId: Id }

/** False: it has left already. Otherwise it is a draft again. */
export async function takeBack(
  { emailId, submissionId }: SentLetter,
  { client, mailboxes, sync }: Pick<CompositionParts, 'client' | 'mailboxes' | 'sync'>,
): Promise<boolean> {
  const [drafts, sent] = [mailboxes.role('drafts')?.id, mailboxes.role('sent')?.id]
  const calls = client.batch()
  const cancel = calls.call('EmailSubmission/set', { update: { [submissionId]: { undoStatus: 'canceled' } } })
  if ((await client.send(calls)).of(cancel).notUpdated?.[submissionId]) return false
  const back = client.batch()
  back.call('Email/set', {
    update: {
      [emailId]: {
        'keywords/$draft': true,
        ...(drafts !== undefined && { [`mailboxIds/${drafts}`]: true }),
        ...(sent !== undefined && { [`mailboxIds/${sent}`]: null }),
      },
    },
  })
  await client.send(back)
  sync.now().catch(() => undefined)
  return true
}

/** RFC 4865, as parameters of RFC 8621 §7 */
function holdParameters(
  holdSeconds: number | undefined,
  at: Date | undefined,
): Readonly<Record<string, string>> | null {
  if (at) return { HOLDUNTIL: at.toISOString().replace(/\.\d+/, '') }
  return holdSeconds === undefined ? null : { HOLDFOR: String(holdSeconds) }
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+/, '')
}

/** Files that are still going up, or did not. */
export function isIncomplete({ attachments }: Content): boolean {
  return attachments.some(({ blobId }: Attachment) => blobId === undefined)
}
