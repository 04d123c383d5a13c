/** What was done while nobody could be told, in the order in which it was done. */
import type { Id, JsonObject } from '#protocols/jmap/wire.ts'
import type { Content } from '../compose/content.ts'
import type { EmailPatch, EmailRow } from '../emails.ts'
import { patched } from '../emails.ts'

/**
 * How far a letter has come. After `creating` and `submitting` nobody knows whether the server did it: it is asked before anything is done again.
 */
export type Stage = 'new' | 'creating' | 'made' | 'submitting'

export type LetterEntry = {
  readonly content: Content
  /** As Email/set takes it; its `messageId` finds it again */
  readonly email: JsonObject
  readonly messageId: string
  /** The draft on the server whose place it takes */
  readonly draftId: Id | undefined
  /** Older ones, which the server was not told to destroy yet */
  readonly olderIds?: readonly Id[]
  /** The Message-ID of an older draft of which nobody knows whether it was made */
  readonly lostId: string | undefined
  /** The draft that it is by now */
  readonly emailId: Id | undefined
  readonly stage: Stage
}

export type What =
  | { readonly kind: 'patch'; readonly patches: readonly (readonly [Id, EmailPatch])[] }
  | { readonly kind: 'destroy'; readonly ids: readonly Id[] }
  | ({ readonly kind: 'draft' } & LetterEntry)
  /** `at`: RFC 3339, when it is to leave */
  | ({ readonly kind: 'send'; readonly at: string | undefined } & LetterEntry)

export type Entry = {
  readonly key: string
  /** Milliseconds since 1970; later than that of each entry before */
  readonly madeAt: number
  readonly what: What
  /** The server's reason for saying no: it waits for its writer */
  readonly refused?: string
}

/** Sorted by this, entries are in their order. */
export function keyAt(madeAt: number): string {
  return `${madeAt.toString(36).padStart(10, '0')}-${Math.random().toString(36).slice(2, 8)}`
}

/** What of it is shown in a list of what waits: letters by themselves, everything else as a number */
export function isLetter(entry: Entry): entry is Entry & { readonly what: { readonly kind: 'draft' | 'send' } & What } {
  return entry.what.kind === 'draft' || entry.what.kind === 'send'
}

/** It is not known to have been sent, nor perhaps to be on its way. */
export function mayBeTakenBack({ what }: Entry): boolean {
  return what.kind !== 'send' || what.stage !== 'submitting'
}

/** Rows as they will be. */
export function afterAll(rows: ReadonlyMap<Id, EmailRow>, entries: readonly Entry[]): ReadonlyMap<Id, EmailRow> {
  const after = new Map(rows)
  for (const { what } of entries) {
    if (what.kind === 'destroy') for (const id of what.ids) after.delete(id)
    if (what.kind !== 'patch') continue
    for (const [id, patch] of what.patches) {
      const row = after.get(id)
      if (row) after.set(id, patched(row, patch))
    }
  }
  return after
}
