/**
 * Which deliveries a letter is tied to.
 *
 * What a letter says of itself proves nothing: a stranger writes Received lines, and a program may store a letter with anybody's Message-ID. So
 * an id in it is only a hint, and counts where the account's own row of that delivery names this very email; a Message-ID leads to
 * submissions of this account and to deliveries for its own addresses, and to nothing else.
 */
import { asciiText } from '#base/bytes.ts'
import { canonicalAddress } from '#formats/address/address.ts'
import { parseHeader, unfold } from '#formats/message/header.ts'
import type { Account } from '#mail/account.ts'
import type { AccountReader } from '#mail/account-reader.ts'
import type { StoredEvent } from '#mail/events.ts'
import type { EmailId } from '#mail/ids.ts'
import { printEmailId } from '#mail/object-ids.ts'
import { headerOf, messageIdIn } from '#mail/receive/header-of.ts'
import type { MethodContext } from '../method.ts'
import { keptIn, submissionKind } from '../submission/submissions.ts'
import type { EmailTrace } from '../wire-trace.ts'

export type Tie = {
  readonly way: 'in' | 'out'
  readonly delivery: string
  /** Canonical: the account's own (`in`), or those of the submission as far as they are known */
  readonly recipients: ReadonlySet<string>
}

export type Ties = Pick<EmailTrace, 'foundBy'> & { readonly ties: readonly Tie[] }

/** Ours are the first; a few more where lists and forwarders stand before us */
const maxHints = 6
/** One letter sent again and again, or a Message-ID that many letters have */
const maxTies = 10
/** Addresses that are looked up for one Message-ID */
const maxLookups = 200

export const sentCopy = 'sent copy'

export async function tiesOf(email: EmailId, account: Account, context: MethodContext): Promise<Ties> {
  const message = await account.message(email)
  const header = message ? await headerOf(message) : new Uint8Array()
  const hints = message ? idsIn(header) : []
  const known = await account.read(reader => ({
    submitted: submissionsOf(reader, email),
    delivered: hints.flatMap(hint => deliveredAs(reader, email, hint)),
  }))
  if (known.submitted.length > 0) return { foundBy: 'submission', ties: known.submitted }
  if (known.delivered.length > 0) return { foundBy: 'delivery', ties: known.delivered.slice(0, maxTies) }
  const messageId = messageIdIn(header)
  const ties = messageId === undefined ? [] : await byMessageId(messageId, context)
  return { foundBy: ties.length > 0 ? 'messageId' : null, ties }
}

function submissionsOf(reader: AccountReader, email: EmailId): readonly Tie[] {
  const emailId = printEmailId(email)
  return reader
    .objects(submissionKind)
    .filter(({ value }) => value.includes(`"${emailId}"`))
    .map(keptIn)
    .filter(kept => kept.emailId === emailId)
    .slice(-maxTies)
    .map(({ delivery, envelope }) => outgoing(delivery, envelope.rcptTo))
}

export function outgoing(delivery: string, rcptTo: readonly { readonly email: string }[]): Tie {
  return { way: 'out', delivery, recipients: new Set(rcptTo.map(({ email }) => canonicalAddress(email) ?? email)) }
}

function deliveredAs(reader: AccountReader, email: EmailId, hint: string): readonly Tie[] {
  const recipients = reader.recipientsOf(email, hint)
  const own = reader.recipientsOf(email, `${hint}.sent`).includes(sentCopy)
  return [
    ...(recipients.length > 0 ? [{ way: 'in', delivery: hint, recipients: new Set(recipients) } as const] : []),
    ...(own ? [outgoing(hint, [])] : []),
  ]
}

/** In the order of the lines, each once. */
function idsIn(header: Uint8Array): readonly string[] {
  const fields = parseHeader(header, undefined, ['received']).slice(0, maxHints)
  const ids = fields.flatMap(field => {
    const [, id] = /\sid\s+([A-Za-z0-9._-]{1,128})[\s;]/.exec(asciiText(unfold(header, field))) ?? []
    return id ?? []
  })
  return [...new Set(ids)]
}

async function byMessageId(messageId: string, { login, sending, tracing }: MethodContext): Promise<readonly Tie[]> {
  const deliveries = Map.groupBy(await tracing.letter(messageId), ({ delivery = '' }) => delivery)
  const mine = new Map<string, boolean>()
  const isMine = async (address: string): Promise<boolean> => {
    const canonical = canonicalAddress(address)
    if (canonical === undefined) return false
    if (!mine.has(canonical) && mine.size < maxLookups) {
      const found = await sending.directory.resolve(canonical)
      mine.set(canonical, found.kind === 'local' && found.targets.some(({ account }) => account === login.account))
    }
    return mine.get(canonical) ?? false
  }
  const ties: Tie[] = []
  for (const [delivery, events] of [...deliveries].slice(-maxTies)) {
    if (events.some(event => event.kind === 'submitted' && event.detail?.['account'] === login.account))
      ties.push(outgoing(delivery, []))
    const recipients = new Set<string>()
    for (const to of arrivals(events)) if (await isMine(to)) recipients.add(canonicalAddress(to) ?? to)
    if (recipients.size > 0) ties.push({ way: 'in', delivery, recipients })
  }
  return ties
}

/** Who has got it: what was refused or is under way has no letter. */
function arrivals(events: readonly StoredEvent[]): ReadonlySet<string> {
  return new Set(events.flatMap(({ kind, to }) => (kind === 'delivered' && to !== undefined ? [to] : [])))
}
