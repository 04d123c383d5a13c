/** Which policy applies to a domain, and which organization it belongs to, by the DNS Tree Walk. RFC 9989 §4.10 */
import { maxTreeQueries } from '../limits.ts'
import { canBeAsked, type NameAnswer, type Names } from '../names.ts'
import { type DmarcRecord, parseDmarcRecord } from './record.ts'

type Found = { readonly domain: string; readonly record: DmarcRecord | 'unusable' }

/** A walk from a domain upwards: the records on the way, the longest name first. */
export type Walk = { readonly start: string; readonly found: readonly Found[] }

/** Nothing is known, so nobody is refused for it. */
export class NoAnswer extends Error {}

/** The names that are asked, §4.10 steps 3, 4 and 7: eight at most, whatever the domain's length. */
export function walkNames(domain: string): string[] {
  const labels = domain.split('.')
  const longest = Math.min(labels.length - 1, maxTreeQueries - 1)
  return [domain, ...Array.from({ length: longest }, (_, index) => labels.slice(index - longest).join('.'))]
}

export async function walkTree(domain: string, names: Names): Promise<Walk> {
  const domains = walkNames(domain)
  const answers = await Promise.all(domains.map(one => askFor(one, names)))
  const found: Found[] = []
  for (const [index, one] of domains.entries()) {
    const record = recordIn(answers[index], one)
    if (record === undefined) continue
    found.push({ domain: one, record })
    if (record !== 'unusable' && record.psd !== 'u') break
  }
  return { start: domain, found }
}

function askFor(domain: string, names: Names): Promise<NameAnswer<readonly string[]>> {
  const name = `_dmarc.${domain}`
  return canBeAsked(name) ? names.txt(name) : Promise.resolve({ kind: 'none', exists: false })
}

/** Step 2: several records are none. */
function recordIn(
  answer: NameAnswer<readonly string[]> | undefined,
  domain: string,
): DmarcRecord | 'unusable' | undefined {
  if (!answer || answer.kind === 'temporary') {
    // A top-level domain whose servers do not know `_dmarc` has no policy
    if (!domain.includes('.')) return undefined
    throw new NoAnswer(`no answer about _dmarc.${domain} (${answer?.reason ?? ''})`)
  }
  if (answer.kind === 'none') return undefined
  const [record, ...more] = answer.value.map(parseDmarcRecord).filter(one => one !== 'none')
  return more.length > 0 ? undefined : record
}

/** §4.10.2 */
export function organizationalDomain({ start, found }: Walk): string {
  for (const { domain, record } of found) {
    if (record === 'unusable') continue
    if (record.psd === 'n') return domain
    if (record.psd === 'y' && domain !== start) return oneLabelBelow(domain, start)
  }
  return found.at(-1)?.domain ?? start
}

function oneLabelBelow(domain: string, start: string): string {
  const below = start.slice(0, start.length - domain.length - 1)
  return `${below.slice(below.lastIndexOf('.') + 1)}.${domain}`
}

/** §4.10.1: of the domain itself, else of its organization, else of its public suffix. */
export function policyRecord(walk: Walk): Found | undefined {
  const at = (domain: string | undefined) => walk.found.find(one => one.domain === domain)
  const suffix = walk.found.find(({ record }) => record !== 'unusable' && record.psd === 'y')
  return at(walk.start) ?? at(organizationalDomain(walk)) ?? suffix
}
