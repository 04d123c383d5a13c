import { loggedIn, type Command } from '../command.ts'
import { tellNews } from '../news.ts'
import type { Peer } from '../peer.ts'
import { bad, ok, okAnd } from '../reply.ts'
import type { SelectedMailbox } from '../selected-mailbox.ts'
import { gone } from '../session.ts'
import { asciiText } from '#base/bytes.ts'

/** IDLE: news are told as they come, until DONE. No timer but the deadline of the read. RFC 9051 §6.3.13 */
export const idle = {
  name: 'IDLE',
  states: loggedIn,
  async run(_request, session, peer) {
    const selected = session.kind === 'selected' ? session.selected : undefined
    const line = peer.ask('idling')
    const teller = selected && new Teller(selected, peer)
    const done = await line.finally(() => teller?.stop())
    if (done === undefined) return okAnd(gone(), 'IDLE ended')
    return asciiText(done).toUpperCase() === 'DONE' ? ok('IDLE completed') : bad('Expected DONE')
  },
} satisfies Command<'IDLE', 'authenticated' | 'selected'>

/**
 * Writes news when the view has them. One writing at a time: while a slow peer has not taken the last, news gather in the
 * view, where they are bounded by the mailbox.
 */
class Teller {
  readonly #selected: SelectedMailbox
  readonly #peer: Peer
  #telling: Promise<void> | undefined
  #stopped = false

  constructor(selected: SelectedMailbox, peer: Peer) {
    this.#selected = selected
    this.#peer = peer
    selected.view.onNews(() => this.#begin())
    if (selected.view.hasNews) this.#begin()
  }

  #begin(): void {
    this.#telling ??= this.#tell().finally(() => (this.#telling = undefined))
  }

  async #tell(): Promise<void> {
    const { enabled } = this.#peer
    try {
      while (this.#selected.view.hasNews && !this.#stopped) {
        const there = await tellNews(this.#selected, this.#peer.output, { expunges: true, ...enabled })
        if (!there) return this.#peer.leave('The mailbox is gone')
        await this.#peer.flush()
      }
    } catch {
      // the peer is gone: the read that IDLE waits in tells
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#selected.view.onNews(undefined)
    await this.#telling
  }
}
