/** DeliveryStatus → the text of a message/delivery-status or message/global-delivery-status part. RFC 3464 §2.1 */
import { escaped, printUtf8Address } from '../address/utf8-address.ts'
import { printDate } from '../message/date.ts'
import type { DeliveryStatus, RecipientStatus, TypedAddress } from './delivery-status.ts'
import { foldColumns } from './limits.ts'

/** CRLF line ends. `global`: UTF-8 stands as it is; otherwise everything is ASCII, addresses in the form of RFC 6533 §3. */
export function printDeliveryStatus(status: DeliveryStatus, global: boolean): string {
  const message = [
    ...field('Original-Envelope-Id', status.originalEnvelopeId, global),
    ...field('Reporting-MTA', `dns; ${status.reportingMta}`, global),
    ...field('Arrival-Date', date(status.arrivedAt), global),
  ]
  const recipients = status.recipients.map(recipient => recipientFields(recipient, global))
  return [message, ...recipients].map(group => group.map(line => `${line}\r\n`).join('')).join('\r\n')
}

function recipientFields(recipient: RecipientStatus, global: boolean): readonly string[] {
  const { originalRecipient, finalRecipient, remoteMta, diagnostic } = recipient
  return [
    ...field('Original-Recipient', originalRecipient && typed(originalRecipient, global), global),
    ...field('Final-Recipient', typed(finalRecipient, global), global),
    ...field('Action', recipient.action, global),
    ...field('Status', recipient.status, global),
    ...field('Remote-MTA', remoteMta && `dns; ${remoteMta}`, global),
    ...field('Diagnostic-Code', diagnostic && `smtp; ${diagnostic}`, global),
    ...field('Last-Attempt-Date', date(recipient.lastAttemptAt), global),
    ...field('Final-Log-ID', recipient.finalLogId, global),
    ...field('Will-Retry-Until', date(recipient.willRetryUntil), global),
  ]
}

function typed({ type, address }: TypedAddress, global: boolean): string {
  return `${type}; ${global || type !== 'utf-8' ? address : printUtf8Address(address)}`
}

function date(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : printDate(ms)
}

function field(name: string, value: string | undefined, global: boolean): readonly string[] {
  if (value === undefined || value === '') return []
  // No line of a peer may begin a field of its own.
  const plain = value.replace(/[\x00-\x1f\x7f]+/g, ' ').trim()
  const text = global ? plain : plain.replace(/[^\0-\x7f]/gu, escaped)
  return [fold(`${name}: ${text}`)]
}

/** Folds before spaces, so that unfolding gives back every character. RFC 5322 §2.2.3 */
export function fold(line: string): string {
  const lines: string[] = []
  let rest = line
  while (rest.length > foldColumns) {
    const space = foldingSpace(rest)
    if (space < 0) break
    lines.push(rest.slice(0, space))
    rest = rest.slice(space)
  }
  return [...lines, rest].join('\r\n')
}

/** The last space within the columns, else the first after them; never one in front of which or behind which is nothing to read. */
function foldingSpace(text: string): number {
  const name = text.search(/[^\s]/)
  const inside = text.lastIndexOf(' ', foldColumns)
  const at = inside > name + 1 ? inside : text.indexOf(' ', foldColumns)
  return at > name && /\S/.test(text.slice(at)) ? at : -1
}
