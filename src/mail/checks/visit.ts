/** One connection from its first packet to its end: what is found out about it, and what that means for its recipients. */
import { setTimeout as sleep } from 'node:timers/promises'
import { canonicalDomain } from '#formats/address/domain.ts'
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { SessionFacts } from '../receiving.ts'
import type { AuthenticationResult, ConnectionFindings } from '../verdicts.ts'
import type { ConnectionRefusal, Visit } from '../visitors.ts'
import type { DnsLists, Listed } from './dns-lists.ts'
import { isLocalAddress } from './exempt.ts'
import { greylist, looksSuspicious } from './greylist.ts'
import { heloRemark } from './helo.ts'
import { firstPauseMs, maxPauseMs, maxWaitingGreetings, memoryAnswerMs } from './limits.ts'
import type { Entrance } from './network-limits.ts'
import type { Remark } from './remarks.ts'
import type { ReverseFinding } from './reverse-name.ts'
import type { SenderMemory } from './sender-memory.ts'
import type { ConnectionSettings } from './settings.ts'

export type VisitParts = {
  readonly settings: () => ConnectionSettings
  readonly lists: DnsLists
  readonly reverse: (address: string, signal: AbortSignal) => Promise<ReverseFinding>
  readonly memory: SenderMemory
  /** Our host name or one of our domains */
  readonly isOurs: (name: string) => boolean
  /** Undefined: SPF is not asked */
  readonly spf: (session: SessionFacts, reversePath: string) => Promise<AuthenticationResult | undefined>
  readonly count: (check: string, verdict: string) => void
  /** Greetings that wait now, of all visits */
  readonly waiting: { count: number }
  readonly onLeave: () => void
}

type Lookups = { readonly reverse: ReverseFinding; readonly lists: readonly Listed[] }

const nothing: Lookups = { reverse: { result: 'none' }, lists: [] }

export class ConnectionVisit implements Visit {
  readonly #parts: VisitParts
  readonly #address: string
  readonly #isExempt: boolean
  readonly #entrance: Entrance | undefined
  readonly #over = new AbortController()
  readonly #lookups: Promise<Lookups>
  readonly #remarks = new Set<Remark>()
  #unknown = 0

  constructor(session: SessionFacts, isExempt: boolean, entrance: Entrance | undefined, parts: VisitParts) {
    this.#parts = parts
    this.#address = session.clientAddress
    this.#isExempt = isExempt || isLocalAddress(session.clientAddress)
    this.#entrance = entrance
    this.#lookups = this.#isExempt ? Promise.resolve(nothing) : this.#lookUp(session.reverse).catch(() => nothing)
  }

  /** Begins before anybody waits for it. */
  async #lookUp(told: ReverseFinding | undefined): Promise<Lookups> {
    const { settings, lists, reverse } = this.#parts
    const { lists: wanted, dnsTimeoutMs } = settings()
    const { signal } = this.#over
    const [name, listed] = await Promise.all([
      told ?? reverse(this.#address, signal),
      lists.look(this.#address, wanted, dnsTimeoutMs, signal),
    ])
    return { reverse: name, lists: listed }
  }

  async greetingDue(): Promise<void> {
    const { settings, memory, waiting, count } = this.#parts
    const { greetingDelayMs } = settings()
    if (greetingDelayMs === 0 || this.#isExempt || waiting.count >= maxWaitingGreetings) return
    waiting.count++
    using ended = new Ending(this.#over.signal)
    try {
      const since = performance.now()
      const isKnown = await Promise.race([memory.isKnownNetwork(this.#address), ended.after(memoryAnswerMs)])
      if (isKnown !== false) return
      count('greeting', 'delayed')
      await Promise.race([this.#allowed(), ended.after(greetingDelayMs - (performance.now() - since))])
    } finally {
      waiting.count--
    }
  }

  /** Resolves when an allow list names the address, and else never. */
  async #allowed(): Promise<void> {
    const { lists } = await this.#lookups
    if (!lists.some(({ list }) => list.kind === 'allow')) await new Promise(() => undefined)
  }

  spokeEarly(): SmtpReply | undefined {
    if (this.#isExempt) return undefined
    const { earlyTalkers } = this.#parts.settings()
    this.#parts.count('early-talker', earlyTalkers)
    this.#remarks.add('early-talker')
    return earlyTalkers === 'reject' ? smtpReply(554, '5.5.1', 'You spoke before you were greeted') : undefined
  }

  recipientUnknown(): { readonly pauseMs: number; readonly isEnough: boolean } {
    if (this.#isExempt) return { pauseMs: 0, isEnough: false }
    const { unknownRecipients } = this.#parts.settings()
    const beyond = ++this.#unknown - unknownRecipients
    if (beyond < 0) return { pauseMs: 0, isEnough: false }
    this.#parts.count('unknown-recipients', 'slowed')
    this.#remarks.add('unknown-recipients')
    this.#entrance?.misbehaved()
    return { pauseMs: Math.min(maxPauseMs, firstPauseMs * 2 ** beyond), isEnough: beyond >= unknownRecipients }
  }

  async recipient(
    session: SessionFacts,
    reversePath: string,
    recipient: string,
  ): Promise<ConnectionRefusal | undefined> {
    if (this.#isExempt || isOwn(session) || isUnjudged(recipient)) return undefined
    const { lists } = await this.#lookups
    const refusal = this.#heloRefusal(session) ?? listRefusal(lists, this.#address)
    if (refusal) {
      this.#parts.count(String(refusal.detail['check']), 'refused')
      return refusal
    }
    return this.#greylist(session, reversePath, recipient, lists)
  }

  #heloRefusal(session: SessionFacts): ConnectionRefusal | undefined {
    const remark = this.#parts.settings().helo === 'reject' ? this.#heloRemark(session) : undefined
    if (!remark) return undefined
    return {
      reply: smtpReply(550, '5.7.1', `This is not the name of your server: ${printable(session.helo ?? '')}`),
      detail: { check: 'helo', remark },
    }
  }

  async #greylist(
    session: SessionFacts,
    reversePath: string,
    recipient: string,
    lists: readonly Listed[],
  ): Promise<ConnectionRefusal | undefined> {
    const { settings, memory, count } = this.#parts
    if (lists.some(({ list }) => list.kind === 'allow')) return undefined
    const { greylist: mode, greylistDelayMs: delayMs, greylistWindowMs: windowMs } = settings()
    const verdict = await greylist(
      { address: this.#address, reversePath, recipient },
      { mode, delayMs, windowMs },
      async () => {
        const findings = await this.findings(session)
        return looksSuspicious(findings, undefined) || looksSuspicious(findings, await this.#spf(session, reversePath))
      },
      memory,
    )
    if (verdict.kind === 'pass') {
      if (verdict.remark) this.#remarks.add(verdict.remark)
      if (verdict.remark === 'greylist-passed') count('greylist', 'passed')
      return undefined
    }
    count('greylist', 'deferred')
    const { seconds } = verdict
    return {
      reply: smtpReply(
        451,
        '4.7.1',
        `You are not known here yet; please try again in ${seconds} seconds (greylisting)`,
      ),
      detail: { check: 'greylist', seconds },
    }
  }

  /** What goes wrong with somebody's record speaks for and against nobody. */
  async #spf(session: SessionFacts, reversePath: string): Promise<AuthenticationResult | undefined> {
    try {
      return await this.#parts.spf(session, reversePath)
    } catch {
      return undefined
    }
  }

  async findings(session: SessionFacts): Promise<ConnectionFindings> {
    const { reverse, lists } = await this.#lookups
    const helo = this.#isExempt ? undefined : this.#heloRemark(session)
    return {
      reverse,
      lists: lists.map(({ list: { zone, kind, points }, answers }) => ({ zone, kind, answers, points })),
      remarks: [...(helo ? [helo] : []), ...this.#remarks],
    }
  }

  #heloRemark({ helo }: SessionFacts): Remark | undefined {
    const { settings, isOurs } = this.#parts
    if (settings().helo === 'off' || helo === undefined) return undefined
    return heloRemark(helo, this.#address, name => isOurs(canonicalDomain(name) ?? name))
  }

  delivered(reversePath: string, recipients: readonly string[]): void {
    // A letter that was let through unjudged makes nobody known
    if (!this.#isExempt && !recipients.every(isUnjudged)) this.#parts.memory.learn(this.#address, reversePath)
  }

  leave(): void {
    this.#over.abort()
    this.#entrance?.leave()
    this.#parts.onLeave()
  }
}

/** Logged in, or our own gateway */
function isOwn({ login, gateway }: SessionFacts): boolean {
  return login !== undefined || gateway !== undefined
}

/** RFC 5321 §4.5.1, RFC 2142 §4: whoever is refused can write to them about it. */
function isUnjudged(recipient: string): boolean {
  return /^(?:postmaster|abuse)@/i.test(recipient)
}

function listRefusal(lists: readonly Listed[], address: string): ConnectionRefusal | undefined {
  const refusing = lists.find(({ list }) => list.kind === 'deny' && list.action === 'reject')
  if (!refusing) return undefined
  const { list, answers, reason } = refusing
  const words = reason === undefined ? '' : `: ${reason}`
  return {
    reply: smtpReply(554, '5.7.1', `${address} is on the list ${list.zone}${words}`),
    detail: { check: 'dns-list', zone: list.zone, answers: answers.join(' ') },
  }
}

function printable(text: string): string {
  return text.replaceAll(/[^ -~]+/g, '?').slice(0, 100)
}

/** Timers that end with the visit or with the block, whichever is first. */
class Ending {
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal

  constructor(over: AbortSignal) {
    this.#signal = AbortSignal.any([over, this.#stop.signal])
  }

  async after(ms: number): Promise<undefined> {
    await sleep(Math.max(0, ms), undefined, { signal: this.#signal, ref: false }).catch(() => undefined)
    return undefined
  }

  [Symbol.dispose](): void {
    this.#stop.abort()
  }
}
