/**
 * Our Authentication-Results field. RFC 8601 §2.2, §2.7; RFC 8617 §10.1 (arc), RFC 9989 §7.1 (dmarc).
 *
 * Strangers choose some of the values (domains, addresses, selectors): each is a token, or a quoted string without controls, or not
 * printed at all.
 */
import { utf8 } from '#base/bytes.ts'
import { canonicalAddress } from '#formats/address/address.ts'
import { foldWords } from '#formats/message/fold.ts'
import type { Authenticity, Verdicts } from '../verdicts.ts'

export function authenticationResults(authservId: string, peer: JudgedPeer, verdicts: Verdicts): Uint8Array {
  const entries = [
    ...connectionEntries(verdicts, peer.clientAddress),
    ...(verdicts.authenticity ? entriesOf(verdicts.authenticity, peer.reversePath) : []),
  ]
  if (entries.length === 0) entries.push(['none'])
  const words = entries.flatMap((entry, index) =>
    entry.map((word, at) => (at === entry.length - 1 && index < entries.length - 1 ? `${word};` : word)),
  )
  return utf8(foldWords('Authentication-Results', [`${value(authservId)};`, ...words]))
}

/** Whom the verdicts are about */
export type JudgedPeer = { readonly reversePath: string; readonly clientAddress: string }

/** Words that are never folded inside */
type Entry = readonly string[]

/** RFC 8601 §2.7.3 */
function connectionEntries({ connection }: Verdicts, clientAddress: string): Entry[] {
  if (!connection) return []
  const { result, name } = connection.reverse
  return [
    [
      `iprev=${result}`,
      ...property('policy.iprev', clientAddress),
      ...(name === undefined ? [] : [`(${comment(name)})`]),
    ],
  ]
}

function entriesOf({ fromDomain, spf, dkim, dmarc, arc }: Authenticity, reversePath: string): Entry[] {
  const identity =
    spf.scope === 'helo'
      ? property('smtp.helo', spf.domain)
      : property('smtp.mailfrom', canonicalAddress(reversePath) ?? '')
  const signatures = dkim.map(one => [
    `dkim=${one.result}`,
    ...reason(one.result === 'pass' ? undefined : one.reason),
    ...property('header.d', one.domain),
    ...property('header.s', one.selector),
    ...property('header.a', one.algorithm),
  ])
  return [
    [`spf=${spf.result}`, ...reason(spf.result === 'pass' ? undefined : spf.reason), ...identity],
    ...(signatures.length > 0 ? signatures : [['dkim=none']]),
    [
      `dmarc=${dmarc.result}`,
      ...reason(dmarc.reason),
      ...(dmarc.policy === undefined ? [] : [`(p=${dmarc.policy} dis=${dmarc.disposition})`]),
      ...property('header.from', fromDomain ?? ''),
    ],
    ...(arc.result === 'none' ? [] : [[`arc=${arc.result}`, ...reason(arc.reason)]]),
  ]
}

function reason(text: string | undefined): string[] {
  return text === undefined || text === '' ? [] : [`reason=${quoted(text)}`]
}

function property(name: string, text: string): string[] {
  return text === '' ? [] : [`${name}=${value(text)}`]
}

/** RFC 8601 §2.2 pvalue: a token, `local@domain`, or a quoted string */
function value(text: string): string {
  return /^[A-Za-z0-9!#$%&'*+^_`{|}~.-]+(?:@[A-Za-z0-9_.-]+)?$/.test(text) ? text : quoted(text)
}

function quoted(text: string): string {
  return `"${text.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]/g, '?').replace(/[\\"]/g, '\\$&')}"`
}

function comment(text: string): string {
  return text.replace(/[^ -~]/g, '?').replace(/[\\()]/g, '\\$&')
}
