/** Mail that was refused for its content can be had back for some days: kept here, sealed, and given to its recipient when the owner says so. */
import { randomBytes } from 'node:crypto'
import type { Clock } from '#base/clock.ts'
import { concatBytes } from '#base/bytes.ts'
import type { Log } from '#base/log.ts'
import { sha256 } from '#base/hmac.ts'
import { decodeWords } from '#formats/message/encoded-word.ts'
import { fieldValue, parseHeader } from '#formats/message/header.ts'
import { mailboxesOf, parseAddressList } from '#formats/message/address-list.ts'
import { senderOf } from '#formats/content/headers.ts'
import { joinSources, type MessageSource } from '#formats/message-source.ts'
import { printReply } from '#formats/smtp-reply.ts'
import { openRefusedStore, type RefusedRow } from '#store/refused/refused-store.ts'
import type { RefusedMessage } from './deliver/options.ts'
import type { LocalDeliveries } from './delivery.ts'
import { receivedHash } from './fingerprint.ts'
import type { AccountId, DeliveryId } from './ids.ts'
import type { ContentVerdict } from './judging.ts'
import { headerOf } from './receive/header-of.ts'

export type RefusedLimits = { readonly keepForMs: number; readonly maxBytes: number }

export type KeptRefused = Omit<RefusedRow, 'content' | 'receivedHash' | 'number'> & { readonly content: ContentVerdict }

export type Redelivery =
  | { readonly kind: 'delivered'; readonly again: boolean }
  | { readonly kind: 'no-such-message' | 'over-quota' | 'damaged' | 'carries-a-virus' }

export type RefusedMail = AsyncDisposable & {
  /** The same message for the same recipient is kept once. */
  keep(refused: RefusedMessage): Promise<void>
  /** Newest first */
  list(limit: number): Promise<readonly KeptRefused[]>
  show(id: string): Promise<KeptRefused | undefined>
  /** Into the recipient's inbox, once however often it is asked; the sender is known from then on. `virus`: also one that carries one. */
  deliver(id: string, options: { readonly virus: boolean }): Promise<Redelivery>
  drop(id: string): Promise<boolean>
  /** Lets go of what is too old or too much. */
  sweep(): Promise<void>
}

export type RefusedOptions = {
  readonly folder: string
  readonly key: Uint8Array
  limits(): RefusedLimits
  readonly deliveries: () => Pick<LocalDeliveries, 'deliver'>
  /** From now on a correspondent of the account */
  know(account: AccountId, address: string): Promise<void>
  readonly clock: Clock
  readonly log: Log
}

const sweepEveryMs = 3600 * 1000
const idBytes = 5
/** Characters of a subject and of a sender in the list */
const shownCharacters = 200

export async function openRefusedMail(options: RefusedOptions): Promise<RefusedMail> {
  const { clock, log } = options
  const store = await openRefusedStore(options.folder, options.key)
  const sweep = async () => {
    const { keepForMs, maxBytes } = options.limits()
    await store.sweep(clock.now() - keepForMs, maxBytes)
  }
  const sweepQuietly = () =>
    sweep().catch((error: unknown) => log.error('Refused mail could not be looked through', { error: String(error) }))
  const timer = setInterval(() => void sweepQuietly(), sweepEveryMs).unref()
  void sweepQuietly()
  return {
    async keep(refused) {
      const { keepForMs, maxBytes } = options.limits()
      if (keepForMs === 0 || refused.trace.length + refused.message.sizeBytes > maxBytes) return
      const id = await store.keep(await rowOf(refused), joinSources(refused.trace, refused.message).open())
      log.info('Refused mail is kept for a while', { refused: id, delivery: refused.deliveryId })
      await sweep()
    },
    list: async limit => (await store.list(limit)).map(asKept),
    async show(id) {
      const row = await store.show(id)
      return row && asKept(row)
    },
    async deliver(id, { virus }) {
      const row = await store.show(id)
      if (!row) return { kind: 'no-such-message' }
      if (row.deliveredAt !== null) return { kind: 'delivered', again: true }
      if (asKept(row).content.virus !== undefined && !virus) return { kind: 'carries-a-virus' }
      try {
        await store.check(id)
      } catch (error) {
        log.error('Refused mail cannot be read', { refused: id, error: String(error) })
        return { kind: 'damaged' }
      }
      const trace = await firstBytes(store.read(id), row.traceBytes)
      const message: MessageSource = {
        sizeBytes: row.sizeBytes - row.traceBytes,
        place: { kind: 'stream' },
        open: () => store.read(id, row.traceBytes),
      }
      const result = await options.deliveries().deliver(deliveryOf(row, trace, message), new AbortController().signal)
      if (result.status === 'over-quota') return { kind: 'over-quota' }
      if (row.sender !== '') await options.know(row.account as AccountId, row.sender)
      await store.delivered(id, clock.now())
      return { kind: 'delivered', again: false }
    },
    drop: id => store.drop(id),
    sweep,
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await store[Symbol.asyncDispose]()
    },
  }
}

/** The id is the row's own, so a repeat after a crash gets the first result. */
function deliveryOf(
  row: RefusedRow,
  trace: Uint8Array,
  message: MessageSource,
): Parameters<LocalDeliveries['deliver']>[0] {
  const id = `refused.1.${row.number.toString(36)}` as DeliveryId
  return {
    account: row.account as AccountId,
    recipient: row.recipient,
    attempt: { id, origin: 'refused', boot: 1, gone: [], confirmed: true },
    fingerprint: sha256(`refused ${row.id} ${row.recipient}`),
    mailbox: { role: 'inbox' },
    flags: { mode: 'add', system: 0, keywords: [] },
    internalDate: row.refusedAt,
    trace,
    message,
    receivedHash: row.receivedHash,
    outbox: [],
    overQuota: 'refuse',
  }
}

async function rowOf(refused: RefusedMessage) {
  const { account, recipient, deliveryId, envelope, trace, message, content, reply, at } = refused
  const header = await headerOf(message)
  const fields = parseHeader(header, undefined, ['from', 'subject'])
  const from = fieldValue(header, fields, 'from')
  const sender = from && senderOf(mailboxesOf(parseAddressList(from, 0, from.length, 1))[0])
  return {
    id: randomBytes(idBytes).toString('hex'),
    account,
    recipient,
    deliveryId,
    reversePath: envelope.reversePath,
    sender: sender?.address.slice(0, shownCharacters) ?? '',
    subject: decodeWords(fieldValue(header, fields, 'subject') ?? new Uint8Array(0)).slice(0, shownCharacters),
    receivedHash: await receivedHash(message),
    traceBytes: trace.length,
    sizeBytes: trace.length + message.sizeBytes,
    content: JSON.stringify(content),
    reply: printReply(reply),
    refusedAt: at,
  }
}

function asKept({ content, number: _number, receivedHash: _hash, ...row }: RefusedRow): KeptRefused {
  return { ...row, content: JSON.parse(content) as ContentVerdict }
}

async function firstBytes(chunks: AsyncIterable<Uint8Array>, count: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const chunk of chunks) {
    parts.push(chunk)
    length += chunk.length
    if (length >= count) break
  }
  return concatBytes(parts).slice(0, count)
}
