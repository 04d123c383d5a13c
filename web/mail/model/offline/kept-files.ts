/** Files of letters that wait for the network, on the shelf: within a bound, and gone when no letter names them any more. */
import { keptKeys } from '../compose/waiting-files.ts'
import type { LocalDraft } from '../away.ts'
import type { Entry } from './entry.ts'
import { NotOurs, type Shelf } from './shelf.ts'

/** Of all of them together */
export const keptFilesBytes = 50 * 1000 * 1000

export type KeptFile = {
  readonly octets: Blob
  /** Milliseconds since 1970 */
  readonly madeAt: number
}

/** `no-room`: the browser does not take it */
export type Keeping = 'kept' | 'too-much' | 'no-room'

export type KeptFiles = {
  keep(key: string, octets: Blob): Promise<Keeping>
  get(key: string): Promise<Blob | undefined>
  drop(keys: readonly string[]): Promise<void>
}

export function keptFilesOn(shelf: Shelf, maxBytes = keptFilesBytes): KeptFiles {
  let turn: Promise<unknown> = Promise.resolve()
  const keep = async (key: string, octets: Blob): Promise<Keeping> => {
    try {
      const there = await shelf.all<KeptFile>('files')
      if (there.reduce((sum, one) => sum + one.octets.size, octets.size) > maxBytes) return 'too-much'
      await shelf.change([{ in: 'files', key, value: { octets, madeAt: Date.now() } satisfies KeptFile }])
      return 'kept'
    } catch (error) {
      if (error instanceof NotOurs) throw error
      return 'no-room'
    }
  }
  return {
    /** One after the other: each finds what those before it have taken. */
    keep(key, octets) {
      const mine = turn.then(() => keep(key, octets))
      turn = mine.catch(() => undefined)
      return mine
    },
    get: async key => (await shelf.get<KeptFile>('files', key))?.octets,
    drop: keys => shelf.change(keys.map(key => ({ in: 'files', drop: key }))),
  }
}

/** A file is there a moment before its letter names it. */
const unnamedMs = 24 * 3_600_000

/** What a page left behind that ended before it could clean up */
export async function sweepFiles(shelf: Shelf): Promise<void> {
  const keys = await shelf.keys('files')
  if (keys.length === 0) return
  const drafts = await shelf.all<LocalDraft>('drafts')
  const waiting = await shelf.all<Entry>('journal')
  const letters = [...drafts, ...waiting.map(({ what }) => what)]
  const named = new Set(letters.flatMap(one => ('content' in one ? keptKeys(one.content) : [])))
  for (const key of keys.filter(one => !named.has(one))) {
    const file = await shelf.get<KeptFile>('files', key)
    if (file && file.madeAt < Date.now() - unnamedMs) await shelf.change([{ in: 'files', drop: key }])
  }
}
