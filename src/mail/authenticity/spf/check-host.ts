/** check_host(): may this address send for this domain? RFC 7208 §4 to §7 with its errata */
import { canonicalDomain } from '#formats/address/domain.ts'
import type { AuthenticationResult } from '../../verdicts.ts'
import { maxExplanationCharacters, maxSpfNames, maxSpfTerms, maxSpfVoid } from '../limits.ts'
import { canBeAsked, type NameAnswer, type Names } from '../names.ts'
import { dotted, inNetwork, type Ip, parseIp } from './ip.ts'
import { expandMacro, type MacroLetter, type MacroString, parseMacroString } from './macro.ts'
import { type Directive, isSpfRecord, type Mechanism, parseSpfRecord, type SpfRecord } from './record.ts'

export type SpfQuestion = {
  readonly clientAddress: string
  /** Where the record is looked for: of the reverse-path, or HELO */
  readonly domain: string
  /** `local@domain`; postmaster@HELO for the null path */
  readonly sender: string
  readonly helo: string
  /** For %{r} */
  readonly hostname: string
  /** Seconds since 1970, for %{t} */
  readonly now: number
  /** The domain's own words for a fail are asked for (exp=) */
  readonly explain?: boolean
}

export type SpfResult = {
  readonly result: Exclude<AuthenticationResult, 'policy'>
  /** What matched, or what is wrong */
  readonly reason?: string
  /** The domain's own words, ASCII, bounded. Not ours: whoever shows them says whose they are (§6.2). */
  readonly explanation?: string
}

export async function checkHost(question: SpfQuestion, names: Names): Promise<SpfResult> {
  const ip = parseIp(question.clientAddress)
  const domain = askableDomain(question.domain)
  if (!ip || domain === undefined) return { result: 'none', reason: 'not a domain name' }
  const check = new Check(question, ip, names)
  try {
    const { result, reason, exp } = await check.evaluate(domain)
    const explanation = result === 'fail' && question.explain === true ? await check.explanation(exp) : undefined
    return { result, ...(reason !== undefined && { reason }), ...(explanation !== undefined && { explanation }) }
  } catch (error) {
    if (error instanceof Stop) return { result: error.result, reason: error.message }
    throw error
  }
}

/** §4.3: a name of two labels or more that DNS can be asked for. */
function askableDomain(written: string): string | undefined {
  const domain = canonicalDomain(written)
  return domain?.includes('.') === true && !domain.startsWith('[') && canBeAsked(domain) ? domain : undefined
}

/** Ends the whole evaluation, however deep (§4.6.4, §4.4). */
class Stop extends Error {
  readonly result: 'temperror' | 'permerror'

  constructor(result: 'temperror' | 'permerror', reason: string) {
    super(reason)
    this.result = result
  }
}

type Evaluated = {
  readonly result: SpfResult['result']
  readonly reason?: string
  /** exp= of the record that said so, and its domain */
  readonly exp?: { readonly text: MacroString; readonly domain: string } | undefined
}

class Check {
  readonly #question: SpfQuestion
  readonly #ip: Ip
  readonly #names: Names
  #terms = 0
  #voids = 0
  #validated: Promise<readonly string[]> | undefined

  constructor(question: SpfQuestion, ip: Ip, names: Names) {
    this.#question = question
    this.#ip = ip
    this.#names = names
  }

  async evaluate(domain: string): Promise<Evaluated> {
    const record = await this.#recordOf(domain)
    if (!record) return { result: 'none' }
    for (const directive of record.directives)
      if (await this.#matches(directive.mechanism, domain)) return matched(directive, record, domain)
    if (!record.redirect) return { result: 'neutral', reason: 'nothing matched' }
    this.#countTerm()
    const target = await this.#expand(record.redirect, domain)
    const redirected = target === undefined ? undefined : await this.#evaluateOther(target)
    // §6.1: no record there is an error
    if (!redirected || redirected.result === 'none')
      throw new Stop('permerror', 'redirect to a domain without a record')
    return redirected
  }

  async #evaluateOther(name: string): Promise<Evaluated> {
    return canBeAsked(name) ? await this.evaluate(name) : { result: 'none' }
  }

  async #recordOf(domain: string): Promise<SpfRecord | undefined> {
    const answer = await this.#names.txt(domain)
    if (answer.kind === 'temporary') throw new Stop('temperror', `no answer about ${domain} (${answer.reason})`)
    const records = answer.kind === 'found' ? answer.value.filter(isSpfRecord) : []
    const [first] = records
    if (first === undefined) return undefined
    if (records.length > 1) throw new Stop('permerror', `${domain} has several records`)
    const parsed = parseSpfRecord(first)
    if ('problem' in parsed) throw new Stop('permerror', `${domain}: ${parsed.problem}`)
    return parsed
  }

  async #matches(mechanism: Mechanism, domain: string): Promise<boolean> {
    switch (mechanism.kind) {
      case 'all':
        return true
      case 'ip':
        return inNetwork(this.#ip, mechanism.network, mechanism.prefix)
      case 'include':
        return await this.#included(mechanism.domain, domain)
      case 'a':
      case 'mx':
      case 'exists':
      case 'ptr': {
        this.#countTerm()
        const target = mechanism.domain ? await this.#expand(mechanism.domain, domain) : domain
        if (target === undefined || !canBeAsked(target)) return false
        return await this.#asked(mechanism, target)
      }
      default:
        return mechanism satisfies never
    }
  }

  async #asked(
    mechanism: Extract<Mechanism, { kind: 'a' | 'mx' | 'exists' | 'ptr' }>,
    target: string,
  ): Promise<boolean> {
    switch (mechanism.kind) {
      case 'a':
        return (await this.#addresses(target)).some(ip => this.#near(ip, mechanism))
      case 'mx':
        return await this.#mx(mechanism, target)
      case 'exists':
        // §5.7: an A record, also for an IPv6 client
        return this.#values(await this.#names.a(target), target).length > 0
      case 'ptr':
        this.#validated ??= this.#validate(true)
        return (await this.#validated).some(name => isUnder(name, target))
      default:
        return mechanism satisfies never
    }
  }

  /** §5.2 */
  async #included(spec: MacroString, domain: string): Promise<boolean> {
    this.#countTerm()
    const target = await this.#expand(spec, domain)
    if (target === undefined) return false
    const { result } = await this.#evaluateOther(target)
    if (result === 'none') throw new Stop('permerror', `included ${target} has no record`)
    return result === 'pass'
  }

  /** §5.4, and §4.6.4: more than ten hosts are an error */
  async #mx(mechanism: Extract<Mechanism, { kind: 'a' | 'mx' }>, target: string): Promise<boolean> {
    const hosts = this.#values(await this.#names.mx(target), target)
    if (hosts.length > maxSpfNames) throw new Stop('permerror', `${target} has too many MX records`)
    for (const host of hosts) {
      if (!canBeAsked(host)) continue
      const addresses = await this.#addresses(host)
      if (addresses.some(ip => this.#near(ip, mechanism))) return true
    }
    return false
  }

  #near(ip: Ip, { four, six }: { readonly four: number; readonly six: number }): boolean {
    return inNetwork(this.#ip, ip, this.#ip.version === 4 ? four : six)
  }

  async #addresses(name: string): Promise<readonly Ip[]> {
    const answer = this.#ip.version === 4 ? await this.#names.a(name) : await this.#names.aaaa(name)
    return this.#values(answer, name).flatMap(text => parseIp(text) ?? [])
  }

  #values(answer: NameAnswer<readonly string[]>, name: string): readonly string[] {
    if (answer.kind === 'temporary') throw new Stop('temperror', `no answer about ${name} (${answer.reason})`)
    if (answer.kind === 'found') return answer.value
    this.#voids++
    if (this.#voids > maxSpfVoid) throw new Stop('permerror', 'too many questions without an answer')
    return []
  }

  #countTerm(): void {
    this.#terms++
    if (this.#terms > maxSpfTerms) throw new Stop('permerror', 'too many DNS questions')
  }

  /** Names of the client that lead back to it, §5.5; errors are no error here. */
  async #validate(counted: boolean): Promise<readonly string[]> {
    const answer = await this.#names.ptr(this.#ip.text)
    if (answer.kind === 'none' && counted) this.#values(answer, this.#ip.text)
    const hosts = answer.kind === 'found' ? answer.value.slice(0, maxSpfNames) : []
    const checked = await Promise.all(hosts.map(host => this.#leadsBack(host)))
    return hosts.filter((_, index) => checked[index])
  }

  async #leadsBack(host: string): Promise<boolean> {
    if (!canBeAsked(host)) return false
    const answer = this.#ip.version === 4 ? await this.#names.a(host) : await this.#names.aaaa(host)
    const bits = this.#ip.version === 4 ? 32 : 128
    return answer.kind === 'found' && answer.value.some(text => this.#isAt(text, bits))
  }

  #isAt(text: string, bits: number): boolean {
    const ip = parseIp(text)
    return ip !== undefined && inNetwork(this.#ip, ip, bits)
  }

  /** A domain name; what is longer than 253 octets loses labels on its left (§7.3). */
  async #expand(spec: MacroString, domain: string): Promise<string | undefined> {
    let name = (await expandMacro(spec, letter => this.#letter(letter, domain)))?.replace(/\.$/, '')
    while (name !== undefined && name.length > 253) {
      const dot = name.indexOf('.')
      name = dot < 0 ? undefined : name.slice(dot + 1)
    }
    return name
  }

  #letter(letter: MacroLetter, domain: string): string | Promise<string> {
    const { sender, helo, hostname, now } = this.#question
    const at = sender.lastIndexOf('@')
    switch (letter) {
      case 's':
        return sender
      case 'l':
        return sender.slice(0, at)
      case 'o':
        return sender.slice(at + 1)
      case 'd':
        return domain
      case 'i':
        return dotted(this.#ip)
      case 'p':
        return this.#nameOfClient(domain)
      case 'v':
        return this.#ip.version === 4 ? 'in-addr' : 'ip6'
      case 'h':
        return helo
      case 'c':
        return this.#ip.text
      case 'r':
        return hostname
      case 't':
        return String(Math.floor(now))
      default:
        return letter satisfies never
    }
  }

  /** §7.3: a validated name, the domain itself before one below it before any other. */
  async #nameOfClient(domain: string): Promise<string> {
    const all = await (this.#validated ?? this.#validate(false))
    const same = all.find(name => name.toLowerCase() === domain.toLowerCase())
    return same ?? all.find(name => isUnder(name, domain)) ?? all[0] ?? 'unknown'
  }

  /** §6.2: whatever is wrong with it, there is no explanation. */
  async explanation(exp: Evaluated['exp']): Promise<string | undefined> {
    const name = exp && (await this.#expand(exp.text, exp.domain))
    if (!exp || name === undefined || !canBeAsked(name)) return undefined
    const answer = await this.#names.txt(name)
    const [text, ...more] = answer.kind === 'found' ? answer.value : []
    const parsed = text === undefined || more.length > 0 ? undefined : parseMacroString(text, true)
    const expanded = parsed && (await expandMacro(parsed, letter => this.#letter(letter, exp.domain)))
    return expanded?.replace(/[^ -~]/g, '?').slice(0, maxExplanationCharacters)
  }
}

function matched({ qualifier, text }: Directive, { exp }: SpfRecord, domain: string): Evaluated {
  return { result: qualifier, reason: `${domain}: ${text}`, exp: exp && { text: exp, domain } }
}

function isUnder(name: string, domain: string): boolean {
  const [one, other] = [name.toLowerCase(), domain.toLowerCase()]
  return one === other || one.endsWith(`.${other}`)
}
