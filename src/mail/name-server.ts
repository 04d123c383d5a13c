/**
 * The port through which mail/ asks the DNS: net/dns.ts answers it in production (roles/name-server.ts), a table or a small server in
 * tests. Names come without a trailing dot, in any case; international ones as A-labels.
 */

export type DnsAnswer<Value> =
  | { readonly kind: 'found'; readonly value: Value }
  /** No such record: its owner says so. `exists` false: no such name at all (NXDOMAIN) */
  | { readonly kind: 'none'; readonly exists?: false }
  /** SERVFAIL, refused, no answer in time, or the signal: nothing is known */
  | { readonly kind: 'temporary'; readonly reason: string }

export type MailExchange = { readonly exchange: string; readonly priority: number }

/** Never rejects. `signal` ends the waiting, with a temporary answer; each question has a deadline of its own besides. */
export type NameServer = {
  /** One string for each record, its parts joined. RFC 7208 §3.3 */
  txt(name: string, signal?: AbortSignal): Promise<DnsAnswer<readonly string[]>>
  /** IPv4 addresses */
  a(name: string, signal?: AbortSignal): Promise<DnsAnswer<readonly string[]>>
  /** IPv6 addresses */
  aaaa(name: string, signal?: AbortSignal): Promise<DnsAnswer<readonly string[]>>
  /** Names of an address */
  ptr(address: string, signal?: AbortSignal): Promise<DnsAnswer<readonly string[]>>
  /** Ascending preference. The null MX (RFC 7505) comes as one record with exchange '' */
  mx(domain: string, signal?: AbortSignal): Promise<DnsAnswer<readonly MailExchange[]>>
}
