/** DNS over c-ares (never the thread pool's getaddrinfo): typed outcomes, a deadline for each question, given servers. */
import { Resolver as CaresResolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

export type DnsAnswer<Value> =
  | { readonly kind: 'found'; readonly value: Value }
  /** No such record: the domain says so itself. `exists` false: no such name at all (NXDOMAIN) */
  | { readonly kind: 'none'; readonly exists?: false }
  /** SERVFAIL, refused, no answer: nothing is known. `reason` is c-ares' code. */
  | { readonly kind: 'temporary'; readonly reason: string }

export type MxRecord = { readonly exchange: string; readonly priority: number }

export type Resolver = {
  /** Ascending preference. The null MX (RFC 7505) comes as one record with exchange ''. */
  mx(domain: string): Promise<DnsAnswer<readonly MxRecord[]>>
  /** IPv6 first, then IPv4. An address or `localhost` answers itself. */
  addresses(name: string): Promise<DnsAnswer<readonly string[]>>
  /** IPv4 addresses of a name */
  a(name: string): Promise<DnsAnswer<readonly string[]>>
  /** IPv6 addresses of a name */
  aaaa(name: string): Promise<DnsAnswer<readonly string[]>>
  /** One string for each record, its parts joined. RFC 7208 §3.3 */
  txt(name: string): Promise<DnsAnswer<readonly string[]>>
  /** Names of an address */
  ptr(address: string): Promise<DnsAnswer<readonly string[]>>
}

export type ResolverOptions = {
  /** `127.0.0.1:10053`, `[::1]:53`; the system's when absent */
  readonly servers?: readonly string[]
  /** For one try; c-ares doubles it for the second */
  readonly timeoutMs?: number
}

const defaultTimeoutMs = 2_500
const tries = 2
/** Records of one answer that are given on; TCP brings 64 KiB of them, and whoever owns a zone decides how often. TXT: their readers have bounds. */
const maxRecords = 250
/** Whatever c-ares does, nobody waits longer */
const deadlineMs = 10_000

export function createResolver(options: ResolverOptions = {}): Resolver {
  const cares = new CaresResolver({ timeout: options.timeoutMs ?? defaultTimeoutMs, tries })
  if (options.servers) cares.setServers([...options.servers])
  return {
    mx: domain =>
      ask(async () => first((await cares.resolveMx(domain)).map(plainMx).toSorted((a, b) => a.priority - b.priority))),
    a: name => ask(async () => first(await cares.resolve4(name))),
    aaaa: name => ask(async () => first(await cares.resolve6(name))),
    txt: name => ask(async () => (await cares.resolveTxt(name)).map(parts => parts.join(''))),
    // not `reverse`: it looks into the hosts file first, and calls a server that is down a name that is not there
    ptr: address => ask(async () => first(await cares.resolvePtr(reverseName(address)))),
    addresses: name => addressesOf(cares, name),
  }
}

function first<Value>(records: readonly Value[]): readonly Value[] {
  return records.slice(0, maxRecords)
}

function plainMx({ exchange, priority }: MxRecord): MxRecord {
  return { exchange, priority }
}

async function addressesOf(cares: CaresResolver, name: string): Promise<DnsAnswer<readonly string[]>> {
  if (isIP(name) > 0) return { kind: 'found', value: [name] }
  if (/^localhost\.?$/i.test(name)) return { kind: 'found', value: ['127.0.0.1', '::1'] } // RFC 6761 §6.3
  const [six, four] = await Promise.all([
    ask(async () => first(await cares.resolve6(name))),
    ask(async () => first(await cares.resolve4(name))),
  ])
  const found = [six, four].flatMap(answer => (answer.kind === 'found' ? answer.value : []))
  if (found.length > 0) return { kind: 'found', value: found }
  return six.kind === 'temporary' ? six : four
}

const none: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME'])

async function ask<Value extends readonly unknown[]>(question: () => Promise<Value>): Promise<DnsAnswer<Value>> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<DnsAnswer<Value>>(resolve => {
    timer = setTimeout(() => resolve({ kind: 'temporary', reason: 'ETIMEOUT' }), deadlineMs)
  })
  try {
    return await Promise.race([late, answered(question)])
  } finally {
    clearTimeout(timer)
  }
}

async function answered<Value extends readonly unknown[]>(question: () => Promise<Value>): Promise<DnsAnswer<Value>> {
  try {
    const value = await question()
    return value.length > 0 ? { kind: 'found', value } : { kind: 'none' }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    if (code === 'ENOTFOUND') return { kind: 'none', exists: false }
    return none.has(code) ? { kind: 'none' } : { kind: 'temporary', reason: code }
  }
}

/** `1.2.0.192.in-addr.arpa` (RFC 1035 §3.5), or nibbles under ip6.arpa (RFC 3596 §2.5); what is no address has no name. */
function reverseName(address: string): string {
  if (isIP(address) === 0) return ''
  const parsed = ipaddr.process(address)
  const bytes = parsed.toByteArray()
  if (parsed.kind() === 'ipv4') return `${bytes.toReversed().join('.')}.in-addr.arpa`
  const nibbles = bytes.flatMap(byte => [(byte >> 4).toString(16), (byte & 0x0f).toString(16)])
  return `${nibbles.toReversed().join('.')}.ip6.arpa`
}
