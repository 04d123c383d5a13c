/** RCPT at home: who is here, who speaks for whom, and whether there is room. */
import { canonicalAddress, domainOf } from '#formats/address/address.ts'
import type { EnvelopeRecipient } from '#formats/envelope.ts'
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { Directory, LocalTarget } from '../directory.ts'
import { mailboxDisabled, noSuchUser, recipientOk, relayDenied } from '../receive/recipient-from-list.ts'
import { tryLater } from '../receive/reply-for-stranger.ts'
import type { SrsTarget } from '../srs.ts'
import type { Transaction } from './arrived.ts'
import { maxRecipients } from './limits.ts'
import type { Peer } from './options.ts'
import { diskFull, overQuota } from './verdict.ts'

type OwnDomains = Pick<Directory, 'domains'>

const onlyReports = smtpReply(550, '5.7.1', 'Only reports on a forwarded message are taken for this address')

/** One that is taken stands in `accepted` then. */
export async function judgeRecipient(transaction: Transaction, recipient: EnvelopeRecipient): Promise<SmtpReply> {
  const { accepted, parts, peer } = transaction
  const { clock, deliveries, directory, srs } = parts
  const { address } = recipient
  const canonical = canonicalAddress(address.toLowerCase() === 'postmaster' ? await ourPostmaster(directory) : address)
  if (!canonical) return smtpReply(501, '5.1.3', 'Not an address')
  if (accepted.length >= (parts.maxRecipients ?? maxRecipients)) return smtpReply(452, '4.5.3', 'Too many recipients')
  if (!gatewayHolds(peer, canonical)) return disagree(transaction, canonical)
  const back = srs?.back(canonical, clock.now())
  if (back && back.kind !== 'not-srs' && (await isOurs(directory, canonical)))
    return acceptBack(transaction, recipient, canonical, back)
  const found = await directory.resolve(canonical)
  switch (found.kind) {
    case 'unknown':
      return noSuchUser
    case 'disabled':
      return mailboxDisabled
    case 'foreign':
      return peer.gateway ? disagree(transaction, canonical) : relayDenied
    case 'local':
      break
    default:
      return found satisfies never
  }
  if (!deliveries.diskHasRoom()) return diskFull
  if (!(await allHaveRoom(transaction, found.targets))) return overQuota
  accepted.push({ recipient, canonical, targets: distinctAccounts(found.targets) })
  return recipientOk
}

async function isOurs(directory: OwnDomains, canonical: string): Promise<boolean> {
  const domain = domainOf(canonical)
  return (await directory.domains()).some(({ name }) => name === domain)
}

/** Reports alone: whoever has seen such an address must not write through us to the one behind it. */
function acceptBack(
  { accepted, envelope, parts }: Transaction,
  recipient: EnvelopeRecipient,
  canonical: string,
  back: SrsTarget,
): SmtpReply {
  if (back.kind !== 'good' || !parts.forward) return noSuchUser
  if (envelope.reversePath !== '') return onlyReports
  accepted.push({ recipient, canonical, targets: [], forwardTo: back.address })
  return recipientOk
}

/** RFC 5321 §4.5.1: `postmaster` without a domain is ours. */
async function ourPostmaster(directory: OwnDomains): Promise<string> {
  const [first] = await directory.domains()
  return first ? `postmaster@${first.name}` : 'postmaster'
}

function gatewayHolds({ gateway }: Peer, canonical: string): boolean {
  const domains = gateway?.domains ?? 'all'
  return domains === 'all' || domains.includes(domainOf(canonical) ?? '')
}

/** Two boxes of ours hold different things to be true: never a sender's bounce. */
function disagree({ parts, peer }: Transaction, recipient: string): SmtpReply {
  parts.log.error('A gateway brings mail for a domain that is not its own here', {
    gateway: peer.gateway?.name,
    recipient,
  })
  return tryLater
}

/** Mail from the hold is never refused for quota. A gateway that names no size may bring such mail: decided when it has come. */
async function allHaveRoom(
  { declaredSize, facts, parts, peer }: Transaction,
  targets: readonly LocalTarget[],
): Promise<boolean> {
  if (facts?.held ?? (peer.speaker !== undefined && declaredSize === undefined)) return true
  const size = declaredSize ?? 0
  const rooms = await Promise.all(targets.map(({ account }) => parts.deliveries.hasRoom(account, size)))
  return rooms.every(Boolean)
}

/** Two names of one alias may lead to one account. */
function distinctAccounts(targets: readonly LocalTarget[]): readonly LocalTarget[] {
  if (targets.length === 1) return targets
  return [...new Map(targets.map(target => [target.account, target])).values()]
}
