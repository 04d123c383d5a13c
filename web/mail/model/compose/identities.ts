/** Under which names and addresses somebody writes: read when the first letter is begun, and again once they have changed elsewhere or in the settings. */
import { type Signal, signal } from '@preact/signals'
import type { Identity } from '#protocols/jmap/wire-sending.ts'
import type { Mail } from '../mail.ts'

export class Identities {
  readonly list: Signal<readonly Identity[]> = signal([])
  readonly #client: Mail['client']
  /** Of the list; undefined: not known, or no longer true */
  #state: string | undefined

  constructor({ client, news }: Pick<Mail, 'client' | 'news'>) {
    this.#client = client
    news.add(states => {
      const now = states?.['Identity']
      if (states === undefined || (now !== undefined && now !== this.#state)) this.#state = undefined
    })
  }

  /** Without an answer those that are known stand. */
  async load(): Promise<void> {
    if (this.#state !== undefined) return
    const calls = this.#client.batch()
    const get = calls.call('Identity/get', { ids: null })
    try {
      const { state, list } = (await this.#client.send(calls)).of(get)
      this.list.value = list
      this.#state = state
    } catch (error) {
      if (this.list.peek().length === 0) throw error
    }
  }
}
