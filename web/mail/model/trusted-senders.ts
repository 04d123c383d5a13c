/** Whose images are shown without asking. The account keeps it, so that each device knows. */
import { type Signal, signal } from '@preact/signals'
import type { Client } from '../jmap/client.ts'

/** Where it was kept while only this browser knew */
const oldKey = 'hikyaku.trustedSenders'

export class TrustedSenders {
  readonly #client: Client
  readonly #known: Signal<ReadonlySet<string>> = signal(new Set())
  #state: string | undefined

  constructor(client: Client) {
    this.#client = client
  }

  /** Reactive. Whether a letter is really from there is another question: `provenSender`. */
  has(address: string | undefined): boolean {
    return address !== undefined && this.#known.value.has(address.toLowerCase())
  }

  /** What this browser alone knew goes along, once. */
  async load(): Promise<void> {
    const calls = this.#client.batch()
    const get = calls.call('Preferences/get', { ids: null })
    const { state, list } = (await this.#client.send(calls)).of(get)
    this.#state = state
    this.#known.value = new Set(Object.keys(list[0]?.trustedSenders ?? {}))
    const old = keptHere()
    if (old.length > 0) await this.#set(old)
    if (old.length > 0) forgetHere()
  }

  /** States that the server told of. */
  hear({ Preferences: state }: Readonly<Record<string, string>>): void {
    if (state !== undefined && state !== this.#state) this.load().catch(() => undefined)
  }

  /** Shown as trusted at once; rejects where the server did not keep it. */
  async trust(address: string): Promise<void> {
    const known = this.#known.peek()
    this.#known.value = new Set([...known, address.toLowerCase()])
    try {
      await this.#set([address])
    } catch (error) {
      this.#known.value = known
      throw error
    }
  }

  async #set(addresses: readonly string[]): Promise<void> {
    const members = addresses.map(address => [`trustedSenders/${escaped(address.toLowerCase())}`, true])
    const calls = this.#client.batch()
    const set = calls.call('Preferences/set', { update: { singleton: Object.fromEntries(members) } })
    const { newState, notUpdated } = (await this.#client.send(calls)).of(set)
    if (notUpdated) throw new Error(notUpdated['singleton']?.description ?? 'It was not kept')
    this.#state = newState
    this.#known.value = new Set([...this.#known.peek(), ...addresses.map(address => address.toLowerCase())])
  }
}

/** RFC 6901 §3 */
function escaped(member: string): string {
  return member.replaceAll('~', '~0').replaceAll('/', '~1')
}

function keptHere(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(oldKey) ?? '[]')
    return Array.isArray(kept) ? kept.filter(one => typeof one === 'string' && /^[^\s@]+@[^\s@]+$/.test(one)) : []
  } catch {
    return []
  }
}

function forgetHere(): void {
  try {
    localStorage.removeItem(oldKey)
  } catch {
    return
  }
}
