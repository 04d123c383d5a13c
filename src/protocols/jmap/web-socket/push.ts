/** States of types as messages, while the client wants them. RFC 8887 §4.3.5 */
import type { Account } from '#mail/account.ts'
import { printAccountId } from '#mail/object-ids.ts'
import { type NewStates, StateFeed } from '../push/state-feed.ts'
import type { Sending } from '../sending.ts'
import type { PushType, WebSocketStateChange } from '../wire.ts'

export class Push implements Disposable {
  readonly #account: Account
  readonly #sending: Sending
  readonly #tell: (change: WebSocketStateChange) => Promise<boolean>
  readonly #fail: (error: unknown) => void
  #feed: StateFeed | undefined
  #telling = false
  #rung = false
  /** Of what the client said last: an answer to what it said before comes too late */
  #wish = 0

  constructor(
    account: Account,
    sending: Sending,
    /** False: nobody is left to be told */
    tell: (change: WebSocketStateChange) => Promise<boolean>,
    fail: (error: unknown) => void,
  ) {
    this.#account = account
    this.#sending = sending
    this.#tell = tell
    this.#fail = fail
  }

  /** Another call of it replaces what was wanted before. */
  async enable(types: ReadonlySet<PushType>, since: string | undefined): Promise<void> {
    this.disable()
    const wish = this.#wish
    const feed = await StateFeed.open(this.#account, this.#sending, types, since, () => this.#ring())
    if (wish !== this.#wish) return feed[Symbol.dispose]()
    this.#feed = feed
    this.#ring()
  }

  disable(): void {
    this.#wish++
    this.#feed?.[Symbol.dispose]()
    this.#feed = undefined
  }

  #ring(): void {
    this.#rung = true
    if (this.#telling) return
    this.#telling = true
    this.#tellAll()
      .catch(this.#fail)
      .finally(() => (this.#telling = false))
  }

  /** One after the other: a slow peer has the newest states next, and none of those between. */
  async #tellAll(): Promise<void> {
    while (this.#rung) {
      this.#rung = false
      const feed = this.#feed
      const news = await feed?.take()
      // what is no longer wanted is not told
      if (news && feed === this.#feed && !(await this.#tell(stateChange(news, this.#account)))) return
    }
  }

  [Symbol.dispose](): void {
    this.disable()
  }
}

function stateChange({ changed, state }: NewStates, account: Account): WebSocketStateChange {
  return {
    '@type': 'StateChange',
    changed: { [printAccountId(account.id)]: Object.fromEntries(changed) },
    pushState: state,
  }
}
