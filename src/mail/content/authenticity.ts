/** What the gateway found out about where a message is from (verdicts.ts), weighed. */
import { isRemark } from '../checks/texts.ts'
import type { ContentReason } from '../judging.ts'
import type { Authenticity, ConnectionFindings, Verdicts } from '../verdicts.ts'
import { authenticityWeights as weights, remarkWeights, type Weight } from './weights.ts'

export type Found = { readonly reason: ContentReason; readonly strong: boolean }

/** Whether the From field can be believed; undefined when nobody has checked. */
export function isProved({ authenticity }: Verdicts): boolean | undefined {
  if (!authenticity) return undefined
  const { dmarc, fromDomain, dkim, spf } = authenticity
  if (dmarc.result === 'pass') return true
  if (dmarc.result === 'fail') return false
  // without a policy: what would align by it
  const from = fromDomain ?? ''
  const signed = dkim.some(({ result, domain }) => result === 'pass' && isSameOwner(domain, from))
  return signed || (spf.result === 'pass' && isSameOwner(spf.domain, from))
}

function isSameOwner(one: string, other: string): boolean {
  return one !== '' && (one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`))
}

export function weighVerdicts(verdicts: Verdicts): readonly Found[] {
  return [
    ...(verdicts.authenticity ? weighAuthenticity(verdicts.authenticity) : []),
    ...(verdicts.connection ? weighConnection(verdicts.connection) : []),
  ]
}

function weighAuthenticity({ fromDomain, spf, dkim, dmarc, arc }: Authenticity): readonly Found[] {
  const found: Found[] = []
  const domain = fromDomain ?? ''
  if (dmarc.disposition !== 'none') {
    const weight = dmarc.disposition === 'reject' ? weights.dmarcReject : weights.dmarcQuarantine
    found.push(of(`dmarc-${dmarc.disposition}`, weight, { domain }))
  } else if (dmarc.result === 'fail' && arc.result !== 'pass')
    found.push(of('dmarc-fail', weights.dmarcFail, { domain }))
  else if (dmarc.result === 'pass') found.push(of('dmarc-pass', weights.dmarcPass, { domain }))
  if (dmarc.result === 'pass') return found
  if (spf.result === 'fail') found.push(of('spf-fail', weights.spfFail, { domain: spf.domain }))
  if (spf.result === 'softfail') found.push(of('spf-softfail', weights.spfSoftfail, { domain: spf.domain }))
  const signed = dkim.some(({ result }) => result === 'pass')
  if (!signed && dkim.some(({ result }) => result === 'fail')) found.push(of('dkim-fail', weights.dkimFail))
  if (!signed && dkim.length === 0 && (spf.result === 'none' || spf.result === 'neutral'))
    found.push(of('unproved', weights.unproved))
  return found
}

function weighConnection({ reverse, lists, remarks }: ConnectionFindings): readonly Found[] {
  const found: Found[] = []
  if (reverse.result === 'fail' || reverse.result === 'permerror') found.push(of('no-reverse', weights.noReverse))
  const denied = lists.filter(({ kind, answers }) => kind === 'deny' && answers.length > 0)
  for (const [index, { zone, points }] of denied.entries()) {
    const usual = index === 0 ? weights.denied : weights.deniedAgain
    // the owner's own weight of the list, where the gateway tells it
    const weight = points === undefined ? usual : { points }
    // two lists that know nothing of each other
    found.push({ ...of('listed', weight, { zone }), strong: denied.length > 1 })
  }
  const allowed = lists.find(({ kind, answers }) => kind === 'allow' && answers.length > 0)
  if (allowed) {
    const { zone, points = weights.allowed.points } = allowed
    found.push(of('allowed', { points }, { zone }))
  }
  for (const remark of remarks) {
    const points = isRemark(remark) ? remarkWeights[remark] : undefined
    if (points !== undefined) found.push(of(remark, { points }))
  }
  return found
}

export function of(code: string, weight: Weight, detail?: ContentReason['detail']): Found {
  const reason = detail ? { code, points: weight.points, detail } : { code, points: weight.points }
  return { reason, strong: weight.strong ?? false }
}
