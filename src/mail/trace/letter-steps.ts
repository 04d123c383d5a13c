/**
 * What an account may know of a delivery, as steps.
 *
 * Invariants: of a received letter only what concerns this account's own recipients is told: no other recipient (some had it by Bcc), no other
 * account's filing or redirects behind a shared address, no reply that names somebody else; of a sent one all recipients of that submission,
 * and nothing of what happened in the accounts of those who are ours too.
 */
import { canonicalAddress } from '#formats/address/address.ts'
import type { EventKind, StoredEvent } from '../events.ts'
import type { AccountId } from '../ids.ts'
import { isTime } from './told-events.ts'
import type { BoxRole, TracedEvent } from './tracing.ts'

export type LetterStep = {
  /** Milliseconds since 1970 */
  readonly at: number
  readonly box: string
  readonly role: BoxRole
  readonly kind: EventKind
  readonly recipient: string | undefined
  /** The host that brought it, or was asked; `tls` as `TLSv1.3 TLS_AES_256_GCM_SHA384` */
  readonly peer: { readonly name?: string; readonly address?: string; readonly tls?: string } | undefined
  /** Its words or ours, verbatim */
  readonly reply: string | undefined
  readonly attempts: number | undefined
  /** Milliseconds since 1970 */
  readonly nextAttemptAt: number | undefined
  /** `spf`, `dkim`, `dmarc`, `arc` → `pass example.org` … */
  readonly verdicts: Readonly<Record<string, string>> | undefined
  readonly filed: Filed | undefined
  /** From one box to the other, milliseconds */
  readonly delayMs: number | undefined
  /** Another box told it with the letter, and was not asked */
  readonly secondHand: boolean
}

export type Filed = {
  /** Names or roles; none: kept nowhere */
  readonly mailboxes: readonly string[]
  readonly by: string
  readonly score: number | undefined
  /** Codes */
  readonly reasons: readonly string[]
  /** What a script sent because of it: `redirect`, `reply`, `notify` … */
  readonly effect: string | undefined
}

const receivedKinds: ReadonlySet<EventKind> = new Set<EventKind>([
  'received',
  'held',
  'passed-on',
  'attempt-deferred',
  'attempt-failed',
  'refused',
  'delivered',
  'repeated',
  'sent-on',
  'expired',
  'removed',
])

/** `recipients`: canonical, this account's own. */
export function receivedSteps(
  events: readonly TracedEvent[],
  { account, recipients }: { readonly account: AccountId; readonly recipients: ReadonlySet<string> },
): readonly LetterStep[] {
  const mine = events.filter(event => {
    if (!receivedKinds.has(event.kind)) return false
    if (event.kind === 'sent-on') return event.detail?.['account'] === account
    return event.to === undefined ? event.kind === 'received' : recipients.has(canonicalAddress(event.to) ?? '')
  })
  const steps = mine.map(event => {
    const step = stepOf(event, account)
    return namesOnly(step.reply, recipients, event.from) ? step : { ...step, reply: undefined }
  })
  return [...takenIn(mine), ...steps].toSorted((a, b) => a.at - b.at)
}

/** The gateway's part out of what it told with the letter, where it was not asked itself. */
function takenIn(events: readonly TracedEvent[]): readonly LetterStep[] {
  if (events.some(({ kind, role }) => kind === 'received' && role !== 'home')) return []
  const told = events.find(event => typeof event.detail?.['takenInAt'] === 'number')
  if (!told) return []
  const detail = told.detail ?? {}
  const by = textOf(detail['takenInBy']) ?? ''
  return [
    {
      ...nothing,
      at: timeOf(detail['takenInAt']) ?? told.at,
      box: by,
      role: 'gateway',
      kind: 'received',
      peer: broughtBy(detail, undefined),
      verdicts: verdictsOf(detail),
      secondHand: true,
    },
  ]
}

/** `recipients` of the submission, canonical: grows with those that its events name. */
export function sentSteps(
  events: readonly TracedEvent[],
  { account, recipients }: { readonly account: AccountId; readonly recipients: Set<string> },
): readonly LetterStep[] {
  const own = events.filter(event => isOfSending(event, account))
  for (const { kind, to } of own)
    if (to !== undefined && kind !== 'dsn-made') recipients.add(canonicalAddress(to) ?? to)
  return own.map(event => stepOf(event, account))
}

const sendingKinds: ReadonlySet<EventKind> = new Set<EventKind>([
  'sent',
  'attempt-deferred',
  'attempt-failed',
  'expired',
  'removed',
])

/** Of the queue's and the relay's own; what became of it within an account of ours is that account's. */
function isOfSending({ detail, kind }: StoredEvent, account: AccountId): boolean {
  if (kind === 'submitted') return detail?.['account'] === account
  if (kind === 'dsn-made') return true
  return sendingKinds.has(kind) && (detail?.['queue'] === 'outbound' || detail?.['relayFor'] !== undefined)
}

const nothing = {
  recipient: undefined,
  peer: undefined,
  reply: undefined,
  attempts: undefined,
  nextAttemptAt: undefined,
  verdicts: undefined,
  filed: undefined,
  delayMs: undefined,
  secondHand: false,
} as const

function stepOf(event: TracedEvent, account: AccountId): LetterStep {
  const { at, box, kind, reply, role, to } = event
  const detail = event.detail ?? {}
  const takenInAt = numberOf(detail['takenInAt'])
  return {
    ...nothing,
    // the gateway writes it down when it has answered, which is after home has
    at: timeOf(detail['begun']) ?? at,
    box,
    role,
    kind,
    // whom a report goes to is the writer
    recipient: kind === 'dsn-made' ? undefined : to,
    peer: kind === 'received' ? broughtBy(detail, event.client) : askedPeer(detail),
    reply,
    attempts: numberOf(detail['attempts']),
    nextAttemptAt: timeOf(detail['next']),
    verdicts: verdictsOf(detail),
    filed: filedOf(event, account),
    delayMs: takenInAt === undefined ? undefined : Math.max(0, at - takenInAt),
  }
}

type Detail = NonNullable<StoredEvent['detail']>

function broughtBy(detail: Detail, client: string | undefined): LetterStep['peer'] {
  return peerOf(detail['helo'], client ?? detail['sender'], detail['senderTls'])
}

function askedPeer(detail: Detail): LetterStep['peer'] {
  return peerOf(detail['remote'], detail['address'], detail['tls'])
}

function peerOf(name: unknown, address: unknown, tls: unknown): LetterStep['peer'] {
  const [called, at, by] = [textOf(name), textOf(address), textOf(tls)]
  if (called === undefined && at === undefined) return undefined
  return {
    ...(called !== undefined && { name: called }),
    ...(at !== undefined && { address: at }),
    ...(by !== undefined && { tls: by }),
  }
}

function verdictsOf(detail: Detail): LetterStep['verdicts'] {
  const found = (['spf', 'dkim', 'dmarc', 'arc'] as const).flatMap(method => {
    const text = textOf(detail[method])
    return text === undefined ? [] : [[method, text] as const]
  })
  return found.length > 0 ? Object.fromEntries(found) : undefined
}

/** Only this account's own. */
function filedOf({ detail, kind }: TracedEvent, account: AccountId): Filed | undefined {
  if (detail?.['account'] !== account) return undefined
  const none = { mailboxes: [], by: '', score: undefined, reasons: [], effect: undefined }
  if (kind === 'sent-on') return { ...none, effect: textOf(detail['effect']) }
  const { by, mailboxes, reasons, score } = detail
  if (typeof by !== 'string' || typeof mailboxes !== 'string') return undefined
  return {
    ...none,
    mailboxes: mailboxes === '' ? [] : mailboxes.split(', '),
    by,
    score: numberOf(score),
    reasons: textOf(reasons)?.split(' ') ?? [],
  }
}

/** Words that name an address which is neither the account's nor the sender's are somebody else's affair. */
function namesOnly(reply: string | undefined, recipients: ReadonlySet<string>, from: string | undefined): boolean {
  // one pass: a pattern with an at sign in its middle would begin anew at each character of five hundred long replies
  for (const word of (reply ?? '').split(/[\s<>"(),;:]+/)) {
    if (!word.slice(1, -1).includes('@')) continue
    const found = withoutEnd(word)
    const canonical = canonicalAddress(found) ?? found
    if (!recipients.has(canonical) && canonical !== (from && canonicalAddress(from))) return false
  }
  return true
}

/** Without the marks that end a sentence */
function withoutEnd(word: string): string {
  let end = word.length
  while ('.!?'.includes(word.charAt(end - 1) || ' ')) end--
  return word.slice(0, end)
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** What another box says may be a number that is no time. */
function timeOf(value: unknown): number | undefined {
  return isTime(value) ? value : undefined
}
