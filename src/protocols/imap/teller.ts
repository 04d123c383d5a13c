/** Tells news as they come, while the peer says nothing. No timer. */
import { tellNews } from './news.ts'
import type { Peer } from './peer.ts'
import type { SelectedMailbox } from './selected-mailbox.ts'

/**
 * Writes news when there are any. One writing at a time: while a slow peer has not taken the last, news gather in the view, where
 * they are bounded by the mailbox, and in the account's news, which have a bound of their own.
 */
export class Teller {
  readonly #selected: SelectedMailbox | undefined
  readonly #peer: Peer
  #telling: Promise<void> | undefined
  #stopped = false

  constructor(selected: SelectedMailbox | undefined, peer: Peer) {
    this.#selected = selected
    this.#peer = peer
    selected?.view.onNews(() => this.#begin())
    peer.accountNews?.onNews(() => this.#begin())
    if (this.#hasNews) this.#begin()
  }

  get #hasNews(): boolean {
    return (this.#selected?.view.hasNews ?? false) || (this.#peer.accountNews?.hasNews ?? false)
  }

  #begin(): void {
    this.#telling ??= this.#tell().finally(() => (this.#telling = undefined))
  }

  async #tell(): Promise<void> {
    const { enabled, output } = this.#peer
    try {
      while (this.#hasNews && !this.#stopped) {
        const there = !this.#selected || (await tellNews(this.#selected, output, { expunges: true, ...enabled }))
        if (!there) return this.#peer.leave('The mailbox is gone')
        await this.#peer.accountNews?.tell(this.#peer)
        await this.#peer.flush()
      }
    } catch {
      // the peer is gone: the read that is waited in tells
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#selected?.view.onNews(undefined)
    this.#peer.accountNews?.onNews(undefined)
    await this.#telling
  }
}
