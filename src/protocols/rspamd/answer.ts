/** What Rspamd answers to /checkv2 (rspamd.com/doc/developers/protocol.html). Pure. */
import type { ScanFinding } from '#mail/content/scanner.ts'
import { maxSymbols } from './limits.ts'

/** Milter actions in our words. A message that it would throw away is at least kept. */
const advices: ReadonlyMap<unknown, ScanFinding['advice']> = new Map([
  ['no action', 'none'],
  ['greylist', 'try-later'],
  ['soft reject', 'try-later'],
  ['add header', 'junk'],
  ['rewrite subject', 'junk'],
  ['quarantine', 'junk'],
  ['discard', 'junk'],
  ['reject', 'reject'],
])

/** Throws when it is no such answer. */
export function parseAnswer(text: string): ScanFinding {
  const answer = JSON.parse(text) as Record<string, unknown> | null
  const action = answer?.['action']
  const advice = advices.get(action)
  if (!answer || advice === undefined)
    throw new Error(`Rspamd gives no action that is known: ${String(action).slice(0, 60)}`)
  const score = number(answer['score'])
  const required = number(answer['required_score'])
  return {
    advice,
    symbols: symbolsOf(answer['symbols']),
    ...(score !== undefined && { score }),
    ...(required !== undefined && { required }),
  }
}

function symbolsOf(symbols: unknown): NonNullable<ScanFinding['symbols']> {
  if (typeof symbols !== 'object' || symbols === null) return []
  return Object.entries(symbols as Record<string, { readonly score?: unknown } | null>)
    .map(([name, symbol]) => ({ name: name.slice(0, 60), points: number(symbol?.score) ?? 0 }))
    .filter(({ name, points }) => points !== 0 && /^[\w.-]+$/.test(name))
    .sort((a, b) => Math.abs(b.points) - Math.abs(a.points))
    .slice(0, maxSymbols)
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
