/** MTA-STS: the record that says there is a policy, the policy, and which hosts it allows. RFC 8461 §3, §4.1 */
import { canonicalDomain } from '../address/domain.ts'
import { maxPolicyAgeS, maxPolicyHosts } from './limits.ts'

export type StsMode = 'enforce' | 'testing' | 'none'

export type StsPolicy = {
  readonly mode: StsMode
  /** Lower case; `*.` before a name stands for one label */
  readonly mx: readonly string[]
  /** Seconds */
  readonly maxAge: number
}

/** The id of the one valid record among the TXT strings of `_mta-sts.DOMAIN`; undefined: no policy can be had. §3.1 */
export function stsRecordId(records: readonly string[]): string | undefined {
  const [record, ...others] = records.filter(text => /^v=STSv1[ \t]*;/.test(text))
  if (record === undefined || others.length > 0) return undefined
  return /;[ \t]*id=([A-Za-z0-9]{1,32})[ \t]*(?:;|$)/.exec(record)?.[1]
}

/** Undefined when it is no valid policy. Unknown fields are passed over; of doubled ones the first counts. §3.2 */
export function parseStsPolicy(text: string): StsPolicy | undefined {
  const fields = new Map<string, string>()
  const mx: string[] = []
  for (const line of text.split(/\r?\n/)) {
    const [, key, value] = /^[ \t]*([A-Za-z0-9][A-Za-z0-9_.-]{0,31})[ \t]*:[ \t]*(.*?)[ \t]*$/.exec(line) ?? []
    if (key === undefined || value === undefined) continue
    if (key === 'mx') mx.push(value.toLowerCase().replace(/\.$/, ''))
    else if (!fields.has(key)) fields.set(key, value)
  }
  const mode = fields.get('mode')
  const maxAge = fields.get('max_age') ?? ''
  if (fields.get('version') !== 'STSv1' || !/^\d{1,10}$/.test(maxAge)) return undefined
  if (mode !== 'enforce' && mode !== 'testing' && mode !== 'none') return undefined
  if (mx.length > maxPolicyHosts || !mx.every(isPattern) || (mode !== 'none' && mx.length === 0)) return undefined
  return { mode, mx, maxAge: Math.min(Number(maxAge), maxPolicyAgeS) }
}

function isPattern(pattern: string): boolean {
  return canonicalDomain(pattern.replace(/^\*\./, '')) !== undefined
}

/** Whether the policy names this host; a `*` is the whole of one label, the first. §4.1 */
export function stsAllows({ mx }: Pick<StsPolicy, 'mx'>, host: string): boolean {
  const name = host.toLowerCase().replace(/\.$/, '')
  return mx.some(pattern =>
    pattern.startsWith('*.')
      ? name.slice(name.indexOf('.') + 1) === pattern.slice(2) && name.includes('.')
      : name === pattern,
  )
}
