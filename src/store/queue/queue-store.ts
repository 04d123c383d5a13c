/** A queue on disk: entries, their bodies, and what became of each recipient. What resolves is durable. */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { concatBytes, ownBytes } from '#base/bytes.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { startThread, type Thread, ThreadFailure } from '../thread.ts'
import { diskRoom } from './disk-room.ts'
import { inlineBodyBytes, maxPendingCalls, pageEntries } from './limits.ts'
import {
  type AddInput,
  type ConfirmInput,
  type DoubtfulAdd,
  doubtfulAdd,
  type EndedRecipient,
  type FinishedUnconfirmed,
  type Progress,
  type QueueThreadData,
  type RecordInput,
  type StoredEntry,
  type TakenEntry,
  type ToldInput,
} from './operations.ts'
import { createSpoolFolder, fileSource, writeSpoolFile } from './spool.ts'

export type { Progress, RecordedResult, StoredEntry, StoredRecipient, Tell } from './operations.ts'
export { finishedKeptMs } from './limits.ts'

/** Why nothing was stored. DISK_FULL: the reserve is reached (452 4.3.1). UNAVAILABLE: it cannot be written now (451 4.3.0). */
export class QueueRefusal extends Error {
  override readonly name = 'QueueRefusal'
  readonly code: 'DISK_FULL' | 'QUEUE_FULL' | 'UNAVAILABLE'
  constructor(code: 'DISK_FULL' | 'QUEUE_FULL' | 'UNAVAILABLE', message: string, cause?: unknown) {
    super(message, { cause })
    this.code = code
  }
}

export type NewStoredEntry = Omit<AddInput, 'body' | 'sizeBytes'> & { readonly message: MessageSource }

export type OpenedEntry = Omit<TakenEntry, 'body'> & {
  /** The bytes as received */
  readonly received: MessageSource
  /** Our trace fields and the bytes as received */
  readonly whole: MessageSource
}

export type QueueStore = {
  add(entry: NewStoredEntry): Promise<'added' | 'exists'>
  /** All entries, oldest number first, a page at a time */
  entries(): AsyncIterable<readonly StoredEntry[]>
  entry(id: string): Promise<StoredEntry | undefined>
  entryByNumber(number: number): Promise<StoredEntry | undefined>
  /** How an entry that kept its end has left; undefined when it has not, or that was forgotten */
  endOf(id: string): Promise<readonly EndedRecipient[] | undefined>
  forgetEnds(ids: readonly string[]): Promise<void>
  take(number: number): Promise<OpenedEntry | undefined>
  record(input: RecordInput): Promise<Progress>
  told(input: ToldInput): Promise<Progress>
  copied(number: number, now: number): Promise<Progress>
  confirm(confirmed: readonly ConfirmInput[]): Promise<void>
  /** Delivered entries whose sender may not know it, newest first; `since` in milliseconds since 1970 */
  finishedUnconfirmed(since: number, limit: number): Promise<readonly FinishedUnconfirmed[]>
  hold(number: number, held: boolean): Promise<boolean>
  /** The entry as it is then; undefined when it has left */
  setVia(number: number, via: string | null): Promise<StoredEntry | undefined>
  remove(number: number, now: number): Promise<boolean>
  /** Forgets ids of entries that finished before; how many (at most 1000 a call) */
  sweepFinished(before: number): Promise<number>
  [Symbol.asyncDispose](): Promise<void>
}

export type QueueStoreOptions = {
  readonly file: string
  readonly spoolFolder: string
  /** New entries are refused while less than this would stay free */
  readonly diskReserveBytes: number
  readonly monotonic: () => number
}

export async function openQueueStore(options: QueueStoreOptions): Promise<QueueStore> {
  await createSpoolFolder(options.spoolFolder)
  const room = diskRoom(options.spoolFolder, options.diskReserveBytes, options.monotonic)
  const thread = restartingThread(options)
  const call = thread.call

  async function add(entry: NewStoredEntry): Promise<'added' | 'exists'> {
    if (!(await room.has(entry.message.sizeBytes))) throw new QueueRefusal('DISK_FULL', 'The disk reserve is reached')
    const { message, ...row } = entry
    const body = await placeBody(options.spoolFolder, entry.trace, message)
    const transfer = 'bytes' in body ? [body.bytes.buffer as ArrayBuffer] : []
    try {
      const input = { ...row, sizeBytes: message.sizeBytes, body } satisfies AddInput
      const added = await call<'added' | 'exists'>('add', input, transfer)
      if (added === 'exists' && 'spool' in body) await rm(join(options.spoolFolder, body.spool), { force: true })
      return added
    } catch (error) {
      // The spool file stays: the row may be on disk after all. The thread undoes both before it uses the database again.
      throw refusal(error)
    }
  }

  async function* entries(): AsyncIterable<readonly StoredEntry[]> {
    for (let after = -1; ; ) {
      const page = await call<readonly StoredEntry[]>('page', { after, limit: pageEntries })
      const last = page.at(-1)
      if (!last) return
      yield page
      after = last.number
    }
  }

  async function take(number: number): Promise<OpenedEntry | undefined> {
    const taken = await call<TakenEntry | undefined>('take', number)
    return taken && { ...taken, ...sourcesOf(options.spoolFolder, taken) }
  }

  return {
    add,
    entries,
    take,
    entry: id => call('show', id),
    entryByNumber: number => call('showNumber', number),
    endOf: id => call('end', id),
    forgetEnds: ids => call('forgetEnds', ids),
    record: input => call('record', input),
    told: input => call('told', input),
    copied: (number, now) => call('copied', { number, now }),
    confirm: confirmed => call('confirm', confirmed),
    finishedUnconfirmed: (since, limit) => call('unconfirmed', { since, limit }),
    hold: (number, held) => call('hold', { number, held }),
    setVia: (number, via) => call('via', { number, via }),
    remove: (number, now) => call('remove', { number, now }),
    sweepFinished: before => call('sweep', before),
    [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
  }
}

/** A thread that ended by itself is started again with the next call; adds it left open are undone first. */
function restartingThread(options: QueueStoreOptions): Pick<Thread, 'call' | typeof Symbol.asyncDispose> {
  const doubtful: DoubtfulAdd[] = []
  let closed = false
  let thread: Thread | undefined = start(undefined)

  function start(undo: readonly DoubtfulAdd[] | undefined): Thread {
    return startThread(new URL('./queue-thread.ts', import.meta.url), {
      name: 'queue',
      data: { file: options.file, spoolFolder: options.spoolFolder, doubtful: undo } satisfies QueueThreadData,
      maxPending: maxPendingCalls,
      onExit: () => (thread = undefined),
    })
  }

  return {
    async call<Output>(operation: string, input: unknown, transfer: readonly ArrayBuffer[] = []): Promise<Output> {
      if (closed) throw new ThreadFailure('The queue is closed', 'UNAVAILABLE')
      thread ??= start(doubtful.splice(0))
      try {
        return await thread.call<Output>(operation, input, transfer)
      } catch (error) {
        const answered = error instanceof ThreadFailure && error.code !== 'ENDED'
        if (operation === 'add' && !answered) doubtful.push(doubtfulAdd(input as AddInput))
        throw error
      }
    },
    async [Symbol.asyncDispose]() {
      closed = true
      await thread?.[Symbol.asyncDispose]()
    },
  }
}

async function placeBody(
  folder: string,
  trace: Uint8Array,
  message: MessageSource,
): Promise<{ bytes: Uint8Array } | { spool: string }> {
  if (message.sizeBytes > inlineBodyBytes)
    try {
      return { spool: await writeSpoolFile(folder, trace, message) }
    } catch (error) {
      throw refusal(error)
    }
  if (message.place.kind === 'memory') return { bytes: ownBytes(message.place.bytes) }
  const chunks: Uint8Array[] = []
  for await (const chunk of message.open()) chunks.push(chunk)
  return { bytes: ownBytes(concatBytes(chunks)) }
}

function sourcesOf(folder: string, taken: TakenEntry): { received: MessageSource; whole: MessageSource } {
  const { trace, body, sizeBytes } = taken
  if ('bytes' in body)
    return { received: memorySource(body.bytes), whole: memorySource(concatBytes([trace, body.bytes])) }
  const path = join(folder, body.spool)
  return {
    received: fileSource(path, trace.length, sizeBytes),
    whole: fileSource(path, 0, trace.length + sizeBytes),
  }
}

function refusal(error: unknown): QueueRefusal {
  if (error instanceof QueueRefusal) return error
  const code = (error as { code?: unknown }).code
  const full = code === 'DISK_FULL' || code === 'ENOSPC' || code === 'EDQUOT'
  return new QueueRefusal(full ? 'DISK_FULL' : 'UNAVAILABLE', String(error), error)
}
