/** Did you mean …: by spelling, by place, and for words of the programs that people come from. */
import type { Text } from '#base/text.ts'

const maxDistance = 2

/** Names of Postfix, Dovecot and their images → where we keep the same thing. */
const foreignWords: Readonly<Record<string, string>> = {
  myhostname: 'hostname',
  mail_location: 'data',
  relayhost: 'outbound.upstreams',
  relay_host: 'outbound.upstreams',
  relay_transport: 'gateway.home.url',
  virtual_transport: 'gateway.home.url',
  relay_domains: 'gateway.domains',
  mydestination: 'gateway.domains',
  mynetworks: 'home.gateways',
  ssl_cert: 'tls.certificates',
  ssl_key: 'tls.certificates',
  smtpd_tls_cert_file: 'tls.certificates',
  smtpd_tls_key_file: 'tls.certificates',
  ssl_protocols: 'tls.policy',
  ssl_min_protocol: 'tls.policy',
  ssl_cipher_list: 'tls.policy',
  smtpd_tls_security_level: 'tls.policy',
  message_size_limit: 'limits.messageSize',
  maximal_queue_lifetime: 'limits.outboundAge',
  log_path: 'log.level',
  protocols: 'listen',
}

/** The nearest of `candidates` by spelling, or undefined. Case, `_` and `-` do not count. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = maxDistance + 1
  for (const candidate of candidates) {
    const distance = editDistance(plain(word), plain(candidate))
    if (distance < bestDistance && distance < Math.max(plain(candidate).length, 2)) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** The sentence for an unknown key. `here` are the keys of its place, `everywhere` all paths of the schema. */
export function unknownKey(word: string, here: readonly string[], everywhere: readonly string[]): Text {
  const foreign = foreignWords[word.toLowerCase()]
  if (foreign)
    return { en: `unknown key; here this is ${foreign}`, ja: `知らないキーです。ここでは ${foreign} にあたります` }
  const near = nearest(word, here)
  if (near) return { en: `unknown key; did you mean ${near}?`, ja: `知らないキーです。${near} のことですか?` }
  const elsewhere = everywhere.find(path => path.split('.').at(-1) === word)
  if (elsewhere)
    return { en: `unknown key here; it belongs at ${elsewhere}`, ja: `ここには置けません。${elsewhere} に書きます` }
  const list = here.join(', ')
  return { en: `unknown key; known are ${list}`, ja: `知らないキーです。書けるのは ${list} です` }
}

function plain(word: string): string {
  return word
    .toLowerCase()
    .replaceAll(/[-_\s]/g, '')
    .slice(0, 64)
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let least = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (previous[j - 1] ?? 0) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1)
      row.push(least)
    }
    before = previous
    previous = row
  }
  return previous[b.length] ?? 0
}
