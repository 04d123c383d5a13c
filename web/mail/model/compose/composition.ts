/** A letter while it is being written: kept as a draft all the time, on the server, so that it is on every device and survives this page. */
import { type Signal, signal } from '@preact/signals'
import type { Id, JsonObject, SetError } from '#protocols/jmap/wire.ts'
import type { Client } from '../../jmap/client.ts'
import { Fault } from '../../jmap/fault.ts'
import type { Away, LocalDraft } from '../away.ts'
import type { Mailboxes } from '../mailboxes.ts'
import type { Sync } from '../sync.ts'
import type { Attachment, Content } from './content.ts'
import { emailObject } from './email-object.ts'
import { newMessageId } from './envelope.ts'
import { createOnce, findByMessageId, markAnswered, submitOnce } from './once.ts'

/** `kept`: in this browser, since the server cannot be reached */
export type DraftState = 'new' | 'changed' | 'saving' | 'saved' | 'kept' | 'failed' | 'sending'

export type CompositionParts = {
  readonly client: Client
  readonly mailboxes: Mailboxes
  readonly sync: Sync
  /** Reads the editor: what stands there now. Undefined: it stands in no editor */
  readonly body: () => Pick<Content, 'html' | 'text'> | undefined
  /** Keeps what the server cannot be told now */
  readonly away?: () => Away | undefined
  readonly isLinked?: () => boolean
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

type Attempt = { readonly content: Content; readonly email: JsonObject; readonly messageId: string }

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
  /** Of this letter among those that are kept in this browser */
  readonly #key: string
  #isKept = false
  /** Told to the server, which did not answer */
  #attempt: Attempt | undefined
  /** Whose place a newer draft has taken, which the server was not told yet */
  #replaced: readonly Id[] = []

  constructor(parts: CompositionParts, content: Content, draftId?: Id, key = newKey()) {
    this.#parts = parts
    this.content = signal(content)
    this.draftId = draftId
    this.#key = key
    if (draftId !== undefined) this.state.value = 'saved'
  }

  /** Begun by a page that is gone: it is kept here and nowhere else. */
  static kept(parts: CompositionParts, { content, draftId, key }: LocalDraft): Composition {
    const one = new Composition(parts, content, draftId, key)
    one.#isKept = true
    one.#unsavedSince = Date.now()
    one.state.value = 'kept'
    return one
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

  /** Before its editor goes away */
  keepBody(): void {
    const body = this.#isOver ? undefined : this.#parts.body()
    if (body) this.content.value = { ...this.content.peek(), ...body }
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
      await this.#forgetKept()
      if (this.state.peek() === 'saving') this.state.value = this.isUnsaved ? 'changed' : 'saved'
    } catch (error) {
      this.#unsavedSince ??= Date.now()
      if (isUnreachable(error) && (await this.#keep())) return
      this.state.value = 'failed'
      throw error
    }
  }

  /** False: this browser keeps nothing. */
  async #keep(): Promise<boolean> {
    const away = this.#parts.away?.()
    if (!away) return false
    const { draftId } = this
    try {
      await away.keepDraft({ key: this.#key, content: this.content.peek(), draftId })
    } catch {
      return false
    }
    this.#isKept = true
    this.state.value = 'kept'
    return true
  }

  async #forgetKept(): Promise<void> {
    if (!this.#isKept) return
    this.#isKept = false
    await this.#parts
      .away?.()
      ?.dropDraft(this.#key)
      .catch(() => undefined)
  }

  /** An email never changes (RFC 8621 §4): the new draft takes the old one's place in one commit of ours and one of the server's. */
  async #replaceDraft(): Promise<void> {
    const { client, mailboxes, sync, isLinked } = this.#parts
    const drafts = mailboxes.role('drafts')
    if (!drafts) throw new Error('There is no mailbox for drafts')
    this.keepBody()
    if (isLinked?.() === false) throw new Fault('unreachable')
    // a draft that was made without our hearing of it is the old one, whose place the new one takes
    const old = await this.#drafts()
    this.#replaced = old.filter(id => id !== this.draftId)
    const attempt = this.#email(drafts.id)
    this.#attempt = attempt
    const made = await createOnce({ client }, attempt, sync.emailState)
    this.#attempt = undefined
    if ('error' in made) throw new RefusedByServer(made.error)
    this.draftId = made.id
    // made first: whatever happens between the two, one of them is there
    this.#replaced = old
    await this.#destroy(old)
    this.#replaced = []
    sync.now().catch(() => undefined)
  }

  #email(mailboxId: Id): Attempt {
    const content = this.content.peek()
    const messageId = newMessageId(content.from.email)
    return { content, messageId, email: emailObject(content, { mailboxId, sentAt: now(), messageId }) }
  }

  /** All that this letter has left on the server */
  async #drafts(): Promise<readonly Id[]> {
    const { client } = this.#parts
    const lost = this.#attempt && (await findByMessageId({ client }, this.#attempt.messageId))
    return [...this.#replaced, this.draftId, lost].filter(id => id !== undefined)
  }

  async #destroy(ids: readonly Id[]): Promise<void> {
    if (ids.length === 0) return
    const { client } = this.#parts
    const calls = client.batch()
    calls.call('Email/set', { destroy: ids })
    await client.send(calls)
  }

  /** Nothing of it stays. */
  async discard(): Promise<void> {
    this.#end()
    await this.#saving.catch(() => undefined)
    await this.#forgetKept()
    await this.#destroy(await this.#drafts())
    this.draftId = undefined
    this.#parts.sync.now().catch(() => undefined)
  }

  /** Closed, and there to be gone on with. */
  async close(): Promise<void> {
    await this.save()
    // it is told to the server when that is there again
    if (this.state.peek() === 'kept') await this.#queue({ kind: 'draft' })
    this.#end()
  }

  /**
   * `holdSeconds`: the server keeps it so long, in which it can be taken back whatever becomes of this page. Rejects with RefusedByServer, or
   * with what else went wrong; the draft is there in any case. Where nobody answers it waits: `queued` is its key in the journal.
   */
  async send({
    holdSeconds,
    at,
  }: {
    readonly holdSeconds?: number
    readonly at?: Date
  } = {}): Promise<SentLetter | { readonly queued: string }> {
    this.#unsavedSince ??= Date.now()
    await this.save()
    const leaving = at && utcTime(at)
    if (this.state.peek() === 'kept') return this.#queue({ kind: 'send', at: leaving })
    this.state.value = 'sending'
    try {
      const sent = await this.#submit(holdParameters(holdSeconds, at))
      this.#end()
      return sent
    } catch (error) {
      this.state.value = 'saved'
      if (!isUnreachable(error) || !this.#parts.away?.()) throw error
      // whether it left nobody knows: the journal asks first
      return this.#queue({ kind: 'send', at: leaving }, 'submitting')
    }
  }

  async #queue(
    how: { readonly kind: 'draft' } | { readonly kind: 'send'; readonly at: string | undefined },
    stage?: 'submitting',
  ): Promise<{ readonly queued: string }> {
    const { mailboxes, away } = this.#parts
    const lost = this.#attempt
    const attempt = lost?.content === this.content.peek() ? lost : undefined
    const { email, messageId } = attempt ?? this.#email(mailboxes.role('drafts')?.id ?? '')
    const { key: queued } = (await away?.()?.add({
      ...how,
      content: this.content.peek(),
      email,
      messageId,
      lostId: attempt ? undefined : lost?.messageId,
      draftId: stage ? undefined : this.draftId,
      emailId: stage ? this.draftId : undefined,
      stage: stage ?? (attempt ? 'creating' : 'new'),
    })) ?? { key: '' }
    this.#end()
    await this.#forgetKept()
    return { queued }
  }

  async #submit(parameters: Readonly<Record<string, string>> | null): Promise<SentLetter> {
    const { client, mailboxes, sync } = this.#parts
    const content = this.content.peek()
    const emailId = this.draftId
    if (emailId === undefined) throw new Error('There is no draft to send')
    const sent = await submitOnce({ client, mailboxes }, { emailId, content, parameters })
    if ('error' in sent) throw new RefusedByServer(sent.error)
    await markAnswered({ client }, content)
    sync.now().catch(() => undefined)
    return { emailId, submissionId: sent.submissionId }
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
  { submissionId }: Pick<SentLetter, 'submissionId'>,
  { client, mailboxes, sync }: Pick<CompositionParts, 'client' | 'mailboxes' | 'sync'>,
): Promise<boolean> {
  const calls = client.batch()
  const cancel = calls.call('EmailSubmission/set', {
    update: { [submissionId]: { undoStatus: 'canceled' } },
    onSuccessUpdateEmail: { [submissionId]: draftUpdate(mailboxes) },
  })
  if ((await client.send(calls)).of(cancel).notUpdated?.[submissionId]) return false
  sync.now().catch(() => undefined)
  return true
}

function draftUpdate(mailboxes: Mailboxes): object {
  const [drafts, sent] = [mailboxes.role('drafts')?.id, mailboxes.role('sent')?.id]
  return {
    'keywords/$draft': true,
    ...(drafts !== undefined && { [`mailboxIds/${drafts}`]: true }),
    ...(sent !== undefined && { [`mailboxIds/${sent}`]: null }),
  }
}

/** RFC 4865, as parameters of RFC 8621 §7 */
export function holdParameters(
  holdSeconds: number | undefined,
  at: Date | undefined,
): Readonly<Record<string, string>> | null {
  if (at) return { HOLDUNTIL: utcTime(at) }
  return holdSeconds === undefined ? null : { HOLDFOR: String(holdSeconds) }
}

function now(): string {
  return utcTime(new Date())
}

function utcTime(date: Date): string {
  return date.toISOString().replace(/\.\d+/, '')
}

function isUnreachable(error: unknown): boolean {
  return error instanceof Fault && error.kind === 'unreachable'
}

function newKey(): string {
  return newMessageId('draft@here')
}

/** Files that are still going up, or did not. */
export function isIncomplete({ attachments }: Content): boolean {
  return attachments.some(({ blobId }: Attachment) => blobId === undefined)
}
