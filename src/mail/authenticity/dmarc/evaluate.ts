/** Does the author's domain answer for this message, and what does it ask for when not? RFC 9989 §5.3 */
import type { AuthenticationResult, DkimFinding, DmarcFinding, SpfFinding } from '../../verdicts.ts'
import type { Names } from '../names.ts'
import type { Author } from './author.ts'
import type { DmarcRecord, Policy } from './record.ts'
import { NoAnswer, organizationalDomain, policyRecord, type Walk, walkTree } from './tree.ts'

export type Authenticated = {
  readonly spf: SpfFinding
  readonly dkim: readonly DkimFinding[]
}

/** Letters by several authors are rare, and of several domains rarer still; each costs a walk. */
const maxDomains = 4

/**
 * A letter whose From names several domains is judged for each, and the strictest answer counts: otherwise a second From would be a
 * way around every policy (RFC 7489 §6.6.1, RFC 9989 §11.5).
 */
export async function evaluateDmarc(author: Author, authenticated: Authenticated, names: Names): Promise<DmarcFinding> {
  const finding = await evaluateAuthors(author, authenticated, names)
  if (!author.nul || finding.disposition !== 'none') return finding
  return { ...finding, result: 'permerror', alignedBy: [], disposition: 'quarantine', reason: 'a NUL in the header' }
}

async function evaluateAuthors(author: Author, authenticated: Authenticated, names: Names): Promise<DmarcFinding> {
  const { domains, fields, unreadable, hidden, tooLong } = author
  if (tooLong) return { ...noPolicy('From is too long'), result: 'permerror', disposition: 'quarantine' }
  if (hidden) return { ...noPolicy('From cannot be read'), result: 'permerror', disposition: 'quarantine' }
  if (domains.length === 0) return noPolicy(fields === 0 ? 'no From field' : 'no domain in From')
  if (domains.length > maxDomains)
    return { ...noPolicy('too many domains in From'), result: 'permerror', disposition: 'quarantine' }
  const findings = await Promise.all(domains.map(domain => evaluateDomain(domain, authenticated, names)))
  const [first = noPolicy('no domain in From')] = findings.toSorted((a, b) => weight(b) - weight(a))
  if (domains.length === 1 && fields === 1 && !unreadable) return first
  // A pass for some of the names that are shown is no pass for all
  const partly = first.result === 'pass' && (unreadable || findings.some(({ result }) => result !== 'pass'))
  const reason = [fields > 1 ? 'several From fields' : 'several authors', first.reason].filter(Boolean).join(': ')
  return { ...first, ...(partly && { result: 'none', alignedBy: [] }), reason }
}

function noPolicy(reason: string): DmarcFinding {
  return { result: 'none', domain: undefined, policy: undefined, alignedBy: [], disposition: 'none', reason }
}

function weight({ disposition, result }: DmarcFinding): number {
  const severities = { none: 0, quarantine: 10, reject: 20 }
  const results: Partial<Record<DmarcFinding['result'], number>> = { fail: 3, temperror: 2, permerror: 2, pass: 1 }
  return severities[disposition] + (results[result] ?? 0)
}

async function evaluateDomain(domain: string, authenticated: Authenticated, names: Names): Promise<DmarcFinding> {
  try {
    const walk = await walkTree(domain, names)
    const found = policyRecord(walk)
    if (!found) return noPolicy('no policy')
    if (found.record === 'unusable') return noPolicy('the policy record cannot be used')
    return await applyPolicy(walk, found.domain, found.record, authenticated, names)
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    return { ...noPolicy(error.message), result: 'temperror' }
  }
}

async function applyPolicy(
  walk: Walk,
  policyDomain: string,
  record: DmarcRecord,
  authenticated: Authenticated,
  names: Names,
): Promise<DmarcFinding> {
  const policy = await policyFor(walk.start, policyDomain, record, names)
  const { aligned, unknown } = await alignedBy(walk, record, authenticated, names)
  const about = { domain: policyDomain, policy, alignedBy: aligned }
  if (aligned.length > 0) return { ...about, result: 'pass', disposition: 'none' }
  // §5.3.6: neither pass nor fail while an answer is owed
  if (unknown !== undefined) return { ...about, result: 'temperror', disposition: 'none', reason: unknown }
  return { ...about, result: 'fail', disposition: record.testing ? milder(policy) : policy }
}

/** sp= and np= are for the domains below the one with the record (§4.10.1). A name exists unless DNS says that it does not. */
async function policyFor(domain: string, policyDomain: string, record: DmarcRecord, names: Names): Promise<Policy> {
  if (domain === policyDomain) return record.policy
  if (record.nonexistent !== undefined) {
    const answer = await names.a(domain)
    if (answer.kind === 'none' && !answer.exists) return record.nonexistent
  }
  return record.subdomains ?? record.policy
}

/** t=y, §4.7 */
function milder(policy: Policy): Policy {
  return policy === 'reject' ? 'quarantine' : 'none'
}

type Alignment = { readonly aligned: readonly ('spf' | 'dkim')[]; readonly unknown: string | undefined }

/** §4.4, §4.10.2 */
async function alignedBy(
  walk: Walk,
  record: DmarcRecord,
  { spf, dkim }: Authenticated,
  names: Names,
): Promise<Alignment> {
  const aligns = (domain: string, mode: 'strict' | 'relaxed') => isAligned(walk, domain, mode, names)
  const domainsOf = (result: AuthenticationResult) => [
    ...new Set(dkim.filter(one => one.result === result).map(one => one.domain)),
  ]
  const of = async (result: AuthenticationResult) => ({
    spf: spf.result === result && (await aligns(spf.domain, record.spf)),
    dkim: await Promise.all(domainsOf(result).map(domain => aligns(domain, record.dkim))),
  })
  const passed = await of('pass')
  const aligned = [
    ...(passed.spf === true ? ['spf' as const] : []),
    ...(passed.dkim.includes(true) ? ['dkim' as const] : []),
  ]
  if (aligned.length > 0) return { aligned, unknown: undefined }
  // Only what could have aligned counts: a sender with dead name servers of his own must not get around a policy
  const owed = await of('temperror')
  if (owed.spf !== false) return { aligned, unknown: 'SPF is not known' }
  if (owed.dkim.some(one => one !== false)) return { aligned, unknown: 'a signature could not be verified now' }
  const walks = [passed.spf, ...passed.dkim]
  return { aligned, unknown: walks.includes('unknown') ? 'alignment is not known' : undefined }
}

async function isAligned(
  author: Walk,
  domain: string,
  mode: 'strict' | 'relaxed',
  names: Names,
): Promise<boolean | 'unknown'> {
  if (domain === author.start) return true
  if (mode === 'strict') return false
  const organization = organizationalDomain(author)
  // Whose organization it is stands above it in the tree: others need no walk
  if (domain !== organization && !domain.endsWith(`.${organization}`)) return false
  try {
    return organizationalDomain(await walkTree(domain, names)) === organization
  } catch (error) {
    if (error instanceof NoAnswer) return 'unknown'
    throw error
  }
}
