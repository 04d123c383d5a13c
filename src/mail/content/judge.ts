/** The content stage: what the built-in filter and the scanners say of a message, as one verdict with its reasons. */
import { toHex } from '#base/bytes.ts'
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { canonicalAddress } from '#formats/address/address.ts'
import type { ContentJudge, ContentReason, ContentVerdict, MessageToJudge } from '../judging.ts'
import { type Found, of } from './authenticity.ts'
import type { Examined, Examiner } from './examiner.ts'
import { rounded, scoreOf } from './score.ts'
import type { ScanOutcome, ScannerGate, ScannerSettings } from './scanner-gate.ts'
import type { ContentSettings } from './settings.ts'

export type JudgeParts = {
  readonly examiner: Pick<Examiner, 'examine'>
  readonly gates: readonly ScannerGate[]
  settings(): ContentSettings
  /** `address`: canonical */
  isContact(account: string, address: string): Promise<boolean>
  readonly clock: Clock
  readonly log: Log
}

/** Of one scanner */
type Scanned = {
  readonly name: ScannerGate['name']
  readonly whenAbsent: ScannerSettings['whenAbsent']
  readonly outcome: ScanOutcome
}

export function createContentJudge(parts: JudgeParts): ContentJudge {
  return async (message, signal) => {
    const settings = parts.settings()
    try {
      signal.throwIfAborted()
      const hash = toHex(message.receivedHash)
      const [examined, scans] = await Promise.all([
        settings.filter ? examineMessage(parts, message, hash, settings) : ('off' as const),
        scanAll(parts.gates, message, hash),
      ])
      const inContacts = await isFromContact(parts, message, examined)
      return verdictOf(message, { examined, inContacts }, scans, settings)
    } catch (error) {
      parts.log.error('A message could not be judged; it is delivered as it is', { error: String(error) })
      const reasons = [{ code: 'not-judged', points: 0 }]
      return { verdict: 'clean', score: 0, junkFrom: settings.junkFrom, reasons, spamtest: 0, virustest: 0 }
    }
  }
}

async function scanAll(
  gates: readonly ScannerGate[],
  message: MessageToJudge,
  hash: string,
): Promise<readonly Scanned[]> {
  const asked = gates.flatMap(gate => (gate.settings ? [{ gate, settings: gate.settings }] : []))
  return Promise.all(
    asked.map(async ({ gate, settings }) => {
      const outcome = await gate.scan(message, hash, settings)
      return { name: gate.name, whenAbsent: settings.whenAbsent, outcome }
    }),
  )
}

function examineMessage(
  { examiner, clock }: JudgeParts,
  { account, message }: MessageToJudge,
  key: string,
  { shorteners }: ContentSettings,
): Promise<Examined | undefined> {
  return examiner.examine({ account, key, message, shorteners, receivedAt: clock.now() })
}

/** What cannot be asked is not so: it is no reason to keep a letter waiting. */
async function isFromContact(
  { isContact, log }: JudgeParts,
  { account }: MessageToJudge,
  examined: Examined | 'off' | undefined,
): Promise<boolean> {
  const address = examined === 'off' ? undefined : canonicalAddress(examined?.from?.address ?? '')
  if (address === undefined) return false
  try {
    return await isContact(account, address)
  } catch (error) {
    log.warn('Contacts could not be asked about a sender', { account, error: String(error) })
    return false
  }
}

function verdictOf(
  message: MessageToJudge,
  { examined, inContacts }: { readonly examined: Examined | 'off' | undefined; readonly inContacts: boolean },
  scans: readonly Scanned[],
  settings: ContentSettings,
): ContentVerdict {
  const { junkFrom } = settings
  const content = examined === 'off' ? undefined : examined
  const verdicts = settings.filter ? message.verdicts : {}
  const others = scans.flatMap(scanned => weighScan(scanned, junkFrom))
  const { score, reasons } = scoreOf(content && { ...content, inContacts }, verdicts, others, junkFrom)
  const notes: ContentReason[] = examined === undefined ? [{ code: 'not-judged', points: 0 }] : []
  for (const { name, outcome } of scans)
    if (outcome.kind !== 'found')
      notes.push({ code: `scanner-${outcome.kind}`, points: 0, detail: { scanner: name, why: outcome.why } })
  const virus = virusIn(scans)
  const tested = content !== undefined || isTestedBy(scans, 'rspamd')
  return {
    verdict: decide(score, scans, virus, settings),
    score,
    junkFrom,
    reasons: [...reasons, ...notes],
    ...(virus !== undefined && { virus }),
    spamtest: tested ? spamtestOf(score, junkFrom) : 0,
    virustest: virus !== undefined ? 5 : isTestedBy(scans, 'clamav') ? 1 : 0,
  }
}

function decide(
  score: number,
  scans: readonly Scanned[],
  virus: string | undefined,
  settings: ContentSettings,
): ContentVerdict['verdict'] {
  const { junkFrom, rejectFrom, scannerReject } = settings
  if (virus !== undefined) return settings.virus
  if (scans.some(({ whenAbsent, outcome }) => outcome.kind === 'absent' && whenAbsent === 'defer')) return 'try-later'
  const advice = scans.flatMap(({ outcome }) => (outcome.kind === 'found' ? [outcome.finding.advice] : []))
  if (advice.includes('reject') && scannerReject === 'reject') return 'reject'
  if (rejectFrom !== undefined && score >= rejectFrom) return 'reject'
  if (advice.includes('try-later')) return 'try-later'
  return score >= junkFrom ? 'junk' : 'clean'
}

/** A scanner's points in ours: where it says junk, so do we, unless what the account has learnt says otherwise. */
function weighScan({ name: scanner, outcome }: Scanned, junkFrom: number): readonly Found[] {
  if (outcome.kind !== 'found') return []
  const { advice, virus, score, required, symbols = [] } = outcome.finding
  if (virus !== undefined) return [of('virus', { points: 100, strong: true }, { scanner, virus })]
  const share = score !== undefined && required !== undefined && required > 0 ? score / required : 0
  const scaled = Math.max(-0.6 * junkFrom, Math.min(2 * junkFrom, share * junkFrom))
  const isJunk = advice === 'junk' || advice === 'reject'
  const points = rounded(isJunk ? Math.max(junkFrom, scaled) : Math.min(scaled, 0.9 * junkFrom))
  if (points === 0 && advice === 'none') return []
  const names = symbols.slice(0, 4).map(({ name }) => name)
  return [of(`scanner-says-${advice}`, { points, strong: isJunk }, { scanner, symbols: names.join(' ') })]
}

function virusIn(scans: readonly Scanned[]): string | undefined {
  for (const { outcome } of scans)
    if (outcome.kind === 'found' && outcome.finding.virus !== undefined) return outcome.finding.virus
  return undefined
}

function isTestedBy(scans: readonly Scanned[], name: ScannerGate['name']): boolean {
  return scans.some(({ name: scanner, outcome }) => scanner === name && outcome.kind === 'found')
}

/** RFC 5235 §2.1: 1 is surely not junk, 10 surely is; the threshold lies in the middle. */
function spamtestOf(score: number, junkFrom: number): number {
  return Math.max(1, Math.min(10, 1 + Math.floor((4.999 * score) / junkFrom)))
}
