/** The printer beside the parser: `parseCommand(printCommand(x))` equals x. Without CRLF. */
import { printUtf8Address } from '#formats/address/utf8-address.ts'
import type { DsnNotify } from '#formats/envelope.ts'
import type { MailParameters, RecipientParameters } from './parameters.ts'
import type { SmtpCommand } from './command.ts'
import { encodeXtext } from './xtext.ts'

export function printCommand(command: SmtpCommand): string {
  switch (command.verb) {
    case 'HELO':
    case 'EHLO':
    case 'LHLO':
      return `${command.verb} ${command.domain}`
    case 'MAIL':
      return `MAIL FROM:<${command.reversePath}>${mailParameters(command.parameters)}`
    case 'RCPT':
      return `RCPT TO:<${command.recipient.address}>${recipientParameters(command.recipient)}`
    case 'BDAT':
      return `BDAT ${command.sizeBytes}${command.last ? ' LAST' : ''}`
    case 'AUTH':
      return command.initial === undefined
        ? `AUTH ${command.mechanism}`
        : `AUTH ${command.mechanism} ${command.initial}`
    case 'VRFY':
    case 'EXPN':
    case 'HELP':
    case 'NOOP':
    case 'XCLIENT':
      return command.argument === '' ? command.verb : `${command.verb} ${command.argument}`
    case 'XHIKYAKU':
      return `XHIKYAKU ${xhikyaku(command)}`
    case 'DATA':
    case 'RSET':
    case 'QUIT':
    case 'STARTTLS':
      return command.verb
    default:
      return command satisfies never
  }
}

function xhikyaku(command: Extract<SmtpCommand, { readonly verb: 'XHIKYAKU' }>): string {
  switch (command.act) {
    case 'HELLO':
      return `HELLO origin=${command.origin} boot=${command.boot}`
    case 'SETTLE':
      return `SETTLE ${command.settled.map(one => `${one.id} ${encodeXtext(one.recipient)}`).join(' ')}`
    case 'WAIT':
      return 'WAIT'
    case 'TELL':
      return `TELL ${command.number} ${command.last ? 'LAST' : 'MORE'} ${command.part}`
    default:
      return command satisfies never
  }
}

function mailParameters(parameters: MailParameters): string {
  let text = ''
  if (parameters.sizeBytes !== undefined) text += ` SIZE=${parameters.sizeBytes}`
  if (parameters.body !== undefined) text += ` BODY=${parameters.body}`
  if (parameters.smtpUtf8) text += ' SMTPUTF8'
  if (parameters.requireTls) text += ' REQUIRETLS'
  if (parameters.holdFor !== undefined) text += ` HOLDFOR=${parameters.holdFor}`
  if (parameters.holdUntil !== undefined) text += ` HOLDUNTIL=${new Date(parameters.holdUntil).toISOString()}`
  if (parameters.dsnReturn !== undefined) text += ` RET=${parameters.dsnReturn}`
  if (parameters.dsnEnvelopeId !== undefined) text += ` ENVID=${encodeXtext(parameters.dsnEnvelopeId)}`
  if (parameters.auth !== undefined) text += ` AUTH=${encodeXtext(parameters.auth)}`
  if (parameters.deliveryId !== undefined) text += ` XDELIVERY=${parameters.deliveryId}`
  return text
}

function recipientParameters(parameters: RecipientParameters): string {
  let text = ''
  if (parameters.notify) text += ` NOTIFY=${printNotify(parameters.notify)}`
  if (parameters.originalRecipient !== undefined) {
    const semicolon = parameters.originalRecipient.indexOf(';')
    const type = parameters.originalRecipient.slice(0, semicolon)
    const address = parameters.originalRecipient.slice(semicolon + 1)
    // RFC 6533 §3: this form may stand before any peer
    text += ` ORCPT=${type};${/^utf-8$/i.test(type) ? printUtf8Address(address) : encodeXtext(address)}`
  }
  return text
}

function printNotify(notify: DsnNotify): string {
  if ('never' in notify) return 'NEVER'
  const words = [notify.success && 'SUCCESS', notify.failure && 'FAILURE', notify.delay && 'DELAY']
  return words.filter(Boolean).join(',')
}
