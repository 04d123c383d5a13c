export type RefusedRow = {
  readonly number: number
  readonly id: string
  readonly account: string
  readonly recipient: string
  readonly deliveryId: string
  readonly reversePath: string
  readonly sender: string
  readonly subject: string
  readonly receivedHash: Uint8Array
  readonly traceBytes: number
  readonly sizeBytes: number
  /** JSON */
  readonly content: string
  readonly reply: string
  readonly refusedAt: number
  readonly times: number
  readonly deliveredAt: number | null
}
export type NewRefused = Omit<RefusedRow, 'number' | 'times' | 'deliveredAt'>

/** Ids whose files are to be removed. */
export type Removed = { readonly removed: readonly string[] }

export type RefusedOperations = {
  /** `known`: it was there already, under this id; the new file is not needed */
  add: { input: NewRefused; output: { readonly id: string; readonly known: boolean } }
  list: { input: { readonly limit: number }; output: readonly RefusedRow[] }
  show: { input: { readonly id: string }; output: RefusedRow | undefined }
  delivered: { input: { readonly id: string; readonly at: number }; output: object }
  drop: { input: { readonly id: string }; output: { readonly dropped: boolean } }
  /** What was refused before `before`, and the oldest beyond `maxBytes` together */
  sweep: { input: { readonly before: number; readonly maxBytes: number }; output: Removed }
  ids: { input: object; output: readonly string[] }
}
