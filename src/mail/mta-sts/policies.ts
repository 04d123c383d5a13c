/**
 * Which TLS policy a domain has published. RFC 8461 §3, §5.1
 *
 * A policy that was once seen holds until its time is over, whatever DNS and its web server say meanwhile: that is what it protects from.
 * Policies are kept on disk and fetched anew in the background before they run out.
 */
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import { parseStsPolicy, type StsPolicy, stsRecordId } from '#formats/mta-sts/mta-sts.ts'
import { openSmallFiles, type SmallFiles } from '#store/small-files.ts'
import type { NameServer } from '../name-server.ts'
import { fetchAgainMs, maxAbsent, maxPolicies, recordKeptMs, refreshAfterMs, refreshAtOnce, sweepMs } from './limits.ts'

/** The text of `https://mta-sts.DOMAIN/.well-known/mta-sts.txt`. Rejects when it cannot be had. */
export type FetchPolicy = (domain: string) => Promise<string>

export type StsPolicies = {
  /** The policy in force now; undefined: none. Never rejects, and waits no longer than DNS and one fetch. */
  policyFor(domain: string): Promise<StsPolicy | undefined>
  [Symbol.asyncDispose](): Promise<void>
}

export type StsPoliciesOptions = {
  readonly folder: string
  readonly txt: NameServer['txt']
  readonly fetch: FetchPolicy
  readonly clock: Clock
  readonly log: Log
}

type Kept = StsPolicy & {
  readonly domain: string
  readonly id: string
  /** Milliseconds since 1970 */
  readonly fetchedAt: number
}

export async function openStsPolicies(options: StsPoliciesOptions): Promise<StsPolicies> {
  const policies = new KeptPolicies(await openSmallFiles(options.folder), options)
  await policies.load()
  return policies
}

class KeptPolicies implements StsPolicies {
  readonly #files: SmallFiles
  readonly #options: StsPoliciesOptions
  readonly #kept = new Map<string, Kept>()
  /** Until when nothing is asked again of a domain, milliseconds since 1970 */
  readonly #quietUntil = new Map<string, number>()
  /** Answers that are on their way: many letters for one domain ask once */
  readonly #asking = new Map<string, Promise<void>>()
  readonly #sweeper: NodeJS.Timeout

  constructor(files: SmallFiles, options: StsPoliciesOptions) {
    this.#files = files
    this.#options = options
    this.#sweeper = setInterval(() => void this.refresh(), sweepMs)
    this.#sweeper.unref()
  }

  async load(): Promise<void> {
    for (const name of await this.#files.list())
      try {
        const kept = JSON.parse((await this.#files.read(name)) ?? '') as Kept
        if (this.#holds(kept)) this.#kept.set(kept.domain, kept)
        else await this.#files.remove(name)
      } catch (error) {
        this.#options.log.warn('A kept MTA-STS policy cannot be read', { file: name, error: String(error) })
      }
  }

  async policyFor(domain: string): Promise<StsPolicy | undefined> {
    if (this.#now < (this.#quietUntil.get(domain) ?? 0)) return this.#current(domain)
    await this.#askOnce(domain)
    return this.#current(domain)
  }

  get #now(): number {
    return this.#options.clock.now()
  }

  #current(domain: string): StsPolicy | undefined {
    const kept = this.#kept.get(domain)
    return kept && this.#holds(kept) ? kept : undefined
  }

  /** A clock that was set back must not make a policy eternal: it holds for its time around the moment it was fetched. */
  #holds({ fetchedAt, maxAge }: Kept): boolean {
    return Math.abs(this.#now - fetchedAt) < maxAge * 1000
  }

  #askOnce(domain: string): Promise<void> {
    const asking = this.#asking.get(domain)
    if (asking) return asking
    const asked = this.#ask(domain)
      .catch(error => this.#options.log.warn('An MTA-STS policy could not be kept', { domain, error: String(error) }))
      .finally(() => this.#asking.delete(domain))
    this.#asking.set(domain, asked)
    return asked
  }

  async #ask(domain: string): Promise<void> {
    const answer = await this.#options.txt(`_mta-sts.${domain}`)
    this.#quiet(domain, recordKeptMs)
    const id = answer.kind === 'found' ? stsRecordId(answer.value) : undefined
    if (id === undefined) return
    const kept = this.#kept.get(domain)
    const known = kept?.id === id && this.#holds(kept)
    if (!known) await this.#fetch(domain, id)
    else if (this.#now - kept.fetchedAt > refreshAfterMs) void this.#fetch(domain, id).catch(() => {})
  }

  async #fetch(domain: string, id: string): Promise<void> {
    const { fetch, log } = this.#options
    let policy: StsPolicy | undefined
    try {
      policy = parseStsPolicy(await fetch(domain))
      if (!policy) throw new Error('it is no valid policy')
    } catch (error) {
      this.#quiet(domain, fetchAgainMs)
      log.warn('MTA-STS: the policy of a domain could not be fetched', { domain, error: String(error) })
      return
    }
    await this.#keep({ ...policy, domain, id, fetchedAt: this.#now })
  }

  async #keep(kept: Kept): Promise<void> {
    this.#kept.set(kept.domain, kept)
    await this.#files.write(fileOf(kept.domain), JSON.stringify(kept))
    if (this.#kept.size <= maxPolicies) return
    const endsAt = (one: Kept) => one.fetchedAt + one.maxAge * 1000
    const first = [...this.#kept.values()].reduce((a, b) => (endsAt(b) < endsAt(a) ? b : a))
    await this.#forget(first.domain)
  }

  async #forget(domain: string): Promise<void> {
    this.#kept.delete(domain)
    await this.#files.remove(fileOf(domain))
  }

  #quiet(domain: string, ms: number): void {
    this.#quietUntil.delete(domain)
    this.#quietUntil.set(domain, this.#now + ms)
    for (const oldest of this.#quietUntil.keys()) {
      if (this.#quietUntil.size <= maxAbsent) break
      this.#quietUntil.delete(oldest)
    }
  }

  /** What is old is fetched anew, what is over is forgotten. */
  async refresh(): Promise<void> {
    const old = [...this.#kept.values()].filter(kept => this.#now - kept.fetchedAt > refreshAfterMs)
    const next = async () => {
      for (let kept = old.shift(); kept; kept = old.shift())
        if (this.#holds(kept)) await this.#fetch(kept.domain, kept.id).catch(() => {})
        else await this.#forget(kept.domain).catch(() => {})
    }
    await Promise.all(Array.from({ length: refreshAtOnce }, next))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#sweeper)
    await Promise.all(this.#asking.values())
  }
}

function fileOf(domain: string): string {
  return `${domain}.json`
}
