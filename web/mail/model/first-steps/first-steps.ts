/** What somebody new is invited to try: which steps are done, and whether the invitation is over. It stays in this browser. */
import { computed, effect, type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { FirstStep } from '../../jmap/sign-in.ts'
import type { Mail } from '../mail.ts'
import { isSame } from '../people.ts'
import type { Route } from '../route.ts'

export type FirstStepsParts = Pick<Mail, 'client' | 'mailboxes' | 'news' | 'user'> & {
  readonly route: ReadonlySignal<Route>
  readonly storage: Pick<Storage, 'getItem' | 'setItem'>
}

/** `since`: when somebody was invited first, ms since 1970; what they wrote before is no step */
type Kept = { readonly done: readonly string[]; readonly isOver: boolean; readonly since: number }

/** So much may the browser's clock be ahead of the server's. */
const skewMs = 60_000
const againMs = 3_000

export class FirstSteps {
  /** Without those that would lead to oneself */
  readonly steps: readonly FirstStep[]
  readonly isOver: ReadonlySignal<boolean> = computed(() => this.#kept.value.isOver)
  readonly isAllDone: ReadonlySignal<boolean> = computed(() => this.steps.every(step => this.isDone(step)))
  readonly #kept: Signal<Kept>
  readonly #parts: FirstStepsParts
  readonly #ends: (() => void)[] = []

  constructor(parts: FirstStepsParts) {
    this.#parts = parts
    const { user, storage, route, news } = parts
    const key = `hikyaku.firstSteps.${user.username}`
    this.steps = (user.firstSteps ?? []).filter(({ writeTo }) => !writeTo || !isSame(writeTo, user.username))
    this.#kept = signal(read(storage, key))
    let again: ReturnType<typeof setTimeout> | undefined
    const look = () => void this.#lookForSent().catch(() => undefined)
    const hear = (states: Readonly<Record<string, string>> | undefined) => {
      if (states && states['Email'] === undefined) return
      look()
      // an answer may be lost, and nobody may tell anything after it
      clearTimeout(again)
      again = setTimeout(look, againMs)
    }
    news.add(hear)
    this.#ends.push(
      effect(() => write(storage, key, this.#kept.value)),
      effect(() => this.#noteSearch(route.value.search)),
      () => news.delete(hear),
      () => clearTimeout(again),
    )
    hear(undefined)
  }

  /** Reactive */
  isDone(step: FirstStep): boolean {
    return this.#kept.value.done.includes(nameOf(step))
  }

  end(): void {
    this.#kept.value = { ...this.#kept.peek(), isOver: true }
  }

  close(): void {
    for (const end of this.#ends) end()
  }

  #noteSearch(search: string | undefined): void {
    const found = this.steps.find(step => step.search !== undefined && step.search === search?.trim())
    if (found) this.#done([found])
  }

  /** A letter to them lies among those that were sent, from whichever program. */
  async #lookForSent(): Promise<void> {
    const { client, mailboxes } = this.#parts
    const open = this.steps.filter(({ writeTo }) => writeTo !== undefined)
    const left = open.filter(step => !this.#kept.peek().done.includes(nameOf(step)))
    const sent = mailboxes.role('sent')?.id
    if (left.length === 0 || sent === undefined || this.#kept.peek().isOver) return
    const calls = client.batch()
    const after = new Date(this.#kept.peek().since - skewMs).toISOString()
    const queries = left.map(({ writeTo = '' }) =>
      calls.call('Email/query', { filter: { inMailbox: sent, to: writeTo, after }, limit: 1 }),
    )
    const answers = await client.send(calls)
    this.#done(left.filter((_, at) => answers.of(queries[at]!).ids.length > 0))
  }

  #done(steps: readonly FirstStep[]): void {
    const kept = this.#kept.peek()
    const done = [...new Set([...kept.done, ...steps.map(nameOf)])]
    if (done.length > kept.done.length) this.#kept.value = { ...kept, done }
  }
}

function nameOf({ search, writeTo }: FirstStep): string {
  return search === undefined ? `to ${writeTo}` : `search ${search}`
}

function read(storage: FirstStepsParts['storage'], key: string): Kept {
  const unknown: Kept = { done: [], isOver: false, since: Date.now() }
  try {
    const { done, isOver, since } = JSON.parse(storage.getItem(key) ?? '{}') as Partial<Kept>
    return Array.isArray(done) && typeof since === 'number' ? { done, isOver: isOver === true, since } : unknown
  } catch {
    return unknown
  }
}

function write(storage: FirstStepsParts['storage'], key: string, kept: Kept): void {
  try {
    storage.setItem(key, JSON.stringify(kept))
  } catch {
    // a browser may forbid it: then it is asked again next time
  }
}
