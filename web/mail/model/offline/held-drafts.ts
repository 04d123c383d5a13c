/** Letters that are being written, as far as no server has them. A tab that has one open holds a lock of its name, which goes with the tab. */
import type { Away, LocalDraft } from '../away.ts'
import type { Replaced } from './replaced.ts'
import type { Shelf } from './shelf.ts'

export type HeldDrafts = Pick<Away, 'keepDraft' | 'dropDraft' | 'takeDrafts' | 'noteReplaced' | 'dropReplaced'> & {
  /** No tab has it open. */
  isLeft(key: string): Promise<boolean>
  release(): void
}

export function heldDrafts(accountId: string, shelf: Shelf): HeldDrafts {
  const held = new Map<string, () => void>()
  const hold = (key: string): Promise<boolean> => {
    if (held.has(key) || !globalThis.navigator?.locks) return Promise.resolve(true)
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
      await shelf.change([
        { in: 'drafts', drop: key },
        { in: 'replaced', drop: key },
      ])
    },
    async takeDrafts() {
      const mine: LocalDraft[] = []
      for (const draft of await shelf.all<LocalDraft>('drafts'))
        if (!held.has(draft.key) && (await hold(draft.key)))
          mine.push({ ...draft, replaced: await shelf.get<Replaced>('replaced', draft.key) })
      return mine
    },
    async noteReplaced(replaced) {
      await hold(replaced.key)
      await shelf.change([{ in: 'replaced', key: replaced.key, value: replaced }])
    },
    dropReplaced: key => shelf.change([{ in: 'replaced', drop: key }]),
    async isLeft(key) {
      if (held.has(key) || !(await hold(key))) return false
      release(key)
      return true
    },
    release() {
      for (const key of held.keys()) release(key)
    },
  }
}
