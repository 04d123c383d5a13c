/** An SPF record as a value. A record with any syntax error counts not at all. RFC 7208 §4.5, §4.6, §5, §6 */
import { maxSpfMechanisms, maxSpfRecordCharacters } from '../limits.ts'
import { type Ip, parseIp, parseIp6 } from './ip.ts'
import { type MacroString, parseDomainSpec, parseMacroString } from './macro.ts'

export type Qualifier = 'pass' | 'fail' | 'softfail' | 'neutral'

export type Mechanism =
  | { readonly kind: 'all' }
  | { readonly kind: 'include'; readonly domain: MacroString }
  | { readonly kind: 'exists'; readonly domain: MacroString }
  | { readonly kind: 'ptr'; readonly domain: MacroString | undefined }
  | { readonly kind: 'a' | 'mx'; readonly domain: MacroString | undefined; readonly four: number; readonly six: number }
  | { readonly kind: 'ip'; readonly network: Ip; readonly prefix: number }

export type Directive = { readonly qualifier: Qualifier; readonly mechanism: Mechanism; readonly text: string }

export type SpfRecord = {
  readonly directives: readonly Directive[]
  readonly redirect: MacroString | undefined
  readonly exp: MacroString | undefined
}

/** §4.5: the version, then a space or the end */
export function isSpfRecord(text: string): boolean {
  return /^v=spf1(?: |$)/i.test(text)
}

const qualifiers: Readonly<Record<string, Qualifier>> = { '+': 'pass', '-': 'fail', '~': 'softfail', '?': 'neutral' }
const modifier = /^([a-z][a-z0-9._-]*)=(.*)$/i

class Problem extends Error {}

export function parseSpfRecord(text: string): SpfRecord | { readonly problem: string } {
  if (text.length > maxSpfRecordCharacters) return { problem: 'record is too long' }
  const terms = text.split(' ').slice(1)
  if (terms.length > maxSpfMechanisms) return { problem: 'record has too many terms' }
  try {
    return readTerms(terms.filter(term => term !== ''))
  } catch (error) {
    if (error instanceof Problem) return { problem: error.message }
    throw error
  }
}

function readTerms(terms: readonly string[]): SpfRecord {
  const directives: Directive[] = []
  const modifiers = new Map<string, MacroString>()
  for (const term of terms) {
    const [, name, value = ''] = modifier.exec(term) ?? []
    if (name === undefined) directives.push(directive(term))
    else readModifier(name.toLowerCase(), value, modifiers)
  }
  return { directives, redirect: modifiers.get('redirect'), exp: modifiers.get('exp') }
}

function readModifier(name: string, value: string, into: Map<string, MacroString>): void {
  const known = name === 'redirect' || name === 'exp'
  const parsed = known ? parseDomainSpec(value) : parseMacroString(value)
  if (!parsed) throw new Problem(`modifier ${printable(name)} cannot be read`)
  if (!known) return
  // §6: each at most once
  if (into.has(name)) throw new Problem(`modifier ${name} stands twice`)
  into.set(name, parsed)
}

function directive(term: string): Directive {
  const sign = qualifiers[term.charAt(0)]
  const text = sign ? term.slice(1) : term
  return { qualifier: sign ?? 'pass', mechanism: mechanism(text), text }
}

function mechanism(text: string): Mechanism {
  const [, written = '', rest = ''] = /^([a-z0-9]+)(.*)$/i.exec(text) ?? []
  const name = written.toLowerCase()
  const unreadable = () => new Problem(`term ${printable(text)} cannot be read`)
  switch (name) {
    case 'all':
      if (rest !== '') throw unreadable()
      return { kind: 'all' }
    case 'include':
    case 'exists': {
      const domain = rest.startsWith(':') ? parseDomainSpec(rest.slice(1)) : undefined
      if (!domain) throw unreadable()
      return name === 'include' ? { kind: 'include', domain } : { kind: 'exists', domain }
    }
    case 'ptr':
      return { kind: 'ptr', domain: optionalDomain(rest, unreadable) }
    case 'a':
    case 'mx': {
      const [, domain = '', four, six] = /^(.*?)(?:\/(0|[1-9][0-9]?))?(?:\/\/(0|[1-9][0-9]{0,2}))?$/.exec(rest) ?? []
      const prefixes = { four: Number(four ?? 32), six: Number(six ?? 128) }
      if (prefixes.four > 32 || prefixes.six > 128) throw unreadable()
      return { kind: name, domain: optionalDomain(domain, unreadable), ...prefixes }
    }
    case 'ip4':
    case 'ip6':
      return network(name, rest) ?? raise(unreadable())
    default:
      throw new Problem(`term ${printable(text)} is not known`)
  }
}

function optionalDomain(rest: string, unreadable: () => Problem): MacroString | undefined {
  if (rest === '') return undefined
  return (rest.startsWith(':') ? parseDomainSpec(rest.slice(1)) : undefined) ?? raise(unreadable())
}

function network(name: 'ip4' | 'ip6', rest: string): Mechanism | undefined {
  const [, address = '', prefix] = /^:([0-9a-f.:]+)(?:\/(0|[1-9][0-9]{0,2}))?$/i.exec(rest) ?? []
  const whole = name === 'ip4' ? 32 : 128
  if (address.includes(':') !== (name === 'ip6') || Number(prefix ?? 0) > whole) return undefined
  const ip = name === 'ip4' ? parseIp(address) : parseIp6(address)
  return ip && { kind: 'ip', network: ip, prefix: Number(prefix ?? whole) }
}

function raise(problem: Problem): never {
  throw problem
}

function printable(text: string): string {
  return text.replace(/[^!-~]/g, '?').slice(0, 60)
}
