/** A letter while it is being written: kept as a draft all the time, on the server, so that it is on every device and survives this page. */
import { type Signal, signal } from '@preact/signals'
import type { Id, JsonObject, SetError } from '#protocols/jmap/wire.ts'
import type { Client } from '../../jmap/client.ts'
import { Fault } from '../../jmap/fault.ts'
import type { Away, LocalDraft } from '../away.ts'
import type { Mailboxes } from '../mailboxes.ts'
import type { Sync } from '../sync.ts'
import type { Content } from './content.ts'
import { emailObject } from './email-object.ts'
import { newMessageId } from './envelope.ts'
import { holdParameters, type SentLetter, utcTime } from './holding.ts'
import { createOnce, findByMessageId, markAnswered, submitOnce } from './once.ts'
import { asLeft, keptKeys, keptNoMore, waitsForNetwork } from './waiting-files.ts'

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
  /** Of one before it, of which nobody knows whether it was made */
  #lostId: string | undefined
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
  static kept(parts: CompositionParts, { content, draftId, key, replaced }: LocalDraft): Composition {
    const one = new Composition(parts, asLeft(content), draftId, key)
    one.#isKept = true
    one.#lostId = replaced?.messageId
    one.#replaced = replaced?.old ?? []
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
      const saved = await this.#replaceDraft()
      // what the server has lacks files that stand here
      const lacks = [saved, this.content.peek()].some(waitsForNetwork)
      if (!lacks || !(await this.#keepHere())) await this.#forgetKept()
      if (!lacks) await this.#forgetFiles()
      if (this.state.peek() === 'saving') this.state.value = this.isUnsaved ? 'changed' : 'saved'
    } catch (error) {
      this.#unsavedSince ??= Date.now()
      if (isUnreachable(error) && (await this.#keep())) return
      this.state.value = 'failed'
      throw error
    }
  }

  async #keep(): Promise<boolean> {
    if (!(await this.#keepHere())) return false
    this.state.value = 'kept'
    return true
  }

  /** False: this browser keeps nothing. */
  async #keepHere(): Promise<boolean> {
    const away = this.#parts.away?.()
    if (!away) return false
    const { draftId } = this
    try {
      await away.keepDraft({ key: this.#key, content: this.content.peek(), draftId })
    } catch {
      return false
    }
    this.#isKept = true
    return true
  }

  async #forgetKept(): Promise<void> {
    if (!this.#isKept) return
    this.#isKept = false
    const away = this.#parts.away?.()
    await away?.dropDraft(this.#key).catch(() => undefined)
  }

  async #forgetFiles(): Promise<void> {
    const keys = keptKeys(this.content.peek())
    if (keys.length === 0) return
    this.content.value = keptNoMore(this.content.peek())
    const away = this.#parts.away?.()
    await away?.files.drop(keys).catch(() => undefined)
  }

  /** An email never changes (RFC 8621 §4): the new draft takes the old one's place in one commit of ours and one of the server's. */
  async #replaceDraft(): Promise<Content> {
    const { client, mailboxes, sync, isLinked } = this.#parts
    const drafts = mailboxes.role('drafts')
    if (!drafts) throw new Error('There is no mailbox for drafts')
    this.keepBody()
    if (isLinked?.() === false) throw new Fault('unreachable')
    // a draft that was made without our hearing of it is the old one, whose place the new one takes
    const old = await this.#drafts()
    this.#replaced = old.filter(id => id !== this.draftId)
    const attempt = this.#email(drafts.id)
    const { messageId } = attempt
    const away = this.#parts.away?.()
    await away?.noteReplaced({ key: this.#key, messageId, old }).catch(() => undefined)
    this.#attempt = attempt
    this.#lostId = undefined
    const made = await createOnce({ client }, attempt, sync.emailState)
    this.#attempt = undefined
    if ('error' in made) throw new RefusedByServer(made.error)
    this.draftId = made.id
    // made first: whatever happens between the two, one of them is there
    this.#replaced = old
    await this.#destroy(old)
    this.#replaced = []
    await away?.dropReplaced(this.#key).catch(() => undefined)
    sync.now().catch(() => undefined)
    return attempt.content
  }

  #email(mailboxId: Id): Attempt {
    const content = this.content.peek()
    const messageId = newMessageId(content.from.email)
    return { content, messageId, email: emailObject(content, { mailboxId, sentAt: now(), messageId }) }
  }

  /** All that this letter has left on the server */
  async #drafts(): Promise<readonly Id[]> {
    const { client } = this.#parts
    const lostId = this.#attempt?.messageId ?? this.#lostId
    const lost = lostId === undefined ? undefined : await findByMessageId({ client }, lostId)
    return [...new Set([...this.#replaced, this.draftId, lost])].filter(id => id !== undefined)
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
    await this.#forgetFiles()
    await this.#destroy(await this.#drafts())
    this.draftId = undefined
    this.#parts.sync.now().catch(() => undefined)
  }

  /** Closed, and there to be gone on with. */
  async close(): Promise<void> {
    await this.save()
    // it is told to the server when that is there again
    if (this.#waits()) await this.#queue({ kind: 'draft' })
    this.#end()
  }

  /** The server has not all of it. */
  #waits(): boolean {
    return this.state.peek() === 'kept' || waitsForNetwork(this.content.peek())
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
    if (this.#waits()) return this.#queue({ kind: 'send', at: leaving })
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
    const isWhole = !waitsForNetwork(this.content.peek())
    const attempt = isWhole && lost?.content === this.content.peek() ? lost : undefined
    const { email, messageId } = attempt ?? this.#email(mailboxes.role('drafts')?.id ?? '')
    const { key: queued } = (await away?.()?.add({
      ...how,
      content: this.content.peek(),
      email,
      messageId,
      lostId: attempt ? undefined : (lost?.messageId ?? this.#lostId),
      draftId: stage ? undefined : this.draftId,
      olderIds: this.#replaced,
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

function now(): string {
  return utcTime(new Date())
}

function isUnreachable(error: unknown): boolean {
  return error instanceof Fault && error.kind === 'unreachable'
}

function newKey(): string {
  return newMessageId('draft@here')
}
