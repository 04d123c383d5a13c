/** How full the account is (RFC 9425), where it has a limit. */
import { type Signal, signal } from '@preact/signals'
import type { Quota } from '#protocols/jmap/wire.ts'
import type { Mail } from './mail.ts'

export type Room = Pick<Quota, 'used' | 'hardLimit'>

/** Each letter that comes changes it; nobody looks so often. */
const calmMs = 20_000

export class MailRoom {
  /** Undefined: no limit, or not known */
  readonly value: Signal<Room | undefined> = signal(undefined)
  readonly #parts: Pick<Mail, 'client' | 'news'>
  readonly #calmMs: number
  #state: string | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(parts: Pick<Mail, 'client' | 'news'>, calm = calmMs) {
    this.#parts = parts
    this.#calmMs = calm
    parts.news.add(this.#hear)
    void this.#load().catch(() => undefined)
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#parts.news.delete(this.#hear)
  }

  readonly #hear = (states: Readonly<Record<string, string>> | undefined): void => {
    const state = states ? states['Quota'] : 'missed'
    if (state === undefined || state === this.#state || this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.#load().catch(() => undefined)
    }, this.#calmMs)
  }

  async #load(): Promise<void> {
    const { client } = this.#parts
    const calls = client.batch()
    const get = calls.call('Quota/get', { ids: null })
    const { state, list } = (await client.send(calls)).of(get)
    this.#state = state
    this.value.value = list.find(({ resourceType, hardLimit }) => resourceType === 'octets' && hardLimit > 0)
  }
}

/** 0 to 1; more than the limit is full. */
export function filledPart({ used, hardLimit }: Room): number {
  return Math.min(1, used / hardLimit)
}

/** So full that it should be said */
export function isTight(room: Room): boolean {
  return filledPart(room) >= 0.9
}
