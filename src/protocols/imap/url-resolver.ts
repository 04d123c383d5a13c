/** From the URLs of one CATENATE to the octets they name. RFC 4469 §3: as the literal of FETCH BODY.PEEK would hold them. */
import type { MessageSource } from '#formats/message-source.ts'
import type { EmailId } from '#mail/ids.ts'
import { askedSection, SectionedMessage } from './fetch/sections.ts'
import { messageBytes } from '#mail/message-bytes.ts'
import { no, Refused } from './reply.ts'
import type { Authenticated, Selected } from './session.ts'
import { mailboxAt, parseImapUrl, printUrl, type ImapUrl, type ImapUrlServer } from './syntax/imap-url.ts'

/** Messages whose structure is kept while parts of them are named; clients name one or two. */
const keptMessages = 8

export type UrlPiece = Pick<MessageSource, 'sizeBytes' | 'open'>

export class UrlResolver {
  readonly #session: Authenticated | Selected
  readonly #hostname: string
  readonly #messages = new Map<EmailId, SectionedMessage>()

  constructor(session: Authenticated | Selected, hostname: string) {
    this.#session = session
    this.#hostname = hostname.toLowerCase()
  }

  /** Throws BADURL. */
  async resolve(bytes: Uint8Array): Promise<UrlPiece> {
    const text = printUrl(bytes)
    const piece = await this.#piece(text)
    if (!piece) throw badUrl(text)
    return piece
  }

  async #piece(text: string): Promise<UrlPiece | undefined> {
    const url = parseImapUrl(text)
    const id = url && (await this.#emailOf(url))
    const message = id === undefined ? undefined : await this.#message(id)
    if (!url || id === undefined || !message) return undefined
    const range = await rangeOf(message, url)
    if (!range) return undefined
    const open = () => this.#open(id, message.headerBytes, url, range, text)
    return { sizeBytes: range.end - range.start, open }
  }

  async #emailOf(url: ImapUrl): Promise<EmailId | undefined> {
    const { account } = this.#session
    if (url.server && !this.#isHere(url.server)) return undefined
    const selected = this.#session.kind === 'selected' ? this.#session.selected.mailbox.name : undefined
    const name = mailboxAt(url, selected)
    const mailbox = name === undefined ? undefined : await account.mailboxNamed(name)
    if (!mailbox) return undefined
    if (url.uidValidity !== undefined && url.uidValidity !== mailbox.uidValidity) return undefined
    return account.emailAt(mailbox.id, url.uid)
  }

  /** RFC 4469 §3 asks for relative URLs alone; an absolute one that leads here means the same. */
  #isHere({ user, host, port }: ImapUrlServer): boolean {
    const isMine = user === undefined || user === this.#session.login.address
    return isMine && host === this.#hostname && (port === undefined || port === 143)
  }

  async #message(id: EmailId): Promise<SectionedMessage | undefined> {
    const known = this.#messages.get(id)
    if (known) return known
    const { account } = this.#session
    const [row] = await account.emails([id])
    const source = row && (await account.message(id))
    if (!source) return undefined
    const message = new SectionedMessage(source, row.headerBytes)
    const [oldest] = this.#messages.keys()
    if (oldest !== undefined && this.#messages.size >= keptMessages) this.#messages.delete(oldest)
    this.#messages.set(id, message)
    return message
  }

  /** The letter never changes, but it may have gone since it was measured. */
  async *#open(
    id: EmailId,
    headerBytes: number,
    { section }: ImapUrl,
    range: Range,
    text: string,
  ): AsyncGenerator<Uint8Array> {
    const { start, end } = range
    const source = await this.#session.account.message(id)
    if (!source) throw badUrl(text)
    if (range.of === 'message') return yield* messageBytes(source, start, end)
    const content = await new SectionedMessage(source, headerBytes).content(askedSection(section))
    if (content.kind === 'bytes') yield content.bytes.subarray(start, end)
  }
}

/** Of the message, or of the fields selected from its header, which are put together anew when they are read */
type Range = { readonly of: 'message' | 'fields'; readonly start: number; readonly end: number }

/** PARTIAL as in FETCH: beyond the end there is nothing. */
async function rangeOf(message: SectionedMessage, { section, partial }: ImapUrl): Promise<Range | undefined> {
  const content = await message.content(askedSection(section))
  if (content.kind === 'missing') return undefined
  const first = content.kind === 'range' ? content.range.offset : 0
  const last = first + (content.kind === 'range' ? content.range.length : content.bytes.length)
  const start = Math.min(last, first + (partial?.offset ?? 0))
  return {
    of: content.kind === 'range' ? 'message' : 'fields',
    start,
    end: Math.min(last, start + (partial?.count ?? Infinity)),
  }
}

function badUrl(text: string): Refused {
  return new Refused(no(`BADURL ${text}`, 'There is no such message or part'))
}
