/** Tells news as they come, while the peer says nothing: in IDLE, and between commands once NOTIFY has asked for it. */
import { PeerGone, PeerTimeout } from '#net/connection.ts'
import { notifyPauseMs } from './limits.ts'
import { tellSelected } from './notify/selected.ts'
import type { Peer } from './peer.ts'
import type { Authenticated, Selected } from './session.ts'

/**
 * Writes news when there are any. One writing at a time: while a slow peer has not taken the last, news gather in the view, where
 * they are bounded by the mailbox, and in the account's news, which have a bound of their own. The same while it rests after
 * news of the account: a burst of deliveries is told to many sessions in few words.
 */
export class Teller {
  readonly #session: Authenticated | Selected
  readonly #peer: Peer
  readonly #expunges: boolean
  #telling: Promise<void> | undefined
  #again = false
  #stopped = false
  #wake: (() => void) | undefined

  constructor(session: Authenticated | Selected, peer: Peer, { expunges }: { readonly expunges: boolean }) {
    this.#session = session
    this.#peer = peer
    this.#expunges = expunges
    const view = session.kind === 'selected' ? session.selected.view : undefined
    view?.onNews(() => this.#begin())
    peer.accountNews?.onNews(() => this.#begin())
    if (view?.hasNews || peer.accountNews?.hasNews) this.#begin()
  }

  #begin(): void {
    this.#again = true
    this.#telling ??= this.#tell()
  }

  /** Removals that must not be told now go on waiting, and so does the telling: nothing turns in a circle. */
  async #tell(): Promise<void> {
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false
        if (!(await this.#tellOnce())) return this.#peer.leave('The mailbox is gone')
        await this.#peer.flush()
        if (this.#peer.accountNews?.watch) await this.#rest()
      }
    } catch (error) {
      this.#onFailure(error)
    } finally {
      // In the same turn as the last look at `#again`: what comes a moment later begins a telling of its own
      this.#telling = undefined
    }
  }

  /** Of a peer that is gone the read tells that is waited in. Else something was left unsaid, or half said: the client begins anew. */
  #onFailure(error: unknown): void {
    const { signal, log } = this.#peer
    if (signal.aborted || error instanceof PeerGone || error instanceof PeerTimeout) return
    log.error('News could not be told', { err: error })
    this.#peer.leave('News cannot be told now: connect again')
  }

  async #tellOnce(): Promise<boolean> {
    const session = this.#session
    const selected = session.kind === 'selected' ? session : undefined
    if (selected && !(await tellSelected(selected, this.#peer, { expunges: this.#expunges }))) return false
    await this.#peer.accountNews?.tell(this.#peer, selected?.selected.mailbox.id)
    return true
  }

  async #rest(): Promise<void> {
    if (this.#stopped) return
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, notifyPauseMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#wake?.()
    if (this.#session.kind === 'selected') this.#session.selected.view.onNews(undefined)
    this.#peer.accountNews?.onNews(undefined)
    await this.#telling
  }
}
