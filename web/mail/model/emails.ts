/**
 * The emails that we know of, as they are after everything that is under way: what the server said last, and over it what the user has
 * done and the server has not answered yet. Each is a signal of its own, so that a star redraws one row.
 */
import { type Signal, signal } from '@preact/signals'
import type { Email, Id } from '#protocols/jmap/wire.ts'

/** What a list shows of an email. */
export const rowProperties = [
  'id',
  'threadId',
  'mailboxIds',
  'keywords',
  'from',
  'to',
  'subject',
  'receivedAt',
  'preview',
  'hasAttachment',
  'size',
] as const satisfies readonly (keyof Email)[]

export type EmailRow = Pick<Email, (typeof rowProperties)[number]>

/** null takes away. As in the patches of Email/set. */
export type EmailPatch = {
  readonly keywords?: { readonly [keyword: string]: true | null }
  readonly mailboxIds?: { readonly [mailbox: Id]: true | null }
}

/** More are forgotten, those first that were asked for least lately: a row is about a kilobyte. */
const maxKnown = 8_000

type Known = { readonly shown: Signal<EmailRow | undefined>; base: EmailRow | undefined }

export class Emails {
  readonly #known = new Map<Id, Known>()
  readonly #threads = new Map<Id, Signal<readonly Id[] | undefined>>()
  readonly #underWay = new Map<Id, EmailPatch[]>()

  /** Reactive; undefined: not known (any more). */
  get(id: Id): EmailRow | undefined {
    return this.#entry(id).shown.value
  }

  has(id: Id): boolean {
    return this.#known.get(id)?.base !== undefined
  }

  /** Of a thread, the oldest first. Reactive */
  thread(id: Id): readonly Id[] | undefined {
    return this.#thread(id).value
  }

  /** Those of its emails that are known. Reactive */
  emailsOf(thread: Id): EmailRow[] {
    return (this.thread(thread) ?? []).flatMap(id => this.get(id) ?? [])
  }

  put(rows: readonly EmailRow[]): void {
    for (const row of rows) {
      const entry = this.#entry(row.id)
      entry.base = row
      this.#show(row.id, entry)
      // to the end of the order in which they are forgotten
      this.#known.delete(row.id)
      this.#known.set(row.id, entry)
    }
    this.#forget()
  }

  putThreads(threads: readonly { readonly id: Id; readonly emailIds: readonly Id[] }[]): void {
    for (const { id, emailIds } of threads) {
      const known = this.#thread(id)
      if (known.peek()?.join() !== emailIds.join()) known.value = emailIds
    }
  }

  remove(ids: readonly Id[]): void {
    for (const id of ids) {
      const entry = this.#known.get(id)
      if (!entry?.base) continue
      const thread = this.#threads.get(entry.base.threadId)
      entry.base = undefined
      entry.shown.value = undefined
      if (thread) thread.value = thread.peek()?.filter(one => one !== id)
    }
  }

  /** Shown from now on, until what it returns is called: by then the server's word has been put, or the change has failed. */
  lay(patches: ReadonlyMap<Id, EmailPatch>): () => void {
    for (const [id, patch] of patches) {
      this.#underWay.set(id, [...(this.#underWay.get(id) ?? []), patch])
      this.#show(id)
    }
    return () => {
      for (const [id, patch] of patches) {
        const left = this.#underWay.get(id)?.filter(one => one !== patch) ?? []
        if (left.length > 0) this.#underWay.set(id, left)
        else this.#underWay.delete(id)
        this.#show(id)
      }
    }
  }

  #entry(id: Id): Known {
    const known = this.#known.get(id)
    if (known) return known
    const made = { shown: signal<EmailRow | undefined>(undefined), base: undefined }
    this.#known.set(id, made)
    return made
  }

  #thread(id: Id): Signal<readonly Id[] | undefined> {
    const known = this.#threads.get(id)
    if (known) return known
    const made = signal<readonly Id[] | undefined>(undefined)
    this.#threads.set(id, made)
    return made
  }

  #show(id: Id, entry = this.#entry(id)): void {
    const { base } = entry
    entry.shown.value = base && (this.#underWay.get(id) ?? []).reduce(patched, base)
  }

  #forget(): void {
    for (const [id, entry] of this.#known) {
      if (this.#known.size <= maxKnown) return
      this.#known.delete(id)
      entry.shown.value = undefined
    }
  }
}

export function patched(row: EmailRow, { keywords, mailboxIds }: EmailPatch): EmailRow {
  return {
    ...row,
    ...(keywords && { keywords: patchedSet(row.keywords, keywords) }),
    ...(mailboxIds && { mailboxIds: patchedSet(row.mailboxIds, mailboxIds) }),
  }
}

function patchedSet(
  set: { readonly [name: string]: true },
  patch: { readonly [name: string]: true | null },
): { readonly [name: string]: true } {
  const all = { ...set, ...patch }
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, true] => entry[1] === true))
}

/** The way back from where these rows are now. */
export function reverse(
  rows: readonly Pick<EmailRow, 'id' | 'keywords' | 'mailboxIds'>[],
  patches: ReadonlyMap<Id, EmailPatch>,
): Map<Id, EmailPatch> {
  return new Map(
    rows.flatMap(row => {
      const patch = patches.get(row.id)
      if (!patch) return []
      const back: EmailPatch = {
        ...(patch.keywords && { keywords: reversedSet(row.keywords, patch.keywords) }),
        ...(patch.mailboxIds && { mailboxIds: reversedSet(row.mailboxIds, patch.mailboxIds) }),
      }
      return [[row.id, back] as const]
    }),
  )
}

function reversedSet(
  set: { readonly [name: string]: true },
  patch: { readonly [name: string]: true | null },
): { readonly [name: string]: true | null } {
  return Object.fromEntries(Object.keys(patch).map(name => [name, set[name] === true ? true : null]))
}

/** A PatchObject, RFC 8620 §5.3, whose paths are JSON pointers (RFC 6901): other programs' keywords may have `/` and `~`. */
export function flatPatch({ keywords = {}, mailboxIds = {} }: EmailPatch): object {
  const escaped = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1')
  return Object.fromEntries([
    ...Object.entries(keywords).map(([name, value]) => [`keywords/${escaped(name)}`, value]),
    ...Object.entries(mailboxIds).map(([name, value]) => [`mailboxIds/${name}`, value]),
  ])
}
