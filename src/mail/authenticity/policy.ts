/**
 * What the gateway does with a judgement. Refusals are few and say why in their own words; everything else is told to home, which
 * judges further.
 */
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { MailEvent } from '../events.ts'
import type { Authenticity, DmarcFinding } from '../verdicts.ts'
import type { ArcLink } from './arc/verify.ts'
import type { AuthenticityJudge, AuthenticityQuestion, Judgement } from './judge.ts'

export type AuthenticityPolicy = {
  /** What becomes of a message that its author's domain asks to reject. `junk`: as if it asked for quarantine */
  readonly dmarcReject: 'reject' | 'junk' | 'accept'
  /** A hard fail of SPF alone */
  readonly spfFail: 'accept' | 'reject'
  /** Domains (d=) whose ARC seals are believed, lower case */
  readonly trustedSealers: readonly string[]
}

export type Decision = {
  /** As told to home and in Authentication-Results */
  readonly authenticity: Authenticity
  readonly refusal: SmtpReply | undefined
  /** For the trace */
  readonly detail: NonNullable<MailEvent['detail']>
}

/** What the gateway asks for each message. */
export type AuthenticityCheck = (question: AuthenticityQuestion, signal: AbortSignal) => Promise<Decision>

/** `policy` is read for each message: the configuration may be read again. */
export function createAuthenticityCheck(judge: AuthenticityJudge, policy: () => AuthenticityPolicy): AuthenticityCheck {
  return async (question, signal) => decide(await judge(question, signal), policy())
}

export function decide(judgement: Judgement, policy: AuthenticityPolicy): Decision {
  const { dmarc, fromDomain } = judgement.authenticity
  const judged = dmarc.disposition === 'none' ? undefined : believedSealer(judgement.links, policy.trustedSealers)
  const dmarcNow =
    judged === undefined ? byLocalPolicy(dmarc, policy) : softened(dmarc, `sealed by ${judged}, who saw it pass`)
  const authenticity = { ...judgement.authenticity, dmarc: dmarcNow }
  const detail = authenticityDetail(authenticity)
  const refusal =
    dmarcNow.disposition === 'reject'
      ? // RFC 9989 §7.3 wants the word DMARC in it
        smtpReply(550, '5.7.1', `Refused by the DMARC policy of ${dmarcNow.domain ?? fromDomain ?? 'its author'}`)
      : refusalBySpf(judgement, policy)
  return { authenticity, refusal, detail }
}

/**
 * The newest sealers count as long as they are trusted: what a stranger sealed after them may be another message. RFC 8617 §7.2.1, RFC 9989
 * §5.4
 */
function believedSealer(links: readonly ArcLink[], trusted: readonly string[]): string | undefined {
  for (const { sealer, dmarc } of links.toReversed()) {
    if (!trusted.includes(sealer)) return undefined
    if (dmarc === 'pass') return sealer
  }
  return undefined
}

function byLocalPolicy(dmarc: DmarcFinding, { dmarcReject }: AuthenticityPolicy): DmarcFinding {
  if (dmarc.disposition !== 'reject' || dmarcReject === 'reject') return dmarc
  if (dmarcReject === 'accept') return softened(dmarc, 'accepted by our own policy')
  return { ...dmarc, disposition: 'quarantine', reason: joined(dmarc.reason, 'junk by our own policy') }
}

function softened(dmarc: DmarcFinding, why: string): DmarcFinding {
  return { ...dmarc, disposition: 'none', reason: joined(dmarc.reason, why) }
}

function joined(...reasons: readonly (string | undefined)[]): string {
  return reasons.filter(reason => reason !== undefined).join('; ')
}

/** RFC 7372 §3.2. The domain's words are shown as the domain's (RFC 7208 §6.2). */
function refusalBySpf(
  { authenticity, explanation }: Judgement,
  { spfFail }: AuthenticityPolicy,
): SmtpReply | undefined {
  const { spf } = authenticity
  if (spfFail !== 'reject' || spf.result !== 'fail') return undefined
  const first = `SPF: this host may not send for ${spf.domain}`
  return explanation === undefined
    ? smtpReply(550, '5.7.23', first)
    : smtpReply(550, '5.7.23', first, `${spf.domain} explains: ${explanation.slice(0, maxExplanationInReply)}`)
}

/** RFC 5321 §4.5.3.1.5: a reply line has 512 octets */
const maxExplanationInReply = 200

/** For the trace: a few words for each method. */
export function authenticityDetail({ arc, dkim, dmarc, spf, fromDomain }: Authenticity): Decision['detail'] {
  const signatures = dkim.map(({ result, domain, reason }) => [result, domain, reason].filter(Boolean).join(' '))
  return {
    spf: [spf.result, spf.domain, spf.result === 'pass' ? '' : spf.reason].filter(Boolean).join(' '),
    ...(signatures.length > 0 && { dkim: signatures.join('; ').slice(0, maxDetailCharacters) }),
    dmarc: [dmarc.result, fromDomain ?? dmarc.domain, dmarc.policy && `p=${dmarc.policy}`, dmarc.reason]
      .filter(Boolean)
      .join(' '),
    ...(arc.result !== 'none' && { arc: [arc.result, arc.sealers.at(-1), arc.reason].filter(Boolean).join(' ') }),
    ...(dmarc.disposition !== 'none' && { disposition: dmarc.disposition }),
  }
}

const maxDetailCharacters = 400
