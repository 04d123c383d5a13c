/** Mail straight to the recipients' domains. RFC 5321 §5.1, null MX RFC 7505 */
import { asciiText } from '#base/bytes.ts'
import { canonicalDomain } from '#formats/address/domain.ts'
import type { Envelope, EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import { fieldValue, parseHeader } from '#formats/message/header.ts'
import { type StsPolicy, stsAllows } from '#formats/mta-sts/mta-sts.ts'
import type { StsPolicies } from '#mail/mta-sts/policies.ts'
import { headerOf } from '#mail/receive/header-of.ts'
import type { Transport } from '#mail/transport.ts'
import type { MxRecord, Resolver } from '#net/dns.ts'
import { isBrokenOff, isSentAway } from './broken-off.ts'
import { takesChunks } from './chunks-refused.ts'
import { ClientFailure } from './client-failure.ts'
import { deferred, resultOf, sendMessage, unreached } from './client-send.ts'
import { type ClientOptions, openClient, type SmtpClient, type TlsPolicy } from './client.ts'
import { maxHostsTried } from './limits.ts'
import type { KeptConnections } from './mx-kept.ts'
import { failureReply } from './transport.ts'

export type MxTransportOptions = {
  readonly resolver: Resolver
  readonly helo: string
  /** 25 */
  readonly port?: number
  /** Opportunistic unless told otherwise */
  readonly tls?: TlsPolicy
  /** Connect, TLS and greeting of one host */
  readonly budgetMs?: number
  /** MTA-STS. RFC 8461 */
  readonly policies?: Pick<StsPolicies, 'policyFor'>
  /** Authorities by which a host is verified where it must be; the system's when absent */
  readonly ca?: string
  /** Connections for the next letter; absent: each letter has its own */
  readonly kept?: KeptConnections
  /** Told of each new connection to a host that a policy had an opinion on: the place of reports (RFC 8460) */
  readonly onTls?: (seen: TlsSeen) => void
  /** We ourselves, by a host name or by an address: never connected to, nor is what the domain prefers less */
  readonly isOurs?: (nameOrAddress: string) => boolean
}

/** What a policy and a host made of each other */
export type TlsSeen = {
  readonly domain: string
  readonly policy: StsPolicy
  readonly host: string
  /** `not-listed`: the policy does not name it. `failed`: no TLS, or not with a certificate that holds */
  readonly result: 'verified' | 'not-listed' | 'failed'
  readonly reason?: string
}

const domainsAtOnce = 10
/** A host that doesn't answer costs so much of the attempt */
const hostBudgetMs = 30_000

export function mxTransport(options: MxTransportOptions): Transport {
  return async (envelope, message, signal) => {
    const results = new Map<EnvelopeRecipient, RecipientResult>()
    const groups = [...Map.groupBy(envelope.recipients, recipient => domainOf(recipient.address))]
    const next = async (): Promise<void> => {
      for (let group = groups.shift(); group; group = groups.shift()) {
        const [domain, recipients] = group
        const got = await sendToDomain(options, domain, { ...envelope, recipients }, message, signal)
        recipients.forEach((recipient, at) => results.set(recipient, got[at] ?? deferred(notTried)))
      }
    }
    await Promise.all(Array.from({ length: domainsAtOnce }, next))
    return envelope.recipients.map(recipient => results.get(recipient) ?? deferred(notTried))
  }
}

const notTried = smtpReply(451, '4.4.0', 'Not tried')

/** In A-labels: DNS knows no others. RFC 5890 §2.3.2.1 */
function domainOf(address: string): string {
  const written = address.slice(address.lastIndexOf('@') + 1)
  return canonicalDomain(written) ?? written.toLowerCase()
}

async function sendToDomain(
  options: MxTransportOptions,
  domain: string,
  envelope: Envelope,
  message: MessageSource,
  signal: AbortSignal,
): Promise<readonly RecipientResult[]> {
  const all = (reply: SmtpReply) =>
    envelope.recipients.map(() => (reply.code < 500 ? unreached(reply) : resultOf(reply)))
  try {
    const route = await routeOf(options, domain)
    if ('code' in route) return all(route)
    const security = await securityOf(options, domain, envelope, message)
    if ('code' in security) return all(security)
    const hosts = allowedHosts(options, domain, security, route)
    if (hosts.length === 0) return all(noneAllowed(domain))
    let last = smtpReply(451, '4.4.3', `No host of ${domain} has an address`)
    let tried = 0
    for await (const place of addressesOf(options, hosts)) {
      if (place === 'ours') return all(hosts.length < route.length ? noneAllowed(domain) : pointsToUs(domain))
      if (tried++ >= maxHostsTried || signal.aborted) break
      const { host, address } = place
      const attempt = await tryHost({ options, security, domain }, host, address, envelope, message, signal)
      if (!('code' in attempt)) return attempt
      last = attempt
    }
    return all(last)
  } catch (error) {
    return all(failureReply(error))
  }
}

/** In order of preference, those of equal preference in random order; or why there are none. */
async function routeOf(options: MxTransportOptions, domain: string): Promise<readonly MxRecord[] | SmtpReply> {
  const { resolver } = options
  const literal = /^\[(?:IPv6:)?([0-9A-Fa-f:.]+)\]$/.exec(domain)?.[1]
  if (literal !== undefined) return [{ exchange: literal, priority: 0 }]
  const answer = await resolver.mx(domain)
  if (answer.kind === 'temporary')
    return smtpReply(451, '4.4.3', `DNS does not tell where ${domain} is (${answer.reason})`)
  if (answer.kind === 'none') return options.isOurs?.(domain) ? pointsToUs(domain) : await implicitMx(resolver, domain)
  const records = answer.value.filter(record => record.exchange !== '' && record.exchange !== '.')
  if (records.length === 0) return smtpReply(556, '5.1.10', `${domain} takes no mail (null MX)`) // RFC 7505 §4.2
  const better = betterThanUs(records, ({ exchange }) => options.isOurs?.(exchange) ?? false)
  return better.length === 0 ? pointsToUs(domain) : shuffled(better)
}

/** RFC 5321 §5.1: our own record, all of its preference and all that come after it are no way for us. */
function betterThanUs(records: readonly MxRecord[], isOurs: (record: MxRecord) => boolean): readonly MxRecord[] {
  const ours = Math.min(...records.filter(isOurs).map(({ priority }) => priority))
  return records.filter(({ priority }) => priority < ours)
}

/** RFC 5321 §5.1: no records left is an error, and the message goes back. */
function pointsToUs(domain: string): SmtpReply {
  return smtpReply(554, '5.4.6', `MX-LOOP: mail for ${domain} leads back to this server, which does not take it`)
}

/** RFC 5321 §5.1: a domain without MX records is its own host */
async function implicitMx(resolver: Resolver, domain: string): Promise<readonly MxRecord[] | SmtpReply> {
  const answer = await resolver.addresses(domain)
  if (answer.kind === 'found') return [{ exchange: domain, priority: 0 }]
  if (answer.kind === 'temporary')
    return smtpReply(451, '4.4.3', `DNS does not tell where ${domain} is (${answer.reason})`)
  return smtpReply(550, '5.1.2', `There is no such mail domain as ${domain}`)
}

function shuffled(records: readonly MxRecord[]): readonly MxRecord[] {
  return records
    .map(record => ({ record, dice: Math.random() }))
    .toSorted((a, b) => a.record.priority - b.record.priority || a.dice - b.dice)
    .map(({ record }) => record)
}

type Place = { readonly host: string; readonly address: string }

/**
 * Hosts of one preference are looked up together: where one of them is ourselves, none of them is a way, nor what comes after. `ours`:
 * there is no better one. RFC 5321 §5.1
 */
async function* addressesOf(
  { resolver, isOurs }: MxTransportOptions,
  records: readonly MxRecord[],
): AsyncGenerator<Place | 'ours'> {
  const byPreference = [...Map.groupBy(records, ({ priority }) => priority).values()]
  for (const [rank, equals] of byPreference.entries()) {
    const places = await Promise.all(
      equals.slice(0, maxHostsTried).map(async ({ exchange: host }): Promise<readonly Place[]> => {
        const answer = await resolver.addresses(host)
        return answer.kind === 'found' ? answer.value.map(address => ({ host, address })) : []
      }),
    )
    if (places.flat().some(({ address }) => isOurs?.(address))) {
      if (rank === 0) yield 'ours'
      return
    }
    yield* places.flat()
  }
}

/** What the domain, or the sender, asks of the way there. */
type Security = {
  /** Certificates must hold */
  readonly verified: boolean
  readonly policy: StsPolicy | undefined
}

/** RFC 8461 §5; RFC 8689 §4.2.1 for REQUIRETLS, §4.3 for what its sender wants delivered whatever TLS is like */
async function securityOf(
  { policies }: MxTransportOptions,
  domain: string,
  envelope: Envelope,
  message: MessageSource,
): Promise<Security | SmtpReply> {
  if (domain.startsWith('[')) return envelope.requireTls ? notProven(domain) : { verified: false, policy: undefined }
  const policy = await policies?.policyFor(domain)
  if (envelope.requireTls) {
    // DNS is not secured here, so only a policy proves that a host is the domain's
    return policy && policy.mode !== 'none' ? { verified: true, policy } : notProven(domain)
  }
  if (policy?.mode === 'enforce' && !(await tlsIsOptional(message))) return { verified: true, policy }
  return { verified: false, policy: policy?.mode === 'testing' ? policy : undefined }
}

function notProven(domain: string): SmtpReply {
  return smtpReply(550, '5.7.30', `REQUIRETLS: nothing proves which hosts serve ${domain} (it has no MTA-STS policy)`)
}

function noneAllowed(domain: string): SmtpReply {
  return smtpReply(451, '4.7.5', `MTA-STS: the policy of ${domain} names none of its mail servers`)
}

function allowedHosts(
  { onTls }: MxTransportOptions,
  domain: string,
  { verified, policy }: Security,
  records: readonly MxRecord[],
): readonly MxRecord[] {
  if (!policy) return records
  for (const { exchange: host } of records)
    if (!stsAllows(policy, host)) onTls?.({ domain, policy, host, result: 'not-listed' })
  return verified ? records.filter(({ exchange }) => stsAllows(policy, exchange)) : records
}

type Attempt = {
  readonly options: MxTransportOptions
  readonly security: Security
  readonly domain: string
}

/** A reply says that this host did not let us begin, or sent us away at once (421), so that the next may be tried. */
async function tryHost(
  { options, security, domain }: Attempt,
  host: string,
  address: string,
  envelope: Envelope,
  message: MessageSource,
  signal: AbortSignal,
): Promise<readonly RecipientResult[] | SmtpReply> {
  const { policy, verified } = security
  const told = (result: 'verified' | 'failed', reason?: string) =>
    policy && options.onTls?.({ domain, policy, host, result, ...(reason !== undefined && { reason }) })
  const target = clientTo(options, verified, host, address)
  // What was proved when a connection was made holds for it alone
  const key = `${verified ? 'verified' : 'any'} ${host} ${address}`
  try {
    const again = await overKept(options.kept, key, client => sendMessage(client, envelope, message, signal), signal)
    if (again) return again
    const overNew = async (): Promise<readonly RecipientResult[]> => {
      const client = await openClient(target, signal)
      const inChunks = takesChunks(client)
      try {
        if (verified) told('verified')
        const results = await sendMessage(client, envelope, message, signal)
        return inChunks && !takesChunks(client) && !signal.aborted ? await overNew() : results
      } finally {
        giveBack(options.kept, key, client)
      }
    }
    const results = await overNew()
    return isSentAway(results) && results[0] ? results[0].reply : results
  } catch (error) {
    const reply = failureReply(error)
    if (verified && error instanceof ClientFailure && error.aboutTls) {
      told('failed', reply.lines.join(' '))
      return { ...reply, lines: [`MTA-STS: ${reply.lines.join(' ')}`] }
    }
    return reply
  }
}

function clientTo(options: MxTransportOptions, verified: boolean, host: string, address: string): ClientOptions {
  return {
    protocol: 'smtp',
    to: { address, port: options.port ?? 25 },
    host,
    helo: options.helo,
    tls: verified ? verifiedTls(options) : (options.tls ?? { mode: 'opportunistic', plainFallback: true }),
    budgetMs: options.budgetMs ?? hostBudgetMs,
  }
}

/** Undefined: nothing was kept, or it was gone before the message's end was sent; a new connection does as if there had been none. */
async function overKept(
  kept: KeptConnections | undefined,
  key: string,
  send: (client: SmtpClient) => Promise<readonly RecipientResult[]>,
  signal: AbortSignal,
): Promise<readonly RecipientResult[] | undefined> {
  const client = await kept?.take(key, signal)
  if (!client) return undefined
  try {
    const results = await send(client)
    if (signal.aborted || !isBrokenOff(results)) return results
    kept?.forget(key)
    return undefined
  } finally {
    giveBack(kept, key, client)
  }
}

function giveBack(kept: KeptConnections | undefined, key: string, client: SmtpClient): void {
  if (kept) kept.keep(key, client)
  else void client.quit()
}

function verifiedTls({ ca }: MxTransportOptions): TlsPolicy {
  return { mode: 'required', from: 'starttls', ...(ca !== undefined && { ca }) }
}

/** RFC 8689 §3: the sender's own word that this message may go without TLS. */
async function tlsIsOptional(message: MessageSource): Promise<boolean> {
  const header = await headerOf(message)
  const value = fieldValue(header, parseHeader(header, undefined, ['tls-required']), 'tls-required')
  return value !== undefined && /^\s*no\s*$/i.test(asciiText(value))
}
