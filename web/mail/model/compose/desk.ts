/** Where letters are begun, gone on with, sent and taken back. Some may lie there at once; one of them is written in. */
import { type Signal, signal } from '@preact/signals'
import type { EmailAddress, EmailBodyPart, Id } from '#protocols/jmap/wire.ts'
import type { Identity, SubmissionCapability } from '#protocols/jmap/wire-sending.ts'
import type { Letter, LetterPart } from '../conversation.ts'
import { contactsOf } from '../contacts/of-mail.ts'
import { suggestContacts } from '../contacts/suggest.ts'
import type { Mail } from '../mail.ts'
import { isSame } from '../people.ts'
import { Composition, type CompositionParts } from './composition.ts'
import type { Attachment, Content } from './content.ts'
import { type SentLetter, takeBack } from './holding.ts'
import { Identities } from './identities.ts'
import { KnownPeople } from './known-people.ts'
import { asLeft } from './waiting-files.ts'
import {
  type QuoteWords,
  forwardSubject,
  forwardText,
  replyRecipients,
  replySubject,
  replyText,
  threadFields,
} from './quote.ts'

/** What somebody wants to write */
export type Start =
  | {
      readonly kind: 'new'
      readonly to?: readonly EmailAddress[]
      readonly subject?: string
      /** Instead of a signature */
      readonly text?: string
      /** It goes out under the address to which this one came */
      readonly about?: Letter
    }
  | { readonly kind: 'reply' | 'reply-all' | 'forward'; readonly letter: Letter }
  /** A draft is gone on with */
  | { readonly kind: 'draft'; readonly emailId: Id }

export type DeskParts = Pick<Mail, 'client' | 'mailboxes' | 'sync' | 'letters' | 'user' | 'news' | 'away' | 'isLinked'>

/** What needs a page: words in its language, and HTML */
export type Page = {
  readonly quoteWords: QuoteWords
  readonly dateOf: (letter: Letter) => string
  /** The letter's own HTML or text, clean, for a quote */
  readonly quoteHtml: (letter: Letter, kind: 'reply' | 'forward', images: ReadonlyMap<string, LetterPart>) => string
  readonly signatureHtml: (identity: Identity) => string
  readonly format: () => Content['format']
}

/** More would hide what they stand before; those that were begun first are closed, and stay drafts */
const maxOpen = 3
/** So long a letter can be taken back */
export const undoSeconds = 10
const submission = 'urn:ietf:params:jmap:submission'

export class Desk {
  /** All that lie there, those that were begun first before the others */
  readonly open: Signal<readonly Composition[]> = signal([])
  /** The one that is written in; undefined: all of them are folded */
  readonly current: Signal<Composition | undefined> = signal(undefined)
  readonly identities: Signal<readonly Identity[]>
  readonly people: KnownPeople
  readonly parts: DeskParts
  /** The editor of the current one, read when a draft is saved */
  body: (() => Pick<Content, 'html' | 'text'>) | undefined
  readonly #page: Page
  readonly #identities: Identities

  constructor(parts: DeskParts, page: Page) {
    this.parts = parts
    this.#page = page
    this.#identities = new Identities(parts)
    this.identities = this.#identities.list
    const contacts = contactsOf(parts)
    this.people = new KnownPeople(parts.client, parts.mailboxes, (part, taken, limit) =>
      suggestContacts(contacts, part, taken, limit),
    )
  }

  /** The server can hold a letter so long. 0: not at all */
  get maxDelaySeconds(): number {
    const { session, accountId } = this.parts.client
    const told = session.accounts[accountId]?.accountCapabilities[submission] as SubmissionCapability | undefined
    return told?.maxDelayedSend ?? 0
  }

  async start(request: Start): Promise<void> {
    void this.people.load()
    void contactsOf(this.parts).load()
    const there = request.kind === 'draft' ? this.open.peek().find(one => one.draftId === request.emailId) : undefined
    if (there) return this.show(there)
    await this.#identities.load()
    const { content, draftId } =
      request.kind === 'draft' ? await this.#draft(request.emailId) : { content: this.#begun(request) }
    this.#open(content, draftId)
  }

  /** This one is written in from now on; what was written in before is folded. */
  show(composition: Composition): void {
    if (this.current.peek() === composition) return
    this.fold()
    this.current.value = composition
  }

  /** It stays there, and is kept as a draft meanwhile. */
  fold(): void {
    const before = this.current.peek()
    before?.keepBody()
    this.#leaveEditor()
    void before?.save().catch(() => undefined)
  }

  /** Until the next one has its editor, nobody has: what stands in this one belongs to no other letter. */
  #leaveEditor(): void {
    this.body = undefined
    this.current.value = undefined
  }

  #open(content: Content, draftId?: Id): Composition {
    return this.#put(parts => new Composition(parts, content, draftId))
  }

  /** It is written in from now on. */
  #put(make: (parts: CompositionParts) => Composition): Composition {
    const { client, mailboxes, sync, away, isLinked } = this.parts
    const composition: Composition = make({
      client,
      mailboxes,
      sync,
      away: () => away.peek(),
      isLinked: () => isLinked.peek(),
      body: () => (this.current.peek() === composition ? this.body?.() : undefined),
    })
    const before = this.current.peek()
    // in which nobody has written
    if (before?.state.peek() === 'new') this.#remove(before)
    this.fold()
    for (const one of this.open.peek().slice(0, -(maxOpen - 1))) void this.close(one).catch(() => undefined)
    this.open.value = [...this.open.peek(), composition]
    this.current.value = composition
    return composition
  }

  /** What was being written when a page without a network was left lies there again. */
  async resume(): Promise<void> {
    const drafts = (await this.parts.away.peek()?.takeDrafts()) ?? []
    if (drafts.length === 0) return
    await this.#identities.load()
    for (const draft of drafts) this.#put(parts => Composition.kept(parts, draft))
  }

  /** A letter that waited for the network and was taken back */
  async reopen(content: Content, draftId: Id | undefined): Promise<void> {
    await this.#identities.load()
    const composition = this.#open(asLeft(content), draftId)
    composition.touch()
    void composition.save().catch(() => undefined)
  }

  #remove(composition: Composition): void {
    this.open.value = this.open.peek().filter(one => one !== composition)
    if (this.current.peek() === composition) this.#leaveEditor()
  }

  /** It stays a draft. */
  async close(composition = this.current.peek()): Promise<void> {
    if (!composition) return
    composition.keepBody()
    this.#remove(composition)
    try {
      await composition.close()
    } catch (error) {
      // what could not be kept stays where it can be seen
      this.open.value = [...this.open.peek(), composition]
      throw error
    }
  }

  async discard(composition = this.current.peek()): Promise<void> {
    if (!composition) return
    this.#remove(composition)
    await composition.discard()
  }

  /** `at`: then, instead of as soon as it cannot be taken back any more */
  async send(at?: Date): Promise<SentLetter | { readonly queued: string } | undefined> {
    const composition = this.current.peek()
    if (!composition) return undefined
    const holds = this.maxDelaySeconds >= undoSeconds
    const sent = await composition.send(at ? { at } : holds ? { holdSeconds: undoSeconds } : {})
    this.#remove(composition)
    return sent
  }

  /** False: too late. */
  async undo(sent: SentLetter): Promise<boolean> {
    if (!(await takeBack(sent, this.parts))) return false
    await this.start({ kind: 'draft', emailId: sent.emailId })
    return true
  }

  #begun(request: Exclude<Start, { kind: 'draft' }>): Content {
    const identity = this.#identityFor(request)
    const empty = this.#empty(identity)
    if (request.kind === 'new') {
      const { to = [], subject = '', text } = request
      const html = text === undefined ? this.#page.signatureHtml(identity) : paragraphs(text)
      return { ...empty, to, subject, html, ...(text !== undefined && { text }) }
    }
    const { letter } = request
    const kind = request.kind === 'forward' ? 'forward' : 'reply'
    const images = imagesOf(letter)
    const html = `${this.#page.signatureHtml(identity)}${this.#page.quoteHtml(letter, kind, images)}`
    const inline = [...images.values()].filter(({ cid }) => html.includes(`cid:${cid}`)).map(attachmentOf)
    const words = this.#page.quoteWords
    const date = this.#page.dateOf(letter)
    if (kind === 'forward')
      return {
        ...empty,
        subject: forwardSubject(letter.subject),
        html,
        text: empty.text + forwardText(letter, words, date),
        attachments: [
          ...inline,
          ...letter.attachments.filter(({ cid }) => !cid || !html.includes(`cid:${cid}`)).map(attachmentOf),
        ],
        answered: { emailId: letter.id, keyword: '$forwarded' },
      }
    const own = [this.parts.user.username, ...this.identities.peek().map(({ email }) => email)]
    return {
      ...empty,
      ...replyRecipients(letter, own, request.kind === 'reply-all'),
      ...threadFields(letter),
      subject: replySubject(letter.subject),
      html,
      text: empty.text + replyText(letter, words, date),
      attachments: inline,
      answered: { emailId: letter.id, keyword: '$answered' },
    }
  }

  #empty(identity: Identity): Content {
    return {
      identityId: identity.id,
      from: addressOf(identity),
      to: [],
      cc: [],
      bcc: identity.bcc ?? [],
      subject: '',
      format: this.#page.format(),
      html: '',
      text: identity.textSignature === '' ? '' : `\n\n-- \n${identity.textSignature}\n`,
      attachments: [],
      inReplyTo: null,
      references: null,
      answered: undefined,
    }
  }

  /** One answers by the address to which was written. */
  #identityFor(request: Exclude<Start, { kind: 'draft' }>): Identity {
    const all = this.identities.peek()
    const { username } = this.parts.user
    const main = all.find(({ email }) => isSame(email, username)) ?? all[0] ?? noIdentity(username)
    const letter = request.kind === 'new' ? request.about : request.letter
    if (!letter) return main
    const { to, cc, from } = letter
    const named = [...(to ?? []), ...(cc ?? []), ...(from ?? [])]
    return all.find(({ email }) => named.some(one => isSame(one.email, email))) ?? main
  }

  async #draft(emailId: Id): Promise<{ readonly content: Content; readonly draftId: Id }> {
    const [letter] = await this.parts.letters.read([emailId])
    if (!letter) throw new Error('The draft is not there any more')
    const all = this.identities.peek()
    const from = letter.from?.[0]
    const identity =
      all.find(({ email }) => from && isSame(email, from.email)) ?? all[0] ?? noIdentity(this.parts.user.username)
    const [rich] = letter.htmlBody
    const isRich = rich?.type === 'text/html'
    const content: Content = {
      ...this.#empty(identity),
      to: letter.to ?? [],
      cc: letter.cc ?? [],
      bcc: letter.bcc ?? [],
      subject: letter.subject ?? '',
      format: isRich ? 'rich' : 'plain',
      html: isRich ? (letter.bodyValues[rich.partId ?? '']?.value ?? '') : '',
      text: letter.textBody.map(({ partId }) => letter.bodyValues[partId ?? '']?.value ?? '').join('\n'),
      attachments: [...letter.attachments, ...inlineOnly(letter)].map(attachmentOf),
      inReplyTo: letter.inReplyTo,
      references: letter.references,
    }
    return { content, draftId: emailId }
  }
}

function addressOf({ name, email }: Identity): EmailAddress {
  return { name: name === '' ? null : name, email }
}

/** Where the server tells of none, it says itself what is wrong when something is sent. */
function noIdentity(email: string): Identity {
  return {
    id: 'none',
    name: '',
    email,
    replyTo: null,
    bcc: null,
    textSignature: '',
    htmlSignature: '',
    mayDelete: false,
  }
}

function imagesOf(letter: Letter): ReadonlyMap<string, LetterPart> {
  const all = [...letter.attachments, ...letter.htmlBody]
  return new Map(all.flatMap(part => (part.cid && part.type.startsWith('image/') ? [[part.cid, part] as const] : [])))
}

/** Images of the text that are no attachments (RFC 8621 §4.1.4) */
function inlineOnly({ htmlBody, attachments }: Letter): readonly LetterPart[] {
  const known = new Set(attachments.map(({ blobId }) => blobId))
  return htmlBody.filter(part => part.type.startsWith('image/') && !known.has(part.blobId))
}

/** A letter outlives its page: no other page makes the same ones. */
const page = Math.random().toString(36).slice(2)
let keys = 0
export function newKey(): string {
  return `${page}-${++keys}`
}

function attachmentOf({
  name,
  type,
  size,
  blobId,
  cid,
}: Pick<EmailBodyPart, 'name' | 'type' | 'size' | 'blobId' | 'cid'>): Attachment {
  return {
    key: newKey(),
    name: name ?? type.replace('/', '.'),
    type,
    sizeBytes: size,
    blobId: blobId ?? undefined,
    cid: cid ?? undefined,
    progress: 1,
  }
}

function paragraphs(text: string): string {
  const lines = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').split(/\r?\n/)
  return lines.map(line => `<div>${line === '' ? '<br>' : line}</div>`).join('')
}
