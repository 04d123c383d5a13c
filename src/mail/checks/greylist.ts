/**
 * Greylisting: a sender who is not known, and by default one who also looks suspicious, is asked to come again. RFC 6647
 * Never held up: who is known, stands on an allow list, is ours, or writes to postmaster; nobody while the memory cannot be read.
 */
import type { ConnectionFindings, AuthenticationResult } from '../verdicts.ts'
import { badRemarks, type Remark } from './remarks.ts'
import type { GreylistTimes, SenderMemory, Triplet } from './sender-memory.ts'

export type GreylistMode = 'off' | 'suspicious' | 'unknown'

export type GreylistVerdict =
  | { readonly kind: 'pass'; readonly remark?: Extract<Remark, 'known-sender' | 'greylist-passed'> }
  | { readonly kind: 'wait'; readonly seconds: number }

export async function greylist(
  triplet: Triplet,
  settings: GreylistTimes & { readonly mode: GreylistMode },
  isSuspicious: () => boolean | Promise<boolean>,
  memory: SenderMemory,
): Promise<GreylistVerdict> {
  if (settings.mode === 'off') return { kind: 'pass' }
  const isKnown = await memory.isKnownSender(triplet.address, triplet.reversePath)
  if (isKnown === undefined) return { kind: 'pass' }
  if (isKnown) return { kind: 'pass', remark: 'known-sender' }
  if (settings.mode === 'suspicious' && !(await isSuspicious())) return { kind: 'pass' }
  const answer = await memory.attempt(triplet, settings)
  if (!answer) return { kind: 'pass' }
  if (answer.kind === 'passed') return { kind: 'pass', remark: 'greylist-passed' }
  return { kind: 'wait', seconds: Math.max(1, Math.ceil(answer.waitMs / 1000)) }
}

const uncertain: ReadonlySet<AuthenticationResult> = new Set<AuthenticationResult>(['pass', 'temperror'])

/** `spf` undefined: not asked. What could not be found out speaks against nobody. */
export function looksSuspicious(findings: ConnectionFindings, spf: AuthenticationResult | undefined): boolean {
  return (
    findings.reverse.result === 'permerror' ||
    findings.reverse.result === 'fail' ||
    findings.lists.some(({ kind }) => kind === 'deny') ||
    findings.remarks.some(remark => badRemarks.has(remark as Remark)) ||
    (spf !== undefined && !uncertain.has(spf))
  )
}
