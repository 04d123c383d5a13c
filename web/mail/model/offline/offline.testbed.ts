/** A shelf in memory, and tabs that are one. */
import type { Ending, Tabs } from './journal.ts'
import { type Shelf, type ShelfName, shelfNames } from './shelf.ts'

export function memoryShelf(): Shelf {
  const stores = new Map<ShelfName, Map<string, unknown>>(shelfNames.map(name => [name, new Map()]))
  const store = (name: ShelfName) => stores.get(name) ?? new Map<string, unknown>()
  return {
    // as a database gives them: copies
    get: <Value>(name: ShelfName, key: string) => Promise.resolve(structuredClone(store(name).get(key)) as Value),
    all: <Value>(name: ShelfName) => Promise.resolve(structuredClone([...store(name).values()]) as Value[]),
    keys: name => Promise.resolve([...store(name).keys()]),
    change(changes) {
      for (const one of changes)
        if ('drop' in one) store(one.in).delete(one.drop)
        else store(one.in).set(one.key, structuredClone(one.value))
      return Promise.resolve()
    },
    close() {},
  }
}

/** Several tabs of one browser: one lock, and each hears the others. */
export function sharedTabs(): () => Tabs {
  const listeners: ((key: string, ending: Ending) => void)[] = []
  let turn: Promise<unknown> = Promise.resolve()
  let isTaken = false
  return () => {
    const own: ((key: string, ending: Ending) => void)[] = []
    return {
      alone<Value>(act: () => Promise<Value>, waits: boolean): Promise<Value | undefined> {
        if (!waits && isTaken) return Promise.resolve(undefined)
        const mine = turn.then(async () => {
          isTaken = true
          return act().finally(() => (isTaken = false))
        })
        turn = mine.catch(() => undefined)
        return mine
      },
      tell: (key, ending) => {
        for (const listener of listeners) if (!own.includes(listener)) listener(key, ending)
      },
      hear: listener => {
        own.push(listener)
        listeners.push(listener)
      },
      close() {},
    }
  }
}
