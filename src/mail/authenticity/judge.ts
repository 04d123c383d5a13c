/**
 * SPF, DKIM, ARC and DMARC of one message. All of them together have one deadline; the evidence (SPF, signatures) has a part of it, so
 * that a sender whose name servers are slow on purpose cannot keep the author's policy from being read.
 */
import type { Clock } from '#base/clock.ts'
import { deadline } from '#base/deadline.ts'
import { parseAddress } from '#formats/address/address.ts'
import { canonicalDomain } from '#formats/address/domain.ts'
import type { MessageSource } from '#formats/message-source.ts'
import type {
  ArcFinding,
  AuthenticationResult,
  Authenticity,
  DkimFinding,
  DmarcFinding,
  SpfFinding,
} from '../verdicts.ts'
import { type ArcLink, verifyArc } from './arc/verify.ts'
import { boundedNames, cachedNames } from './bounded-names.ts'
import { verifyDkim } from './dkim/verify.ts'
import { authorOf } from './dmarc/author.ts'
import { evaluateDmarc } from './dmarc/evaluate.ts'
import { walkTree } from './dmarc/tree.ts'
import { judgementMs, maxReasonCharacters, maxSealersTold } from './limits.ts'
import { readMessage } from './message.ts'
import type { Names } from './names.ts'
import { checkHost } from './spf/check-host.ts'

export type AuthenticityQuestion = {
  readonly clientAddress: string
  readonly helo: string
  readonly reversePath: string
  readonly message: MessageSource
  /** Of the message, with its empty line, when it has been read already */
  readonly header?: Uint8Array
}

export type Judgement = {
  readonly authenticity: Authenticity
  /** What the sealers of a chain that passes say, the oldest first */
  readonly links: readonly ArcLink[]
  /** The SPF record's own words for its fail; a stranger's, not ours */
  readonly explanation: string | undefined
}

export type AuthenticityJudge = (question: AuthenticityQuestion, signal: AbortSignal) => Promise<Judgement>

export type JudgeOptions = {
  readonly names: Names
  readonly clock: Clock
  /** This box, for %{r} of SPF */
  readonly hostname: string
  /** Read for each message */
  readonly withinMs?: number
  /** The words of an SPF fail are wanted */
  readonly explain?: boolean
}

/** What is known of a sender at MAIL */
export type SenderQuestion = Pick<AuthenticityQuestion, 'clientAddress' | 'helo' | 'reversePath'>

/** SPF alone, before there is a message: whoever is not known and does not pass is asked to come again (mail/checks). */
export function createSpfCheck(
  options: Pick<JudgeOptions, 'names' | 'clock' | 'hostname'>,
): (question: SenderQuestion, withinMs: number) => Promise<AuthenticationResult> {
  const known = cachedNames(options.names, options.clock)
  return async (question, withinMs) => {
    using limit = deadline(new AbortController().signal, withinMs)
    const { finding } = await spfOf(question, options, boundedNames(known, limit.signal), options.clock.now())
    return finding.result
  }
}

const partForEvidence = 0.7

export function createAuthenticityJudge(options: JudgeOptions): AuthenticityJudge {
  const known = cachedNames(options.names, options.clock)
  return async (question, signal) => {
    const { withinMs = judgementMs } = options
    using whole = deadline(signal, withinMs)
    using part = deadline(whole.signal, withinMs * partForEvidence)
    const names = boundedNames(known, whole.signal)
    const evidence = boundedNames(known, part.signal)
    const now = options.clock.now()
    const message = await readMessage(question.message, question.header)
    const author = authorOf(message)
    // Asked for beside the rest; what is thrown here is thrown again where the answer is used
    for (const domain of author.domains.slice(0, 1)) walkTree(domain, names).catch(() => undefined)
    const [spf, dkim, arc] = await Promise.all([
      spfOf(question, options, evidence, now),
      verifyDkim(message, { names: evidence, now }),
      verifyArc(message, { names: evidence, now }),
    ])
    const dmarc = await evaluateDmarc(author, { spf: spf.finding, dkim }, names)
    const single = author.fields === 1 && author.domains.length === 1 && !author.unreadable
    return {
      authenticity: {
        fromDomain: single ? author.domains[0] : undefined,
        spf: told(spf.finding),
        dkim: dkim.map(told),
        dmarc: told(dmarc),
        arc: told({ ...arc.finding, sealers: arc.finding.sealers.slice(-maxSealersTold) }),
      },
      links: arc.links,
      explanation: spf.explanation,
    }
  }
}

type Finding = SpfFinding | DkimFinding | DmarcFinding | ArcFinding

/** Reasons are for people and bounded; strangers have a part in them. */
function told<One extends Finding>(finding: One): One {
  const { reason } = finding
  if (reason === undefined) return finding
  return { ...finding, reason: reason.replace(/[^ -~]/g, '?').slice(0, maxReasonCharacters) }
}

type SpfAnswer = { readonly finding: SpfFinding; readonly explanation: string | undefined }

/** RFC 7208 §2.3, §2.4: HELO stands for the null reverse-path. */
async function spfOf(
  { clientAddress, helo, reversePath }: SenderQuestion,
  { hostname, explain }: Pick<JudgeOptions, 'hostname' | 'explain'>,
  names: Names,
  now: number,
): Promise<SpfAnswer> {
  const address = reversePath === '' ? undefined : parseAddress(reversePath)
  const scope = reversePath === '' ? 'helo' : 'mailfrom'
  const domain = canonicalDomain(address?.domain ?? (scope === 'helo' ? helo : '')) ?? ''
  const sender = `${address?.localpart ?? 'postmaster'}@${domain}`
  const question = {
    clientAddress,
    domain,
    sender,
    helo: canonicalDomain(helo) ?? 'unknown',
    hostname,
    now: now / 1000,
  }
  const { result, reason, explanation } = await checkHost({ ...question, explain: explain === true }, names)
  return { finding: { result, scope, domain, ...(reason !== undefined && { reason }) }, explanation }
}
