/** A DMARC policy record. RFC 9989 §4.7, §4.8; of RFC 7489 only `pct=0` is left, which says what `t=y` says today. */
import { trimBlanks } from '../tag-list.ts'

export type Policy = 'none' | 'quarantine' | 'reject'

export type DmarcRecord = {
  readonly policy: Policy
  readonly subdomains: Policy | undefined
  readonly nonexistent: Policy | undefined
  /** t=y: one step milder than it says */
  readonly testing: boolean
  readonly psd: 'y' | 'n' | 'u'
  readonly spf: 'strict' | 'relaxed'
  readonly dkim: 'strict' | 'relaxed'
}

const version = /^[ \t]*v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/

/** `none`: another kind of record. `unusable`: DMARC is not applied (§4.10.1), and yet there is a record. */
export function parseDmarcRecord(text: string): DmarcRecord | 'none' | 'unusable' {
  if (!version.test(text)) return 'none'
  const tags = tagsOf(text)
  const [policy, subdomains, nonexistent] = ['p', 'sp', 'np'].map(name => policyOf(tags.get(name)))
  const psd = tags.get('psd')?.toLowerCase()
  const sound = policy && policy !== 'wrong' && subdomains !== 'wrong' && nonexistent !== 'wrong'
  if (!sound && !hasReportAddress(tags.get('rua'))) return 'unusable'
  return {
    // §4.10.1: what cannot be read asks for nothing
    ...(sound
      ? { policy, subdomains, nonexistent }
      : { policy: 'none', subdomains: undefined, nonexistent: undefined }),
    testing: tags.get('t')?.toLowerCase() === 'y' || tags.get('pct') === '0',
    psd: psd === 'y' || psd === 'n' ? psd : 'u',
    spf: tags.get('aspf')?.toLowerCase() === 's' ? 'strict' : 'relaxed',
    dkim: tags.get('adkim')?.toLowerCase() === 's' ? 'strict' : 'relaxed',
  }
}

/** Unknown and broken ones are passed over; of those that stand twice the first counts. */
function tagsOf(text: string): Map<string, string> {
  const tags = new Map<string, string>()
  for (const spec of text.split(';').slice(1, 100)) {
    const at = spec.indexOf('=')
    const name = trimBlanks(spec.slice(0, Math.max(at, 0))).toLowerCase()
    if (name !== '' && !tags.has(name)) tags.set(name, trimBlanks(spec.slice(at + 1)))
  }
  return tags
}

function policyOf(value: string | undefined): Policy | 'wrong' | undefined {
  const policy = value?.toLowerCase()
  if (policy === undefined) return undefined
  return policy === 'none' || policy === 'quarantine' || policy === 'reject' ? policy : 'wrong'
}

function hasReportAddress(rua: string | undefined): boolean {
  return (rua ?? '').split(',').some(uri => /^[ \t]*mailto:[^ \t@,!]+@[^ \t@,!]+/i.test(uri))
}
