/** The result of a SEARCH that the server has kept, `$`. RFC 5182 §2.1, RFC 9051 §6.4.4.1 */
export class SavedResult {
  /** UIDs; those that have been expunged since may stand here too */
  readonly uids = new Set<number>()
  /** Whether it is known what the server has kept; of a search on its way: whether its answer will tell */
  isKnown: boolean

  constructor(isKnown: boolean) {
    this.isKnown = isKnown
  }

  /** Those of which the UID is known; one whose UID nobody has told makes the result unknown. */
  fill(uids: readonly (number | undefined)[]): void {
    this.uids.clear()
    this.isKnown = true
    for (const uid of uids)
      if (uid === undefined) this.isKnown = false
      else this.uids.add(uid)
  }
}
