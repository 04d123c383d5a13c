/**
 * A draft never changes: a new one is made, then the one before it is destroyed. A page may end between the two, so what is going to happen is noted first;
 * whoever comes next finds the new one by its Message-ID, and ends the old ones.
 */
import type { Id } from '#protocols/jmap/wire.ts'
import type { Client } from '../../jmap/client.ts'
import { findByMessageId } from '../compose/once.ts'
import type { Shelf } from './shelf.ts'

export type Replaced = {
  /** Of the letter, as in LocalDraft */
  readonly key: string
  /** Of the draft that is being made */
  readonly messageId: string
  /** Those whose place it takes */
  readonly old: readonly Id[]
}

export type ClearParts = {
  readonly client: Pick<Client, 'batch' | 'send'>
  readonly shelf: Shelf
  /** No page is at this letter any more. */
  readonly isLeft: (key: string) => Promise<boolean>
}

/** Rejects where nobody answers: then it stays noted. */
export async function clearReplaced({ client, shelf, isLeft }: ClearParts): Promise<void> {
  for (const { key, messageId, old } of await shelf.all<Replaced>('replaced')) {
    // a letter that is kept here ends them itself when it is saved again
    if ((await shelf.get('drafts', key)) !== undefined || !(await isLeft(key))) continue
    const made = await findByMessageId({ client }, messageId)
    const over = made === undefined ? [] : old.filter(id => id !== made)
    if (over.length > 0) {
      const calls = client.batch()
      calls.call('Email/set', { destroy: over })
      await client.send(calls)
    }
    await shelf.change([{ in: 'replaced', drop: key }])
  }
}
