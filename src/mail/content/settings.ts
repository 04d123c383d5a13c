/** What the owner decides about content. Read at each message: a reload changes it. */
export type ContentSettings = {
  /** The built-in filter */
  readonly filter: boolean
  /** Points */
  readonly junkFrom: number
  /** Points; undefined: nothing is refused for its points */
  readonly rejectFrom: number | undefined
  /** Hosts of link shorteners, lower case */
  readonly shorteners: readonly string[]
  readonly virus: 'reject' | 'junk'
  /** What becomes of a message that Rspamd would reject */
  readonly scannerReject: 'reject' | 'junk'
}
