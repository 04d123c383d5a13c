/** enotify (RFC 5435) with the method mailto (RFC 5436) */
import { type Mailto, parseMailto } from '#formats/address/mailto.ts'
import { canonicalAddress } from '#formats/address/address.ts'
import { isFieldName } from '#formats/sieve/check/common-tags.ts'
import type { Statement } from '#formats/sieve/program.ts'
import { chooseCopy } from './copies.ts'
import { composeLetter } from './compose.ts'
import { SieveFault } from './fault.ts'
import { fieldText, plainValue } from './fields.ts'
import { maxNotifications, maxNotifyRecipients, maxReplyLength } from './limits.ts'
import { addAction, cut, ownActions, type Run } from './run.ts'
import { texts } from './texts.ts'
import { expand } from './values.ts'
import { fromOf, ownMessageId } from './vacation.ts'

export function isNotifyUri(uri: string): boolean {
  const mailto = parseMailto(uri)
  return mailto !== undefined && recipientsOf(mailto).length > 0
}

/** RFC 5435 §5.1: for mailto it is not known whether anybody is there. RFC 5436 §2.4 */
export function notifyCapability(uri: string, capability: string): string | undefined {
  if (!/^mailto:/i.test(uri)) return undefined
  // RFC 8580 §3.2
  if (capability.toLowerCase() === 'fcc') return 'yes'
  return capability.toLowerCase() === 'online' ? 'maybe' : undefined
}

function recipientsOf({ to, cc, bcc }: Mailto): string[] {
  return [...to, ...cc, ...bcc].slice(0, maxNotifyRecipients)
}

export async function notify(run: Run, statement: Extract<Statement, { kind: 'notify' }>): Promise<void> {
  const method = expand(run, statement.method)
  const mailto = parseMailto(method)
  if (!mailto || recipientsOf(mailto).length === 0) throw new SieveFault(texts.badMethod(method))
  const importance = statement.importance === undefined ? '2' : expand(run, statement.importance)
  const message = statement.message === undefined ? undefined : expand(run, statement.message)
  const copy = statement.fcc && (await chooseCopy(run, statement.fcc))
  if (!mayNotify(run, mailto)) return
  const before = ownActions(run).filter(action => action.kind === 'send' && action.as === 'notify')
  if (before.length >= maxNotifications) throw new SieveFault(texts.tooManyNotifications(maxNotifications))
  const date = run.now
  const letter = {
    from: fromOf(run, statement.from === undefined ? '' : expand(run, statement.from)),
    to: mailto.to,
    cc: mailto.cc,
    subject: cut(message ?? mailto.subject ?? defaultSubject(run), 500),
    date,
    zoneMinutes: run.ports.environment.zoneMinutes(date),
    // RFC 5436 §2.7.1
    autoSubmitted: `auto-notified; owner-email="${run.account.primaryAddress.replace(/["\\]/g, '\\$&')}"`,
    more: [...importanceFields(importance), ...safeFields(mailto)],
    body: { kind: 'text' as const, text: cut(mailto.body ?? defaultBody(run, message), maxReplyLength) },
  }
  addAction(run, {
    kind: 'send',
    as: 'notify',
    letter: {
      to: recipientsOf(mailto),
      compose: index => composeLetter({ ...letter, messageId: ownMessageId(run, index) }),
    },
    ...(copy && { copy }),
  })
}

/** RFC 5436 §2.7.1, §3: no notification of a notification, of an answer or of a report, none to ourselves, none of junk */
function mayNotify(run: Run, mailto: Mailto): boolean {
  const automatic = run.letter.fields('auto-submitted').map(field => plainValue(field).trim().toLowerCase())
  if (automatic.some(value => /^auto-(?:notified|replied)\b/.test(value))) return false
  if (run.message.envelope.reversePath === '' && !run.message.event) return false
  if (run.message.content?.verdict === 'junk' || run.message.content?.verdict === 'reject') return false
  const own = new Set<string>(run.account.addresses)
  return !recipientsOf(mailto).some(address => own.has(canonicalAddress(address) ?? ''))
}

function defaultSubject(run: Run): string {
  const [subject] = run.letter.fields('subject')
  return subject ? fieldText(run, subject) : ''
}

function defaultBody(run: Run, message: string | undefined): string {
  const lines = ['from', 'subject'].flatMap(key =>
    run.letter
      .fields(key)
      .slice(0, 1)
      .map(field => `${field.name}: ${cut(fieldText(run, field), 500)}`),
  )
  return `${[...(message === undefined ? [] : [message, '']), ...lines].join('\r\n')}\r\n`
}

/** RFC 5435 §3.4 */
function importanceFields(importance: string): readonly (readonly [string, string])[] {
  if (importance === '1')
    return [
      ['Importance', 'High'],
      ['X-Priority', '1'],
    ]
  return importance === '3'
    ? [
        ['Importance', 'Low'],
        ['X-Priority', '5'],
      ]
    : []
}

/** RFC 5436 §2.3, RFC 6068 §4: nothing that changes who sends, who receives, or how the letter is read */
const ownFields =
  /^(?:from|sender|date|message-id|in-reply-to|references|reply-to|return-path|received|auto-submitted|mime-version|content-.*|resent-.*|dkim-.*|arc-.*|authentication-results|importance|x-priority|delivered-to|list-.*|precedence)$/i

function safeFields({ fields }: Mailto): readonly (readonly [string, string])[] {
  return fields.filter(([name]) => isFieldName(name) && !ownFields.test(name)).slice(0, 10)
}
