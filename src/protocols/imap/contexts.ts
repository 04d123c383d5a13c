/** Searches of the selected mailbox that go on: what their results gain and lose is told. RFC 5267 §4.3 */
import type { ViewNews } from '#mail/account-view.ts'

export type Context = {
  readonly byUid: boolean
  /** Tells what of the result is removed: to be called before the EXPUNGE responses, whose numbers are others (§4.3.4). */
  lose(expunged: ViewNews['expunged']): Promise<void>
  /**
   * Tells what these messages add to the result or take from it: after EXISTS and FETCH (§4.3.3). Indexes ascending, those from
   * `firstNew` on are of messages that have come.
   */
  change(indexes: Uint32Array, firstNew: number): Promise<void>
}

/** By the tag of the searching command; they end with the selection. */
export type Contexts = Map<string, Context>
