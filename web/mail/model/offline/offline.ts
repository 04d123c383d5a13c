/** Mail without a network, put together: what is kept, what waits, and drafts that no server has yet. */
import { signal } from '@preact/signals'
import type { Id, Session } from '#protocols/jmap/wire.ts'
import { Answers } from '../../jmap/batch.ts'
import type { Client } from '../../jmap/client.ts'
import { ask } from '../../jmap/request.ts'
import type { SignedIn } from '../../jmap/sign-in.ts'
import type { Away } from '../away.ts'
import { upload } from '../compose/upload.ts'
import type { Mailboxes } from '../mailboxes.ts'
import { answerFrom } from './answer.ts'
import { carryOut } from './carry-out.ts'
import { heldDrafts } from './held-drafts.ts'
import { emptyShelf, openShelf } from './indexed-shelf.ts'
import { Journal, type JournalParts } from './journal.ts'
import { keep, type KeptBlob } from './keeper.ts'
import { keepSmall } from './keep-small.ts'
import { keptOn } from './kept.ts'
import { keptFilesOn, sweepFiles } from './kept-files.ts'
import { clearReplaced } from './replaced.ts'
import { NotOurs, type Shelf } from './shelf.ts'
import { tabsOf } from './tabs.ts'

/** Who was here last, and what their server could do */
export type KeptSession = { readonly user: SignedIn; readonly session: Session }

export type AwayParts = {
  /** Speaks to the server itself */
  readonly client: Client
  readonly user: SignedIn
  readonly mailboxes: Mailboxes
  readonly isLinked: () => boolean
  /** Mailboxes that are looked at */
  readonly open: () => readonly Id[]
  readonly onEnding: NonNullable<JournalParts['onEnding']>
}

const keepSoonMs = 3_000
const againMs = 30_000
const firstRetryMs = 1_000

/** Undefined: nobody's mail is kept here. */
export async function keptSession(): Promise<KeptSession | undefined> {
  const opened = await openShelf()
  const found = await opened?.shelf.get<KeptSession>('facts', 'session').catch(() => undefined)
  opened?.shelf.close()
  return found
}

/** Undefined: this browser keeps nothing. */
export async function openAway(parts: AwayParts): Promise<Away | undefined> {
  const { client, user } = parts
  const opened = await openShelf(client.accountId)
  if (!opened) return undefined
  const { shelf } = opened
  if (parts.isLinked()) {
    const session: KeptSession = { user, session: client.session }
    await shelf.change([{ in: 'facts', key: 'session', value: session }])
  }
  return awayOn(shelf, parts)
}

async function awayOn(shelf: Shelf, parts: AwayParts): Promise<Away> {
  const { client, mailboxes, onEnding } = parts
  const tabs = tabsOf(client.accountId)
  const files = keptFilesOn(shelf)
  const journal = new Journal({
    shelf,
    tabs,
    onEnding,
    carryOut: (entry, note) =>
      carryOut({ client, mailboxes, files, upload: file => uploaded(client, file) }, entry, note),
  })
  const drafts = heldDrafts(client.accountId, shelf)
  const over = new AbortController()
  const asOf = signal(await shelf.get<number>('facts', 'asOf'))
  const isWaiting = () => journal.waiting.peek().some(one => one.refused === undefined)
  let isAsked = true
  let retryMs = firstRetryMs
  let retry: ReturnType<typeof setTimeout> | undefined
  /** And again in a while, later each time, where an answer was lost or the server is not well. */
  const run = async () => {
    clearTimeout(retry)
    await journal.run()
    await clearReplaced({ client, shelf, isLeft: drafts.isLeft }).catch(() => undefined)
    if (over.signal.aborted || !parts.isLinked() || !isWaiting()) return void (retryMs = firstRetryMs)
    retry = setTimeout(() => void run().catch(() => undefined), retryMs * (0.75 + Math.random() / 2))
    retryMs = Math.min(retryMs * 2, againMs)
  }
  const tick = async () => {
    if (!parts.isLinked()) return
    if (isWaiting() && retryMs === firstRetryMs) await run()
    asOf.value = Date.now()
    await shelf.change([{ in: 'facts', key: 'asOf', value: asOf.peek() }])
    if (!isAsked) return
    isAsked = false
    await aloneForKeeping(client.accountId, async () => {
      await keepSmall({ client, shelf }, over.signal)
      await keep({ client, shelf, open: parts.open, fetchBlob }, over.signal)
    })
  }
  const beat = () =>
    void tick().catch((error: unknown) => {
      if (error instanceof NotOurs) end()
      else isAsked = true
    })
  const timers = [setTimeout(beat, keepSoonMs), setInterval(beat, againMs)]
  let soon: ReturnType<typeof setTimeout> | undefined
  const end = () => {
    over.abort()
    clearTimeout(soon)
    clearTimeout(retry)
    for (const timer of timers) clearTimeout(timer)
  }
  await journal.read()
  sweepFiles(shelf).catch(() => undefined)
  return {
    waiting: journal.waiting,
    isWaiting,
    asOf,
    answer: async calls => {
      const kept = await keptOn(shelf, journal.waiting.peek())
      const responses = kept && (await answerFrom(kept, calls))
      return responses && { answers: new Answers(responses), emailState: kept.emailState }
    },
    blob: async id => {
      const found = await shelf.get<KeptBlob>('blobs', id)
      return found && new Blob([found.octets], { type: found.type })
    },
    add: async what => {
      const waiter = await journal.add(what)
      if (parts.isLinked()) run().catch(() => undefined)
      return waiter
    },
    takeBack: key => journal.takeBack(key),
    ...drafts,
    files,
    note: (key, value) =>
      shelf.change([value === undefined ? { in: 'facts', drop: key } : { in: 'facts', key, value }]),
    noted: key => shelf.get('facts', key),
    linked: run,
    follow: () => {
      isAsked = true
      clearTimeout(soon)
      soon = setTimeout(beat, keepSoonMs)
    },
    close: () => {
      end()
      drafts.release()
      tabs.close()
      shelf.close()
    },
  }
}

async function fetchBlob(url: string, signal: AbortSignal): Promise<ArrayBuffer> {
  return (await ask(url, { signal })).arrayBuffer()
}

/** As long as it takes */
async function uploaded(client: Client, file: Blob): Promise<Id> {
  const { blobId } = await upload(client, file, { onProgress: () => undefined, signal: new AbortController().signal })
  return blobId
}

async function aloneForKeeping(accountId: string, act: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return act()
  await navigator.locks.request(`hikyaku-keeper-${accountId}`, { ifAvailable: true }, lock =>
    lock ? act() : undefined,
  )
}

/** Nothing of anybody stays in this browser. `keepsWaiting`: but what they have written and nobody else has; it is shown to nobody else. */
export async function forget({ keepsWaiting }: { readonly keepsWaiting: boolean }): Promise<void> {
  await emptyShelf(keepsWaiting ? ['rows', 'letters', 'blobs'] : undefined)
}
