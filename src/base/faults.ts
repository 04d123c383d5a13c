/**
 * Faults that tests and the break-it lab plant on purpose, to see that they are found: HIKYAKU_FAULT=name,name. Honoured only
 * in the demo's processes (HIKYAKU_DEMO=1); an installation has no switch for them.
 */
export type Fault =
  /** The gateway says 250 before the message is in its hold. */
  | 'answer-before-disk'
  /** Home forgets which deliveries it has already made. */
  | 'forget-deliveries'

const planted = new Set(process.env['HIKYAKU_DEMO'] === '1' ? (process.env['HIKYAKU_FAULT'] ?? '').split(',') : [])

export function isPlanted(fault: Fault): boolean {
  return planted.has(fault)
}
