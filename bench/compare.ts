// Rows of two servers as ratios: above 1 ours is ahead, whatever the unit.

export type Comparison = {
  readonly name: string
  readonly theirs: string
  readonly unit: string
  readonly ourValue: number
  readonly theirValue: number
  readonly ratio: number
  readonly cpuRatio: number | undefined
  readonly goal: number
  /** Processor time at most, as a share of theirs */
  readonly cpuGoal: number
  /** Reached whatever the ratio is, when ours is no worse than this */
  readonly enough: number | undefined
}

type Row = { readonly value: number; readonly unit: string; readonly cpuMsPerMessage: number | undefined }
type Results = { readonly name: string; readonly rows: string }
type Wanted = number | { readonly ratio: number; readonly enough?: number; readonly cpu?: number }
/** Undefined: the row is not compared. */
export type Goal = (name: string) => Wanted | undefined

export const lmtpGoal: Goal = name => {
  if (!name.startsWith('lmtp_deliver')) return undefined
  return name.endsWith('sess1') ? 1 : 3
}

export const mailboxGoal: Goal = name => (name.startsWith('smtp_to_mailbox') ? 5 : undefined)

/** Ours with all checks beside Postfix and Dovecot without any: ahead in letters and in processor time. */
export const checkedGoal: Goal = name => (name.startsWith('smtp_to_mailbox') ? { ratio: 1, cpu: 1 } : undefined)

/** Warm rows; what a fill or a first opening took is not compared. */
const boxGoals: Readonly<Record<string, Wanted>> = {
  select: { ratio: 1, enough: 2 },
  flags: 1,
  envelope: 3,
  structure: 1,
  hdr: 1,
  body: 1,
  bodyall: 1,
  subject: 1,
  unseen: 1,
  text: 100,
  bodysearch: 100,
  sortdate: 1,
  thread: 1,
  store_seen: 1,
  copy1000: 1,
  expunge10000: 1,
}

export const boxGoal: Goal = name => boxGoals[name.split('.')[1] ?? '']

export const idleGoal: Goal = name => {
  if (name.endsWith('pss_per_conn')) return { ratio: 1, enough: 60 }
  return name.endsWith('announce_all') ? { ratio: 1, enough: 200 } : undefined
}

const lowIsGood = new Set(['ms', 'KiB', 's'])

export function comparisonsOf(theirs: Results, ours: Results, goal: Goal): readonly Comparison[] {
  const mine = rowsOf(ours.rows)
  const comparisons: Comparison[] = []
  for (const [key, row] of rowsOf(theirs.rows)) {
    const name = key.split(' ')[0] ?? ''
    const wanted = goal(name)
    const own = mine.get(key)
    if (wanted === undefined || !own) continue
    comparisons.push({
      name,
      theirs: theirs.name,
      unit: row.unit,
      ourValue: own.value,
      theirValue: row.value,
      ratio: lowIsGood.has(row.unit) ? row.value / own.value : own.value / row.value,
      cpuRatio: own.cpuMsPerMessage && row.cpuMsPerMessage ? own.cpuMsPerMessage / row.cpuMsPerMessage : undefined,
      goal: typeof wanted === 'number' ? wanted : wanted.ratio,
      cpuGoal: (typeof wanted === 'number' ? undefined : wanted.cpu) ?? 1 / 3,
      enough: typeof wanted === 'number' ? undefined : wanted.enough,
    })
  }
  return comparisons
}

/** By name and unit: a row may be told in two. */
function rowsOf(text: string): Map<string, Row> {
  const rows = new Map<string, Row>()
  for (const line of text.split('\n')) {
    const found = /^(\S+) ([\d.e+-]+) (msg\/s|MB\/s|ms|KiB|s)\b/.exec(line)
    if (!found?.[1] || !found[3]) continue
    const cpu = /server_cpu=([\d.]+)ms/.exec(line)?.[1]
    const cpuMsPerMessage = cpu === undefined ? undefined : Number(cpu)
    rows.set(`${found[1]} ${found[3]}`, { value: Number(found[2]), unit: found[3], cpuMsPerMessage })
  }
  return rows
}

export function isReached({ ratio, goal, cpuRatio, cpuGoal, enough, ourValue }: Comparison): boolean {
  if (enough !== undefined && ourValue <= enough) return true
  return ratio >= goal && (cpuRatio ?? 0) <= cpuGoal
}

export function printComparison(row: Comparison): string {
  const goal = row.enough === undefined ? `${row.goal}x` : `${row.goal}x or ${row.enough} ${row.unit}`
  const values = `ours ${short(row.ourValue)} ${row.unit}  ${row.theirs} ${short(row.theirValue)}`
  const cpu = row.cpuRatio === undefined ? '' : `  cpu ${row.cpuRatio.toFixed(2)}`
  return `${isReached(row) ? ' ' : '!'} ${row.name.padEnd(44)} ${values}  ${row.ratio.toFixed(1)}x (goal ${goal})${cpu}`
}

function short(value: number): string {
  return value >= 1000 ? value.toFixed(0) : value.toPrecision(3)
}
