/** Brings all the bytes of a delivery to where the writer takes them: the letter, what its script made of it, effects outside. */
import { createReadStream, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Transferable } from 'node:worker_threads'
import { emptyBytes } from '#base/bytes.ts'
import type { FiledEmail, FilingInput, KeptBytes } from '#store/account/operations.ts'
import type { KeptOutboxItem } from '#store/account/tables/outbox.ts'
import type { FlagChange } from './account.ts'
import { bringBytes, dropBytes } from './account-bytes.ts'
import type { LocalDelivery, LocalFiling, OutboxItem } from './delivery.ts'
import type { MessageSource } from '#formats/message-source.ts'

export type BroughtDelivery = {
  readonly kept: KeptBytes
  readonly filing?: FilingInput
  readonly outbox: readonly KeptOutboxItem[]
  readonly transfer: readonly Transferable[]
  /** Removes those files that no row will name */
  drop(unused: 'all' | readonly string[]): void
}

type Place = Parameters<typeof bringBytes>[0]

export async function bringDelivery(
  place: Place,
  delivery: LocalDelivery,
  signal: AbortSignal,
): Promise<BroughtDelivery> {
  const { filing, message, outbox, receivedHash, trace } = delivery
  if (!filing && outbox.length === 0) {
    const { kept, transfer } = await bringBytes(place, trace, message, receivedHash, signal)
    return { kept, outbox: [], transfer, drop: unused => unused === 'all' && dropBytes(place.folder, kept) }
  }
  return bringAll(place, delivery, signal)
}

/** `message` and `trace` are read only for placements that are not `edited` */
export async function bringAll(
  place: Place,
  delivery: Pick<LocalDelivery, 'filing' | 'message' | 'outbox' | 'receivedHash' | 'trace'>,
  signal: AbortSignal,
): Promise<BroughtDelivery> {
  const { filing, message, outbox, receivedHash, trace } = delivery
  const transfer: Transferable[] = []
  const brought: KeptBytes[] = []
  const bring = async (...[before, source, hash]: Bringing): Promise<KeptBytes> => {
    const { kept, transfer: own } = await bringBytes(place, before, source, hash, signal)
    brought.push(kept)
    transfer.push(...own)
    return kept
  }
  const drop: BroughtDelivery['drop'] = unused => {
    for (const kept of brought)
      if (kept.kind === 'file' && (unused === 'all' || unused.includes(kept.name))) dropBytes(place.folder, kept)
  }
  try {
    const items: KeptOutboxItem[] = []
    for (const item of outbox) items.push(keptItem(item, await bring(emptyBytes, item.message, emptyBytes)))
    if (!filing) {
      const kept = await bring(trace, message, receivedHash)
      return { kept, outbox: items, transfer, drop }
    }
    const emails: FiledEmail[] = []
    for (const { source, ...email } of emailsOf(filing)) {
      const bytes = source ? bring(emptyBytes, source, undefined) : bring(trace, message, receivedHash)
      emails.push({ ...email, kept: await bytes })
    }
    const decided: FilingInput = {
      emails,
      remember: filing.remember,
      reply: filing.rejected && JSON.stringify(filing.rejected),
    }
    return { kept: nothing, filing: decided, outbox: items, transfer, drop }
  } catch (error) {
    drop('all')
    throw error
  }
}

type Bringing = [before: Uint8Array, source: MessageSource, hash: Uint8Array | undefined]

const nothing: KeptBytes = { kind: 'memory', bytes: emptyBytes, sizeBytes: 0, traceBytes: 0, receivedHash: emptyBytes }

function keptItem({ envelope, id, kind, once }: OutboxItem, kept: KeptBytes): KeptOutboxItem {
  const message = kept.kind === 'memory' ? { message: kept.bytes } : { message: emptyBytes, file: kept.name }
  return { id, kind, envelope, ...message, ...(once !== undefined && { once }) }
}

type WantedEmail = Omit<FiledEmail, 'kept'> & { readonly source: MessageSource | undefined }

/** Keywords belong to the email: placements with other flags, or other bytes, are emails of their own. */
function emailsOf({ copies, placements }: LocalFiling): readonly WantedEmail[] {
  const versions = [...new Set([undefined, ...placements.map(({ edited }) => edited)])]
  const alike = Map.groupBy(placements, ({ edited, flags }) => `${versions.indexOf(edited)} ${flagKey(flags)}`)
  const letters = [...alike.values()].flatMap(([first, ...more]): WantedEmail[] => {
    if (!first) return []
    const mailboxes = [first, ...more].map(({ mailbox }) => mailbox)
    return [{ version: versions.indexOf(first.edited), source: first.edited, flags: first.flags, mailboxes }]
  })
  const ours = copies.map(({ edited, flags, mailbox, once }): WantedEmail => {
    return { version: 0, source: edited, flags, mailboxes: [mailbox], copy: { once } }
  })
  return [...letters, ...ours]
}

function flagKey({ keywords, system }: FlagChange): string {
  const names = new Set(keywords.map(name => name.toLowerCase()))
  return `${system} ${[...names].toSorted().join(' ')}`
}

/** As the outbox hands it back. A file that is not there fails when it is read, and holds up nothing else. */
export function outboxFile(folder: string, name: string): MessageSource {
  const path = join(folder, 'messages', name)
  const sizeBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  return {
    sizeBytes,
    place: { kind: 'file', path, offset: 0 },
    open: () => createReadStream(path) as AsyncIterable<Uint8Array>,
  }
}
