/** Mail without a network, put together: what is kept, what waits, and drafts that no server has yet. */
import { signal } from '@preact/signals'
import type { Id, Session } from '#protocols/jmap/wire.ts'
import type { Identity } from '#protocols/jmap/wire-sending.ts'
import { Answers } from '../../jmap/batch.ts'
import type { Client } from '../../jmap/client.ts'
import { ask } from '../../jmap/request.ts'
import type { SignedIn } from '../../jmap/sign-in.ts'
import type { Away, LocalDraft } from '../away.ts'
import type { EmailRow } from '../emails.ts'
import type { Mailboxes } from '../mailboxes.ts'
import { answerFrom, type Kept } from './answer.ts'
import { carryOut } from './carry-out.ts'
import { afterAll, type Entry } from './entry.ts'
import { emptyShelf, openShelf } from './indexed-shelf.ts'
import { Journal, type JournalParts } from './journal.ts'
import { keep, type KeptBlob, type KeptLetter, type KeptMailboxes } from './keeper.ts'
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
  const journal = new Journal({
    shelf,
    tabs,
    onEnding,
    carryOut: (entry, note) => carryOut({ client, mailboxes }, entry, note),
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
    await aloneForKeeping(client.accountId, () => keep({ client, shelf, open: parts.open, fetchBlob }, over.signal))
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

async function keptOn(shelf: Shelf, waiting: readonly Entry[]): Promise<Kept | undefined> {
  const mailboxes = await shelf.get<KeptMailboxes>('facts', 'mailboxes')
  const emailState = await shelf.get<string>('facts', 'emailState')
  if (!mailboxes || emailState === undefined) return undefined
  const rows = new Map((await shelf.all<EmailRow>('rows')).map(row => [row.id, row]))
  return {
    mailboxes,
    emailState,
    identities: (await shelf.get<readonly Identity[]>('facts', 'identities')) ?? [],
    rows: afterAll(rows, waiting),
    letter: async id => (await shelf.get<KeptLetter>('letters', id))?.letter,
  }
}

async function fetchBlob(url: string, signal: AbortSignal): Promise<ArrayBuffer> {
  return (await ask(url, { signal })).arrayBuffer()
}

async function aloneForKeeping(accountId: string, act: () => Promise<void>): Promise<void> {
  if (!navigator.locks) return act()
  await navigator.locks.request(`hikyaku-keeper-${accountId}`, { ifAvailable: true }, lock =>
    lock ? act() : undefined,
  )
}

type HeldDrafts = Pick<Away, 'keepDraft' | 'dropDraft' | 'takeDrafts'> & { release(): void }

/** A tab that has a draft open holds a lock of its name, which goes with the tab. */
function heldDrafts(accountId: string, shelf: Shelf): HeldDrafts {
  const held = new Map<string, () => void>()
  const hold = (key: string): Promise<boolean> => {
    if (held.has(key) || !navigator.locks) return Promise.resolve(true)
    return new Promise(resolve => {
      const name = `hikyaku-draft-${accountId}-${key}`
      void navigator.locks.request(name, { ifAvailable: true }, async lock => {
        const { promise, resolve: release } = Promise.withResolvers<void>()
        if (lock) held.set(key, release)
        resolve(lock !== null)
        if (lock) await promise
      })
    })
  }
  const release = (key: string) => {
    held.get(key)?.()
    held.delete(key)
  }
  return {
    async keepDraft(draft) {
      await hold(draft.key)
      await shelf.change([{ in: 'drafts', key: draft.key, value: draft }])
    },
    async dropDraft(key) {
      release(key)
      await shelf.change([{ in: 'drafts', drop: key }])
    },
    async takeDrafts() {
      const mine: LocalDraft[] = []
      for (const draft of await shelf.all<LocalDraft>('drafts'))
        if (!held.has(draft.key) && (await hold(draft.key))) mine.push(draft)
      return mine
    },
    release() {
      for (const key of held.keys()) release(key)
    },
  }
}

/** Nothing of anybody stays in this browser. `keepsWaiting`: but what they have written and nobody else has; it is shown to nobody else. */
export async function forget({ keepsWaiting }: { readonly keepsWaiting: boolean }): Promise<void> {
  await emptyShelf(keepsWaiting ? ['rows', 'letters', 'blobs'] : undefined)
}
