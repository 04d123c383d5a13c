/**
 * What waits for the network: kept on the shelf before anything else happens, carried out in order and once, by one tab for all. What the server refuses
 * for good does not stop what stands behind it.
 */
import { type Signal, signal } from '@preact/signals'
import type { LetterEntry, Entry, What } from './entry.ts'
import { keyAt } from './entry.ts'
import type { Shelf } from './shelf.ts'

export type Outcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'refused'; readonly why: string }
  /** Nobody answered, or not now */
  | { readonly kind: 'later' }

/** Notes how far a letter has come, before the next step is taken. */
export type Note = (progress: Partial<LetterEntry>) => Promise<void>
export type CarryOut = (entry: Entry, note: Note) => Promise<Outcome>

/** What tabs have together */
export type Tabs = {
  /** Alone among all tabs. Without `waits` undefined where another tab is at it */
  alone<Value>(act: () => Promise<Value>, waits: boolean): Promise<Value | undefined>
  tell(key: string, ending: Ending): void
  hear(listener: (key: string, ending: Ending) => void): void
  close(): void
}

export type Ending = 'added' | 'done' | 'refused' | 'taken-back'
export type Waiter = { readonly key: string; readonly over: Promise<Ending> }

export type JournalParts = {
  readonly shelf: Shelf
  readonly tabs: Tabs
  readonly carryOut: CarryOut
  /** In the tab that did it */
  readonly onEnding?: (entry: Entry, ending: Ending, why: string) => void
}

export class Journal {
  readonly waiting: Signal<readonly Entry[]> = signal([])
  readonly #parts: JournalParts
  readonly #waiters = new Map<string, (ending: Ending) => void>()
  #isRunning = false

  constructor(parts: JournalParts) {
    this.#parts = parts
    parts.tabs.hear((key, ending) => {
      if (ending !== 'added') this.#settle(key, ending)
      this.read().catch(() => undefined)
    })
  }

  /** In order */
  async read(): Promise<readonly Entry[]> {
    const all = await this.#parts.shelf.all<Entry>('journal')
    this.waiting.value = all.toSorted((a, b) => (a.key < b.key ? -1 : 1))
    return this.waiting.peek()
  }

  /** Resolves when it is safe here: from then on it happens, whatever becomes of this page. */
  async add(what: What): Promise<Waiter> {
    const last = (await this.read()).at(-1)?.madeAt ?? 0
    const madeAt = Math.max(Date.now(), last + 1)
    const entry: Entry = { key: keyAt(madeAt), madeAt, what }
    const { promise: over, resolve } = Promise.withResolvers<Ending>()
    this.#waiters.set(entry.key, resolve)
    await this.#parts.shelf.change([{ in: 'journal', key: entry.key, value: entry }])
    this.#parts.tabs.tell(entry.key, 'added')
    await this.read()
    return { key: entry.key, over }
  }

  /** What it was; undefined: it is being carried out, or has been. */
  async takeBack(key: string): Promise<Entry | undefined> {
    const { shelf, tabs } = this.#parts
    return tabs.alone(async () => {
      const entry = await shelf.get<Entry>('journal', key)
      if (entry) await this.#end(entry, 'taken-back')
      return entry
    }, false)
  }

  /** Until nothing is left, or nobody answers. */
  async run(): Promise<void> {
    if (this.#isRunning) return
    this.#isRunning = true
    try {
      await this.#parts.tabs.alone(() => this.#runAll(), true)
    } finally {
      this.#isRunning = false
    }
  }

  async #runAll(): Promise<void> {
    for (;;) {
      const entry = (await this.read()).find(one => one.refused === undefined)
      if (!entry || !(await this.#carryOut(entry))) return
    }
  }

  /** False: later. */
  async #carryOut(entry: Entry): Promise<boolean> {
    const { shelf, carryOut, onEnding, tabs } = this.#parts
    let now = entry
    const outcome = await carryOut(entry, async progress => {
      now = { ...now, what: { ...now.what, ...progress } as What }
      await shelf.change([{ in: 'journal', key: now.key, value: now }])
    })
    switch (outcome.kind) {
      case 'later':
        return false
      case 'done':
        await this.#end(now, 'done')
        return true
      case 'refused': {
        const isKept = now.what.kind === 'send' || now.what.kind === 'draft'
        if (!isKept) await this.#end(now, 'refused', outcome.why)
        else {
          await shelf.change([{ in: 'journal', key: now.key, value: { ...now, refused: outcome.why } }])
          this.#settle(now.key, 'refused')
          tabs.tell(now.key, 'refused')
          onEnding?.(now, 'refused', outcome.why)
        }
        return true
      }
      default:
        return outcome satisfies never
    }
  }

  async #end(entry: Entry, ending: Ending, why = ''): Promise<void> {
    const { shelf, tabs, onEnding } = this.#parts
    await shelf.change([{ in: 'journal', drop: entry.key }])
    this.#settle(entry.key, ending)
    tabs.tell(entry.key, ending)
    await this.read()
    onEnding?.(entry, ending, why)
  }

  #settle(key: string, ending: Ending): void {
    this.#waiters.get(key)?.(ending)
    this.#waiters.delete(key)
  }
}
