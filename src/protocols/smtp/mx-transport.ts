/** Mail straight to the recipients' domains. RFC 5321 §5.1, null MX RFC 7505 */
import { canonicalDomain } from '#formats/address/domain.ts'
import type { Envelope, EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { Transport } from '#mail/transport.ts'
import type { MxRecord, Resolver } from '#net/dns.ts'
import { deferred, resultOf, sendMessage, unreached } from './client-send.ts'
import { openClient, type TlsPolicy } from './client.ts'
import { maxHostsTried } from './limits.ts'
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
  /** Addresses that are never connected to, e.g. our own: a loop. */
  readonly isOurs?: (address: string) => boolean
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
    let last = smtpReply(451, '4.4.3', `No host of ${domain} has an address`)
    let tried = 0
    for await (const { host, address } of addressesOf(options, route)) {
      if (tried++ >= maxHostsTried || signal.aborted) break
      const attempt = await tryHost(options, host, address, envelope, message, signal)
      if (!('code' in attempt)) return attempt
      last = attempt
    }
    return all(last)
  } catch (error) {
    return all(failureReply(error))
  }
}

/** Hosts in order of preference, those of equal preference in random order; or why there are none. */
async function routeOf({ resolver }: MxTransportOptions, domain: string): Promise<readonly string[] | SmtpReply> {
  const literal = /^\[(?:IPv6:)?([0-9A-Fa-f:.]+)\]$/.exec(domain)?.[1]
  if (literal !== undefined) return [literal]
  const answer = await resolver.mx(domain)
  if (answer.kind === 'temporary')
    return smtpReply(451, '4.4.3', `DNS does not tell where ${domain} is (${answer.reason})`)
  if (answer.kind === 'none') return await implicitMx(resolver, domain)
  const records = answer.value.filter(record => record.exchange !== '' && record.exchange !== '.')
  if (records.length === 0) return smtpReply(556, '5.1.10', `${domain} takes no mail (null MX)`) // RFC 7505 §4.2
  return shuffled(records).map(record => record.exchange)
}

/** RFC 5321 §5.1: a domain without MX records is its own host */
async function implicitMx(resolver: Resolver, domain: string): Promise<readonly string[] | SmtpReply> {
  const answer = await resolver.addresses(domain)
  if (answer.kind === 'found') return [domain]
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

async function* addressesOf({ resolver, isOurs }: MxTransportOptions, hosts: readonly string[]) {
  for (const host of hosts) {
    const answer = await resolver.addresses(host)
    if (answer.kind !== 'found') continue
    for (const address of answer.value) {
      // RFC 5321 §5.1: ourselves and all that come after would be a loop
      if (isOurs?.(address)) return
      yield { host, address }
    }
  }
}

/** A reply says that this host did not let us begin, so that the next may be tried. */
async function tryHost(
  options: MxTransportOptions,
  host: string,
  address: string,
  envelope: Envelope,
  message: MessageSource,
  signal: AbortSignal,
): Promise<readonly RecipientResult[] | SmtpReply> {
  try {
    const client = await openClient(
      {
        protocol: 'smtp',
        to: { address, port: options.port ?? 25 },
        host,
        helo: options.helo,
        tls: options.tls ?? { mode: 'opportunistic', plainFallback: true },
        budgetMs: options.budgetMs ?? hostBudgetMs,
      },
      signal,
    )
    try {
      return await sendMessage(client, envelope, message, signal)
    } finally {
      void client.quit()
    }
  } catch (error) {
    return failureReply(error)
  }
}
