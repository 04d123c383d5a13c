/**
 * What a script redirects leaves with a reverse-path of ours, so SPF passes for us at the next server. For a letter whose author
 * claims to be one of us that would be in line with From (RFC 7489 §3.1.2): our name would vouch for whoever wrote it.
 */
import { canonicalDomain } from '#formats/address/domain.ts'
import { inspectForSubmission } from '#formats/message/inspect-submission.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { headerOf } from '../receive/header-of.ts'
import type { Authenticity } from '../verdicts.ts'
import type { OneDelivery } from './into-account.ts'
import type { HomeParts } from './options.ts'

/** The author is in a domain of ours and nothing has proved it. False where nobody could judge: our own people's letters among them. */
export async function wouldVouch(
  { directory }: Pick<HomeParts, 'directory'>,
  { facts, received }: Pick<OneDelivery, 'facts' | 'received'>,
): Promise<boolean> {
  const found = facts?.verdicts?.authenticity
  if (!found || found.dmarc.result === 'pass' || found.dmarc.result === 'temperror') return false
  const authors = found.fromDomain === undefined ? await authorDomains(received) : [found.fromDomain]
  if (authors === 'unreadable') return true
  const ours = (await directory.domains()).map(({ name }) => name)
  return authors.some(author => ours.some(own => inLine(own, author)) && !isProved(author, found))
}

/** No field, several, or one that is no single address: every domain that stands there. Nobody knows what the next reader finds in the unreadable. */
async function authorDomains(message: MessageSource): Promise<readonly string[] | 'unreadable'> {
  const { from, missing, stray } = inspectForSubmission(await headerOf(message))
  const words = [...from, ...stray].map(address => address.slice(address.lastIndexOf('@') + 1))
  if (words.length === 0) return missing.includes('from') ? [] : 'unreadable'
  return words.flatMap(word => canonicalDomain(word) ?? [])
}

/** A domain without a DMARC policy passes none: then SPF and DKIM count as they would with one. */
function isProved(author: string, { dkim, dmarc, fromDomain, spf }: Authenticity): boolean {
  if (dmarc.result !== 'none' || fromDomain === undefined) return false
  const bySpf = spf.result === 'pass' && spf.scope === 'mailfrom' && inLine(spf.domain, author)
  return bySpf || dkim.some(({ domain, result }) => result === 'pass' && inLine(domain, author))
}

/** The same, or one within the other. */
function inLine(one: string, other: string): boolean {
  return one === other || one.endsWith(`.${other}`) || other.endsWith(`.${one}`)
}
