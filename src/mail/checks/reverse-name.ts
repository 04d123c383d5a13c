/** The reverse name of an address, and whether it leads back to it: iprev. RFC 8601 §3 and §2.7.3 */
import ipaddr from 'ipaddr.js'
import { deadline } from '#base/deadline.ts'
import type { NameServer } from '../name-server.ts'
import type { ConnectionFindings } from '../verdicts.ts'
import { maxReverseNames } from './limits.ts'

export type ReverseFinding = ConnectionFindings['reverse']

/** Never rejects; `timeoutMs` bounds all questions together. The name is in lower case, without its final dot. */
export async function reverseName(
  address: string,
  names: NameServer,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ReverseFinding> {
  using limit = deadline(signal, timeoutMs)
  const found = await names.ptr(address, limit.signal)
  if (found.kind === 'temporary') return { result: 'temperror' }
  // RFC 8601 §2.7.3: no PTR at all is "permerror", a name that leads elsewhere "fail"
  const claimed = found.kind === 'found' ? found.value.map(plainName).filter(name => name !== '') : []
  if (claimed.length === 0) return { result: 'permerror' }
  const answers = await Promise.all(
    claimed
      .slice(0, maxReverseNames)
      .map(async name => ({ name, leads: await leadsTo(name, address, names, limit.signal) })),
  )
  const right = answers.find(({ leads }) => leads === 'here')
  if (right) return { result: 'pass', name: right.name }
  const [first] = claimed
  const unknown = answers.some(({ leads }) => leads === 'unknown')
  return { result: unknown ? 'temperror' : 'fail', ...(first !== undefined && { name: first }) }
}

async function leadsTo(
  name: string,
  address: string,
  names: NameServer,
  signal: AbortSignal,
): Promise<'here' | 'elsewhere' | 'unknown'> {
  const answer = address.includes(':') ? await names.aaaa(name, signal) : await names.a(name, signal)
  if (answer.kind === 'temporary') return 'unknown'
  if (answer.kind !== 'found') return 'elsewhere'
  const wanted = canonical(address)
  // IPv4 addresses have one spelling
  const leads = address.includes(':')
    ? answer.value.some(one => canonical(one) === wanted)
    : answer.value.includes(wanted)
  return leads ? 'here' : 'elsewhere'
}

function canonical(address: string): string {
  return ipaddr.isValid(address) ? ipaddr.process(address).toNormalizedString() : address
}

/** What a PTR may hold is up to its owner: a name that could not stand in a header field is none. */
function plainName(name: string): string {
  const plain = name.toLowerCase().replace(/\.$/, '')
  return /^[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?$/.test(plain) && !plain.includes('..') ? plain : ''
}
