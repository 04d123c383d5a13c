/** One thing done to many thousand letters, in pieces: how far it is can be seen, it can be stopped, and what was done can be taken back. */
import { type Signal, signal } from '@preact/signals'
import type { Email, Id } from '#protocols/jmap/wire.ts'
import type { Batch, Call } from '../../jmap/batch.ts'
import type { Client } from '../../jmap/client.ts'
import { type EmailPatch, flatPatch, reverse } from '../emails.ts'

export type BulkRow = Pick<Email, 'id' | 'mailboxIds' | 'keywords'>
export type BulkWork = { readonly kind: 'destroy' } | { readonly kind: 'patch'; readonly patchOf: PatchOf }
export type PatchOf = (row: BulkRow) => EmailPatch | undefined

export type BulkState =
  | 'running'
  /** All that can be done is */
  | 'done'
  | 'stopped'
  /** The server cannot be reached, or has refused some */
  | 'failed'

/** Letters that were changed alike go back alike: a hundred thousand of them are a list of ids and a few patches. */
type Back = { readonly patch: EmailPatch; readonly ids: Set<Id> }

export class BulkRun {
  readonly total: number
  /** Letters that have been looked at */
  readonly seen: Signal<number> = signal(0)
  /** Letters that are others now */
  readonly changed: Signal<number> = signal(0)
  readonly state: Signal<BulkState> = signal('running')
  readonly #client: Client
  readonly #ids: readonly Id[]
  readonly #work: BulkWork
  readonly #back = new Map<string, Back>()
  #isStopped = false
  #refused = 0

  constructor(client: Client, ids: Iterable<Id>, work: BulkWork) {
    this.#client = client
    this.#ids = [...ids]
    this.#work = work
    this.total = this.#ids.length
  }

  /** What the server is doing now it does. */
  stop(): void {
    this.#isStopped = true
  }

  /** Never rejects: `state` says how it went. */
  async run(): Promise<void> {
    try {
      await (this.#work.kind === 'destroy' ? this.#destroy() : this.#patch(this.#work.patchOf))
      this.state.value =
        this.#isStopped && this.seen.peek() < this.total ? 'stopped' : this.#refused > 0 ? 'failed' : 'done'
    } catch {
      this.state.value = 'failed'
    }
  }

  /** The way back, of what was done; undefined where there is none. */
  undo(): BulkRun | undefined {
    const patches = new Map(
      [...this.#back.values()].flatMap(({ patch, ids }) => [...ids].map(id => [id, patch] as const)),
    )
    if (patches.size === 0) return undefined
    return new BulkRun(this.#client, patches.keys(), { kind: 'patch', patchOf: ({ id }) => patches.get(id) })
  }

  /** Each request changes a piece and reads the next one. */
  async #patch(patchOf: PatchOf): Promise<void> {
    let rows = await this.#read(0)
    for (let at = 0; at < this.total && !this.#isStopped; ) {
      const patches = new Map(patched(rows, patchOf))
      const next = at + this.#pieceSize
      const calls = this.#client.batch()
      const set =
        patches.size > 0
          ? calls.call('Email/set', {
              update: Object.fromEntries([...patches].map(([id, one]) => [id, flatPatch(one)])),
            })
          : undefined
      const get = next < this.total ? this.#askRows(calls, next) : undefined
      // before it is sent: an answer that is lost may have been a yes
      this.#remember(rows, patches)
      if (calls.calls.length > 0) {
        const answers = await this.#client.send(calls)
        const refused = set ? (answers.of(set).notUpdated ?? {}) : {}
        this.#forget(Object.keys(refused))
        this.#refused += Object.values(refused).filter(({ type }) => type !== 'notFound').length
        this.changed.value += patches.size - Object.keys(refused).length
        rows = get ? (answers.of(get).list as readonly BulkRow[]) : []
      }
      at = next
      this.seen.value = Math.min(at, this.total)
    }
  }

  async #destroy(): Promise<void> {
    for (let at = 0; at < this.total && !this.#isStopped; at += this.#pieceSize) {
      const piece = this.#ids.slice(at, at + this.#pieceSize)
      const calls = this.#client.batch()
      const set = calls.call('Email/set', { destroy: piece })
      const refused = (await this.#client.send(calls)).of(set).notDestroyed ?? {}
      this.#refused += Object.values(refused).filter(({ type }) => type !== 'notFound').length
      this.changed.value += piece.length - Object.keys(refused).length
      this.seen.value = Math.min(at + piece.length, this.total)
    }
  }

  get #pieceSize(): number {
    return Math.min(this.#client.limits.maxObjectsInSet, this.#client.limits.maxObjectsInGet)
  }

  async #read(at: number): Promise<readonly BulkRow[]> {
    const calls = this.#client.batch()
    const get = this.#askRows(calls, at)
    return (await this.#client.send(calls)).of(get).list as readonly BulkRow[]
  }

  #askRows(calls: Batch, at: number): Call<'Email/get'> {
    const ids = this.#ids.slice(at, at + this.#pieceSize)
    return calls.call('Email/get', { ids, properties: ['id', 'mailboxIds', 'keywords'] })
  }

  #remember(rows: readonly BulkRow[], patches: ReadonlyMap<Id, EmailPatch>): void {
    for (const [id, patch] of reverse(rows, patches)) {
      const key = JSON.stringify(patch)
      const back = this.#back.get(key) ?? { patch, ids: new Set() }
      this.#back.set(key, back)
      back.ids.add(id)
    }
  }

  #forget(ids: readonly Id[]): void {
    for (const { ids: known } of this.#back.values()) for (const id of ids) known.delete(id)
  }
}

function patched(rows: readonly BulkRow[], patchOf: PatchOf): (readonly [Id, EmailPatch])[] {
  return rows.flatMap(row => {
    const patch = patchOf(row)
    return patch ? [[row.id, patch] as const] : []
  })
}
