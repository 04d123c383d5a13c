/** What the header of a message shows. RFC 5322 §3.6 */
import { decodeUnlabelled } from '#formats/charset/decode.ts'
import { mailboxesOf, type MailboxEntry, parseAddressList } from '#formats/message/address-list.ts'
import { parseDate } from '#formats/message/date.ts'
import { decodeWords } from '#formats/message/encoded-word.ts'
import { fieldValue, type HeaderField, parseHeader, unfold } from '#formats/message/header.ts'
import { parseMessageId } from '#formats/message/message-id.ts'
import type { Evidence, Sender } from './evidence.ts'
import { hostName, ownedName } from './hosts.ts'
import type { TokenBag } from './tokens.ts'

export type HeaderFindings = {
  readonly evidence: readonly Evidence[]
  readonly from: Sender | undefined
  readonly recipients: readonly string[]
  readonly bulk: boolean
}

/** Addresses of one message that are looked at. */
const maxLooked = 200
/** So many named recipients are no private letter. */
const manyRecipients = 40
const dayMs = 24 * 3600 * 1000

export function judgeHeader(
  header: Uint8Array,
  fields: readonly HeaderField[],
  receivedAt: number,
  bag: TokenBag,
): HeaderFindings {
  const evidence: Evidence[] = []
  const value = (key: string) => fieldValue(header, fields, key)
  const listed = (key: string) =>
    fields
      .filter(field => field.key === key)
      .flatMap(field => mailboxesOf(parseAddressList(header, field.valueStart, field.valueEnd, maxLooked)))
      .slice(0, maxLooked)
  const senders = listed('from')
  const from = senderOf(senders[0])
  const recipients = ['to', 'cc', 'bcc'].flatMap(listed).flatMap(entry => senderOf(entry)?.address ?? [])
  judgeDate(value('date'), receivedAt, evidence)
  if (!value('message-id')?.length) evidence.push({ code: 'no-message-id' })
  judgeSenders(senders, from, listed('reply-to'), evidence)
  if (recipients.length === 0 && !value('to')?.length && !value('cc')?.length) evidence.push({ code: 'no-recipient' })
  if (recipients.length >= manyRecipients)
    evidence.push({ code: 'many-recipients', detail: { count: recipients.length } })
  const subject = decodeWords(value('subject') ?? new Uint8Array(0))
  judgeSubject(subject, Boolean(value('in-reply-to') ?? value('references')), evidence)
  bag.addText('s:', subject, true)
  senderTokens(senders[0], from, bag)
  fieldTokens(header, fields, bag)
  const bulk = fields.some(({ key }) => key === 'list-id' || key === 'list-unsubscribe')
  return { evidence, from, recipients: recipients.slice(0, maxLooked), bulk }
}

/** Of To, Cc and Bcc, lower case; `bytes` begin with the header. */
export function recipientsIn(bytes: Uint8Array): readonly string[] {
  return parseHeader(bytes, undefined, ['to', 'cc', 'bcc'])
    .flatMap(field => mailboxesOf(parseAddressList(bytes, field.valueStart, field.valueEnd, maxLooked)))
    .slice(0, maxLooked)
    .flatMap(entry => senderOf(entry)?.address ?? [])
}

/** Without angle brackets; undefined when there is none. */
export function messageIdOf(bytes: Uint8Array): string | undefined {
  const value = fieldValue(bytes, parseHeader(bytes, undefined, ['message-id']), 'message-id')
  return value && parseMessageId(value)
}

function judgeDate(date: Uint8Array | undefined, receivedAt: number, evidence: Evidence[]): void {
  const sent = date && parseDate(date)
  if (sent === undefined) evidence.push({ code: 'no-date' })
  else if (sent > receivedAt + 2 * dayMs || sent < receivedAt - 365 * dayMs)
    evidence.push({ code: 'date-far', detail: { days: Math.round((sent - receivedAt) / dayMs) } })
}

function judgeSenders(
  senders: readonly MailboxEntry[],
  from: Sender | undefined,
  replyTo: readonly MailboxEntry[],
  evidence: Evidence[],
): void {
  if (!from) return void evidence.push({ code: 'no-from' })
  if (senders.length > 1) evidence.push({ code: 'several-from' })
  const shown = addressIn(nameOf(senders[0]))
  if (shown !== undefined && ownedName(shown.domain) !== ownedName(from.domain))
    evidence.push({ code: 'from-shows-other-address', detail: { shown: shown.address, address: from.address } })
  const reply = senderOf(replyTo[0])
  if (reply && ownedName(reply.domain) !== ownedName(from.domain))
    evidence.push({ code: 'reply-elsewhere', detail: { reply: reply.address } })
}

function judgeSubject(subject: string, answers: boolean, evidence: Evidence[]): void {
  const letters = subject.match(/[A-Za-z]/g)?.length ?? 0
  const capitals = subject.match(/[A-Z]/g)?.length ?? 0
  if ((letters >= 12 && capitals / letters > 0.8) || /[!！]{3,}/.test(subject))
    evidence.push({ code: 'shouting-subject' })
  if (!answers && /^\s*(?:re|aw|sv|antw)\s*[:：]/i.test(subject)) evidence.push({ code: 'answer-to-nothing' })
  if (/[\p{L}\p{N}][\u00ad\u200b\u2060\ufeff]+[\p{L}\p{N}]/u.test(subject)) evidence.push({ code: 'hidden-letters' })
}

export function senderOf(entry: MailboxEntry | undefined): Sender | undefined {
  if (!entry?.domain || entry.localpart.length === 0) return undefined
  const domain = hostName(decodeUnlabelled(entry.domain).trim())
  const local = decodeUnlabelled(entry.localpart).trim().toLowerCase()
  return domain === undefined ? undefined : { address: `${local}@${domain}`, domain }
}

function nameOf(entry: MailboxEntry | undefined): string {
  return entry?.name ? decodeWords(entry.name) : ''
}

/** An address that stands in a display name, so that it is taken for the sender's. */
function addressIn(name: string): Sender | undefined {
  const [, local = '', domain] = /([\w.+-]{1,64})@((?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,24})/i.exec(name) ?? []
  return domain === undefined
    ? undefined
    : { address: `${local}@${domain}`.toLowerCase(), domain: domain.toLowerCase() }
}

function senderTokens(entry: MailboxEntry | undefined, from: Sender | undefined, bag: TokenBag): void {
  if (!from) return bag.add('f:-')
  bag.add(`f:${from.address}`)
  bag.add(`d:${ownedName(from.domain)}`)
  bag.addText('n:', nameOf(entry), true)
}

const programFields = ['x-mailer', 'user-agent', 'list-id']
/** Whether they are there says something about the program that made the letter. */
const toldByBeing = [
  'list-unsubscribe',
  'precedence',
  'auto-submitted',
  'x-priority',
  'in-reply-to',
  'mime-version',
  'organization',
]

function fieldTokens(header: Uint8Array, fields: readonly HeaderField[], bag: TokenBag): void {
  for (const field of fields) {
    if (toldByBeing.includes(field.key)) bag.add(`h:${field.key}`)
    if (programFields.includes(field.key))
      bag.addText(`h:${field.key}:`, decodeUnlabelled(unfold(header, field)).slice(0, 200), true)
  }
}
