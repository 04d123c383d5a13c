/** Events as rows: plain data, times in milliseconds since 1970. */
export type EventRow = {
  readonly at: number
  readonly kind: string
  readonly session: string | null
  readonly delivery: string | null
  readonly messageId: string | null
  readonly from: string | null
  readonly to: string | null
  readonly client: string | null
  readonly sizeBytes: number | null
  readonly reply: string | null
  /** JSON */
  readonly detail: string | null
}

export type FindInput = { readonly about: string; readonly since: number; readonly limit: number }
export type SweepInput = { readonly before: number; readonly maxEvents: number }
/** Rows removed; call again while it is not 0. */
export type Swept = { readonly expired: number; readonly surplus: number }
