/** RFC 5230, RFC 6131; when no answer goes out: RFC 3834 §2, RFC 5230 §4.5, §4.6 */
import { canonicalAddress, parseAddress, printAddress } from '#formats/address/address.ts'
import { mailboxesOf, parseAddressList } from '#formats/message/address-list.ts'
import { decodeWords } from '#formats/message/encoded-word.ts'
import { parseMessageIds } from '#formats/message/message-id.ts'
import { utf8 } from '#base/bytes.ts'
import type { Statement } from '#formats/sieve/program.ts'
import { chooseCopy } from './copies.ts'
import { composeLetter } from './compose.ts'
import { memoryKey } from './duplicate.ts'
import { SieveFault } from './fault.ts'
import { addressTexts, fieldText, plainValue } from './fields.ts'
import { rawValue } from './letter.ts'
import { maxReferences, maxReplyLength } from './limits.ts'
import { addAction, cut, type Run } from './run.ts'
import { texts } from './texts.ts'
import { expand, expandAll } from './values.ts'

type Vacation = Extract<Statement, { kind: 'vacation' }>

const defaultSeconds = 7 * 86_400

export async function vacation(run: Run, statement: Vacation): Promise<void> {
  if (run.message.event) throw new SieveFault(texts.notForImap('vacation'))
  if (run.outcome.vacationDone) throw new SieveFault(texts.vacationTwice)
  run.outcome.vacationDone = true
  // a script before this one has answered
  if (run.outcome.before.vacationDone) return
  const sender = run.message.envelope.reversePath
  const named = expandAll(run, statement.addresses)
  if (!mayAnswer(run, sender) || !isAddressed(run, named)) return
  const said = wordsOf(run, statement)
  const seconds = periodOf(run, statement)
  const key = vacationKey(
    statement,
    said,
    sender,
    statement.handle === undefined ? undefined : expand(run, statement.handle),
  )
  const now = run.now
  if (seconds > 0) {
    if (await run.ports.memory.knows(run.message.account, key, now)) return
    run.outcome.remember.push({ key, until: now + seconds * 1000 })
  }
  await answer(run, statement, said, sender, seconds > 0 ? key : undefined)
}

type Said = { readonly subject: string; readonly from: string; readonly reason: string; readonly givenSubject: string }

function wordsOf(run: Run, statement: Vacation): Said {
  const givenSubject = statement.subject === undefined ? '' : expand(run, statement.subject)
  const from = statement.from === undefined ? '' : expand(run, statement.from)
  const reason = cut(expand(run, statement.reason), maxReplyLength)
  return { subject: givenSubject === '' ? defaultSubject(run) : cut(givenSubject, 500), from, reason, givenSubject }
}

function defaultSubject(run: Run): string {
  const [field] = run.letter.fields('subject')
  const subject = field ? fieldText(run, field) : ''
  return subject === '' ? 'Automated reply' : `Auto: ${cut(subject, 300)}`
}

/** RFC 5230 §4.2: another text is another answer, unless :handle says that it is the same one */
function vacationKey(
  statement: Vacation,
  { givenSubject, from, reason }: Said,
  sender: string,
  handle: string | undefined,
): string {
  const own = handle === undefined ? memoryKey(givenSubject, from, String(statement.mime), reason) : memoryKey(handle)
  return memoryKey('vacation', canonicalAddress(sender) ?? sender, own)
}

function periodOf({ ports }: Run, { seconds = defaultSeconds }: Vacation): number {
  const { minVacationSeconds, maxVacationSeconds } = ports.limits
  return Math.min(Math.max(seconds, minVacationSeconds), maxVacationSeconds)
}

async function answer(
  run: Run,
  { mime, fcc }: Vacation,
  said: Said,
  sender: string,
  once: string | undefined,
): Promise<void> {
  const inReplyTo = idsIn(run, 'message-id', 1)[0]
  const older = idsIn(run, 'references', 1000)
  const references = [
    ...(older.length > 0 ? older : idsIn(run, 'in-reply-to', 1)),
    ...(inReplyTo === undefined ? [] : [inReplyTo]),
  ]
  const date = run.now
  const letter = {
    from: fromOf(run, said.from),
    to: [sender],
    subject: said.subject,
    date,
    zoneMinutes: run.ports.environment.zoneMinutes(date),
    autoSubmitted: 'auto-replied (vacation)',
    body: { kind: mime ? ('mime' as const) : ('text' as const), text: said.reason },
    ...(inReplyTo !== undefined && { inReplyTo }),
    // the first one and the latest, RFC 5322 §3.6.4
    references:
      references.length > maxReferences
        ? [...references.slice(0, 1), ...references.slice(1 - maxReferences)]
        : references,
  }
  const copy = fcc && (await chooseCopy(run, fcc))
  addAction(run, {
    kind: 'send',
    as: 'reply',
    letter: { to: [sender], compose: index => composeLetter({ ...letter, messageId: ownMessageId(run, index) }) },
    ...(once !== undefined && { once }),
    ...(copy && { copy }),
  })
}

/** The same for a repeat of the delivery, and no other's */
export function ownMessageId({ message, ports }: Run, index: number): string {
  return `sieve.${memoryKey(message.deliveryId, message.account, message.recipient, String(index)).slice(0, 32)}@${ports.environment.host}`
}

function idsIn(run: Run, key: string, limit: number): string[] {
  const [field] = run.letter.fields(key)
  return field ? parseMessageIds(rawValue(field), limit) : []
}

/** RFC 5230 §4.4: `:from` where it is one of the owner's own addresses; nobody writes in the name of others. */
export function fromOf(run: Run, given: string): { name: string; address: string } {
  const { account } = run
  const [written] = mailboxesOf(parseAddressList(utf8(given)))
  const text =
    written?.domain && `${Buffer.from(written.localpart).toString()}@${Buffer.from(written.domain).toString()}`
  const address = text ? parseAddress(text) : undefined
  const canonical = text === undefined ? undefined : canonicalAddress(text)
  if (!address || canonical === undefined || !account.addresses.includes(canonical))
    return { name: account.displayName, address: account.primaryAddress }
  return { name: written?.name ? decodeWords(written.name) : account.displayName, address: printAddress(address) }
}

const robots =
  /^(?:mailer-daemon|postmaster|listserv|majordomo|(?:no|do-?not|dont)[-_.]?reply(?:[-_.+].*)?|owner-.*|.*-(?:owner|request|bounces?)(?:[+=-].*)?)$/i

/** Nothing that a machine sent, and nothing to ourselves */
function mayAnswer(run: Run, sender: string): boolean {
  const address = parseAddress(sender)
  const canonical = canonicalAddress(sender)
  if (!address || canonical === undefined || robots.test(address.localpart)) return false
  if (run.account.addresses.includes(canonical)) return false
  // one whose domain says that it is forged goes to Junk too, and its reverse-path may be anybody's
  if (run.message.junk || run.message.content?.verdict === 'junk' || run.message.content?.verdict === 'reject')
    return false
  return !isFromMachine(run)
}

const listFields = new Set(
  'list-id list-post list-help list-subscribe list-unsubscribe list-owner list-archive'.split(' '),
)

function isFromMachine({ letter }: Run): boolean {
  return letter.content.fields.some(field => {
    if (listFields.has(field.key)) return true
    const value = plainValue(field).trim().toLowerCase()
    if (field.key === 'auto-submitted') return !/^no\b/.test(value)
    if (field.key === 'precedence') return /^(?:bulk|list|junk|auto_reply)\b/.test(value)
    if (field.key === 'x-auto-response-suppress') return /\b(?:all|oof|autoreply)\b/.test(value)
    if (field.key === 'content-type') return /^multipart\/report\b/.test(value)
    return false
  })
}

const recipientFields = ['to', 'cc', 'bcc', 'resent-to', 'resent-cc', 'resent-bcc']

/** RFC 5230 §4.5: one of the owner's addresses stands in the header; a letter by Bcc or through a list gets no answer */
function isAddressed(run: Run, named: readonly string[]): boolean {
  const own = new Set<string>([...run.account.addresses, ...named.flatMap(address => canonicalAddress(address) ?? [])])
  const fields = recipientFields.flatMap(key => run.letter.fields(key))
  return fields.some(field => addressTexts(run, field, 'all').some(address => own.has(canonicalAddress(address) ?? '')))
}
