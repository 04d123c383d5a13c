/** What a user does to conversations: seen at once, told to the server, taken back when it says no or the user does. */
import type { Id, MailboxRole } from '#protocols/jmap/wire.ts'
import type { Client } from '../jmap/client.ts'
import { Fault } from '../jmap/fault.ts'
import type { Away } from './away.ts'
import { type EmailPatch, type EmailRow, type Emails, flatPatch, patched, reverse } from './emails.ts'
import type { CountChange, Mailboxes } from './mailboxes.ts'
import { junkKeywords, movePatch } from './moving.ts'
import type { Notices } from './notices.ts'
import type { What } from './offline/entry.ts'
import { pieces } from './pieces.ts'
import type { Sync } from './sync.ts'

export type ActionName =
  | 'archive'
  | 'trash'
  | 'junk'
  | 'notJunk'
  | 'move'
  | 'destroy'
  | 'star'
  | 'unstar'
  | 'read'
  | 'unread'
  | 'label'
  | 'unlabel'

/** How to keep what the server cannot be told now */
export type Keeping = { readonly away: () => Away | undefined; readonly isLinked: () => boolean }

/** Told to the server, or safe here until it can be */
type Sent = {
  /** Rejects when it was refused. */
  readonly over: Promise<void>
  /** False: too late */
  readonly takeBack: () => Promise<boolean>
}

export class Actions {
  readonly #client: Client
  readonly #emails: Emails
  readonly #mailboxes: Mailboxes
  readonly #sync: Sync
  readonly #notices: Notices
  readonly #keeping: Keeping | undefined
  #turn: Promise<unknown> = Promise.resolve()

  constructor(
    client: Client,
    parts: { emails: Emails; mailboxes: Mailboxes; sync: Sync; notices: Notices; keeping?: Keeping },
  ) {
    this.#client = client
    this.#keeping = parts.keeping
    this.#emails = parts.emails
    this.#mailboxes = parts.mailboxes
    this.#sync = parts.sync
    this.#notices = parts.notices
  }

  read(threads: readonly Id[], isRead: boolean): Promise<void> {
    const rows = this.#rows(threads).filter(row => (row.keywords['$seen'] === true) !== isRead)
    const chosen = isRead ? rows : rows.filter(row => row.mailboxIds[this.#mailboxes.role('sent')?.id ?? ''] !== true)
    return this.#apply(chosen, () => ({ keywords: { $seen: isRead ? true : null } }))
  }

  /** One star stands for a conversation: on its last email; taking it away takes all. */
  star(threads: readonly Id[], isStarred: boolean): Promise<void> {
    const chosen = isStarred
      ? threads.flatMap(thread => this.#emails.emailsOf(thread).at(-1) ?? [])
      : this.#rows(threads).filter(row => row.keywords['$flagged'] === true)
    return this.#apply(chosen, () => ({ keywords: { $flagged: isStarred ? true : null } }))
  }

  starEmail(id: Id, isStarred: boolean): Promise<void> {
    const row = this.#emails.get(id)
    return row ? this.#apply([row], () => ({ keywords: { $flagged: isStarred ? true : null } })) : Promise.resolve()
  }

  /** All emails of the conversations, or none of them */
  label(threads: readonly Id[], keyword: string, isOn: boolean): Promise<void> {
    return this.#label(this.#rows(threads), threads.length, { keyword, isOn })
  }

  labelEmail(id: Id, keyword: string, isOn: boolean): Promise<void> {
    const row = this.#emails.get(id)
    return row ? this.#label([row], 1, { keyword, isOn }) : Promise.resolve()
  }

  #label(
    rows: readonly EmailRow[],
    count: number,
    { keyword, isOn }: { readonly keyword: string; readonly isOn: boolean },
  ): Promise<void> {
    const chosen = rows.filter(row => (row.keywords[keyword] === true) !== isOn)
    const about = { name: isOn ? 'label' : 'unlabel', count, to: keyword, leaves: false } as const
    return this.#apply(chosen, () => ({ keywords: { [keyword]: isOn ? true : null } }), about)
  }

  archive(threads: readonly Id[]): Promise<void> {
    return this.#moveTo(threads, 'archive', 'archive')
  }

  trash(threads: readonly Id[]): Promise<void> {
    return this.#moveTo(threads, 'trash', 'trash')
  }

  junk(threads: readonly Id[], isJunk: boolean): Promise<void> {
    return this.#moveTo(threads, isJunk ? 'junk' : 'inbox', isJunk ? 'junk' : 'notJunk', junkKeywords(isJunk))
  }

  move(threads: readonly Id[], to: Id): Promise<void> {
    return this.#move(threads, to, 'move')
  }

  /** For ever: from the trash or junk. */
  async destroy(threads: readonly Id[]): Promise<void> {
    const here = this.#sync.list.peek()?.query.mailbox
    const rows = this.#rows(threads).filter(row => here === undefined || row.mailboxIds[here] === true)
    const list = this.#sync.list.peek()
    const show = list?.hide(rows.map(({ id }) => id))
    const ids = rows.map(({ id }) => id)
    try {
      const { over } = await this.#deliver({ kind: 'destroy', ids }, () => this.#sendDestroys(ids))
      await over
      this.#notices.done('destroy', threads.length)
    } catch {
      this.#notices.failed()
    }
    await this.#sync.now().catch(() => undefined)
    show?.()
  }

  #rows(threads: readonly Id[]): EmailRow[] {
    return threads.flatMap(thread => this.#emails.emailsOf(thread))
  }

  #moveTo(
    threads: readonly Id[],
    role: MailboxRole,
    name: ActionName,
    keywords?: EmailPatch['keywords'],
  ): Promise<void> {
    const to = this.#mailboxes.role(role)
    return to ? this.#move(threads, to.id, name, keywords) : Promise.resolve(this.#notices.failed())
  }

  #move(threads: readonly Id[], to: Id, name: ActionName, keywords?: EmailPatch['keywords']): Promise<void> {
    const here = this.#sync.list.peek()?.query.mailbox
    const patchOf = movePatch({ to, here, ...(keywords && { keywords }) }, this.#mailboxes)
    const rows = this.#rows(threads).filter(row => patchOf(row))
    const about = { name, count: threads.length, to, leaves: here !== undefined && here !== to }
    return this.#apply(rows, row => patchOf(row) ?? {}, about)
  }

  async #apply(
    rows: readonly EmailRow[],
    patchOf: (row: EmailRow) => EmailPatch,
    about?: { readonly name: ActionName; readonly count: number; readonly to: string; readonly leaves: boolean },
  ): Promise<void> {
    if (rows.length === 0) return
    const patches = new Map(rows.map(row => [row.id, patchOf(row)]))
    const back = reverse(rows, patches)
    const end = this.#lay(patches, about?.leaves ? rows.map(({ id }) => id) : [])
    const done = this.#deliverPatches(patches)
    if (about) this.#notices.done(about.name, about.count, about.to, () => void this.#undo(done, back, end))
    try {
      await (await done).over
      await this.#sync.now().catch(() => undefined)
    } catch {
      this.#notices.failed()
    } finally {
      end()
    }
  }

  /** Shown at once; the server may still be doing what is to be undone. What only waits is taken out of the way. */
  async #undo(done: Promise<Sent>, back: ReadonlyMap<Id, EmailPatch>, endFirst: () => void): Promise<void> {
    const end = this.#lay(back, [])
    endFirst()
    try {
      const sent = await done.catch(() => undefined)
      if (await sent?.takeBack()) return
      await (await this.#deliverPatches(back)).over
      await this.#sync.now()
    } catch {
      this.#notices.failed()
    } finally {
      end()
    }
  }

  /** Until what it returns is called, the first time. */
  #lay(patches: ReadonlyMap<Id, EmailPatch>, leaving: readonly Id[]): () => void {
    const counts = countChanges(
      [...patches.keys()].flatMap(id => this.#emails.get(id) ?? []),
      patches,
      this.#emails,
    )
    const ends = [this.#emails.lay(patches), this.#mailboxes.lay(counts), this.#sync.list.peek()?.hide(leaving)]
    return () => {
      for (const end of ends.splice(0)) end?.()
    }
  }

  #deliverPatches(patches: ReadonlyMap<Id, EmailPatch>): Promise<Sent> {
    return this.#deliver({ kind: 'patch', patches: [...patches] }, () => this.#send(patches))
  }

  /** One after the other, so that what waits for the network waits in the order in which it was done. */
  #deliver(what: What, tell: () => Promise<void>): Promise<Sent> {
    const sent = this.#turn.then(() => this.#deliverNow(what, tell))
    this.#turn = sent.catch(() => undefined)
    return sent
  }

  async #deliverNow(what: What, tell: () => Promise<void>): Promise<Sent> {
    const away = this.#keeping?.away()
    if (away && (!this.#keeping?.isLinked() || away.isWaiting())) return keptAway(away, what)
    try {
      await tell()
      return { over: Promise.resolve(), takeBack: () => Promise.resolve(false) }
    } catch (error) {
      if (!away || !(error instanceof Fault && error.kind === 'unreachable')) throw error
      return keptAway(away, what)
    }
  }

  async #sendDestroys(all: readonly Id[]): Promise<void> {
    for (const ids of pieces(all, this.#client.limits.maxObjectsInSet)) {
      const calls = this.#client.batch()
      const set = calls.call('Email/set', { destroy: ids })
      const { notDestroyed } = (await this.#client.send(calls)).of(set)
      const failed = Object.values(notDestroyed ?? {}).filter(({ type }) => type !== 'notFound')
      if (failed.length > 0) throw new Error(failed[0]?.description ?? 'notDestroyed')
    }
  }

  /** Throws when any of them could not be changed; one that is gone meanwhile is as good. */
  async #send(patches: ReadonlyMap<Id, EmailPatch>): Promise<void> {
    for (const piece of pieces([...patches], this.#client.limits.maxObjectsInSet)) {
      const calls = this.#client.batch()
      const set = calls.call('Email/set', {
        update: Object.fromEntries(piece.map(([id, patch]) => [id, flatPatch(patch)])),
      })
      const { notUpdated } = (await this.#client.send(calls)).of(set)
      const failed = Object.values(notUpdated ?? {}).filter(({ type }) => type !== 'notFound')
      if (failed.length > 0) throw new Error(failed[0]?.description ?? failed[0]?.type)
    }
  }
}

async function keptAway(away: Away, what: What): Promise<Sent> {
  const { key, over } = await away.add(what)
  return {
    over: over.then(ending => {
      if (ending === 'refused') throw new Error(ending)
    }),
    takeBack: async () => (await away.takeBack(key)) !== undefined,
  }
}

/** A conversation is unread in a mailbox as long as one of its emails is, wherever that is (RFC 8621 §2, as our server counts). */
function countChanges(
  rows: readonly EmailRow[],
  patches: ReadonlyMap<Id, EmailPatch>,
  emails: Emails,
): ReadonlyMap<Id, CountChange> {
  const changes = new Map<Id, CountChange>()
  const add = (id: Id, change: CountChange) => {
    const { unreadThreads = 0, totalThreads = 0 } = changes.get(id) ?? {}
    changes.set(id, {
      unreadThreads: unreadThreads + change.unreadThreads,
      totalThreads: totalThreads + change.totalThreads,
    })
  }
  for (const thread of new Set(rows.map(row => row.threadId))) {
    const before = emails.emailsOf(thread)
    const after = before.map(row => patched(row, patches.get(row.id) ?? {}))
    for (const [id, change] of mailboxesOf(before, -1)) add(id, change)
    for (const [id, change] of mailboxesOf(after, 1)) add(id, change)
  }
  return changes
}

function mailboxesOf(rows: readonly EmailRow[], sign: 1 | -1): [Id, CountChange][] {
  const isUnread = rows.some(row => row.keywords['$seen'] !== true && row.keywords['$draft'] !== true)
  const ids = new Set(rows.flatMap(row => Object.keys(row.mailboxIds)))
  return [...ids].map(id => [id, { totalThreads: sign, unreadThreads: isUnread ? sign : 0 }])
}
