/** One command line as data. RFC 5321 §4.1.1, LMTP RFC 2033, BDAT RFC 3030 §2, AUTH RFC 4954 §4, STARTTLS RFC 3207 §4 */
import { asciiText } from '#base/bytes.ts'
import type { EnvelopeRecipient } from '#formats/envelope.ts'
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import { maxHeloBytes } from '../limits.ts'
import { readMailParameters, readRecipientParameters, type MailParameters } from './parameters.ts'
import { isAscii, readPath } from './path.ts'
import { decodeXtext } from './xtext.ts'

export type SmtpCommand =
  | { readonly verb: 'HELO' | 'EHLO' | 'LHLO'; readonly domain: string }
  | { readonly verb: 'MAIL'; readonly reversePath: string; readonly parameters: MailParameters }
  | { readonly verb: 'RCPT'; readonly recipient: EnvelopeRecipient }
  | { readonly verb: 'BDAT'; readonly sizeBytes: number; readonly last: boolean }
  | { readonly verb: 'AUTH'; readonly mechanism: string; readonly initial: string | undefined }
  | { readonly verb: 'DATA' | 'RSET' | 'QUIT' | 'STARTTLS' }
  | { readonly verb: 'VRFY' | 'EXPN' | 'HELP' | 'NOOP' | 'XCLIENT'; readonly argument: string }
  | { readonly verb: 'XHIKYAKU'; readonly act: 'HELLO'; readonly origin: string; readonly boot: number }
  | { readonly verb: 'XHIKYAKU'; readonly act: 'SETTLE'; readonly settled: readonly SettledWords[] }
  | { readonly verb: 'XHIKYAKU'; readonly act: 'WAIT' }
  | {
      readonly verb: 'XHIKYAKU'
      readonly act: 'TELL'
      readonly number: number
      readonly last: boolean
      /** Base64 */
      readonly part: string
    }

export type SettledWords = { readonly id: string; readonly recipient: string }
export type Verb = SmtpCommand['verb']
export type CommandProblem = { readonly verb: 'problem'; readonly of: string; readonly reply: SmtpReply }

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The line comes without its CRLF. */
export function parseCommand(line: Uint8Array): SmtpCommand | CommandProblem {
  const text = textOf(line)
  if (text === undefined) return problem('', 500, '5.5.2', 'The line holds control characters or is not UTF-8')
  const space = text.indexOf(' ')
  const verb = (space < 0 ? text : text.slice(0, space)).toUpperCase()
  const argument = space < 0 ? '' : text.slice(space + 1).trim()
  const parse = parsers.get(verb)
  if (!parse) return problem(/^[A-Z]{1,12}$/.test(verb) ? verb : '', 500, '5.5.1', 'Command not known')
  if (verb !== 'MAIL' && verb !== 'RCPT' && verb !== 'NOOP' && verb !== 'VRFY' && !isAscii(argument))
    return problem(verb, 501, '5.5.4', 'The argument must be ASCII')
  return parse(argument, verb)
}

function textOf(line: Uint8Array): string | undefined {
  const ascii = asciiText(line)
  if (!/[^ -~]/.test(ascii)) return ascii
  let text: string
  try {
    text = decoder.decode(line)
  } catch {
    return undefined
  }
  return /[\u0000-\u0008\u000a-\u001f\u007f]/.test(text) ? undefined : text.replaceAll('\t', ' ')
}

function problem(of: string, code: number, enhanced: string, text: string): CommandProblem {
  return { verb: 'problem', of, reply: smtpReply(code, enhanced, text) }
}

type Parser = (argument: string, verb: string) => SmtpCommand | CommandProblem

const parsers: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ['HELO', hello('HELO')],
  ['EHLO', hello('EHLO')],
  ['LHLO', hello('LHLO')],
  ['MAIL', mail],
  ['RCPT', rcpt],
  ['DATA', alone('DATA')],
  ['BDAT', bdat],
  ['RSET', alone('RSET')],
  ['QUIT', alone('QUIT')],
  ['STARTTLS', alone('STARTTLS')],
  ['AUTH', auth],
  ['VRFY', asked('VRFY')],
  ['EXPN', asked('EXPN')],
  ['HELP', free('HELP')],
  ['NOOP', free('NOOP')],
  ['XCLIENT', free('XCLIENT')],
  ['XHIKYAKU', xhikyaku],
])

function hello(verb: 'HELO' | 'EHLO' | 'LHLO'): Parser {
  return argument => {
    if (argument === '') return problem(verb, 501, '5.5.4', `${verb} needs your name`)
    if (argument.length > maxHeloBytes || /[<>"\\]/.test(argument))
      return problem(verb, 501, '5.5.4', 'That is not a host name')
    return { verb, domain: argument }
  }
}

function alone(verb: 'DATA' | 'RSET' | 'QUIT' | 'STARTTLS'): Parser {
  // RFC 5321 §4.1.1.4 and others: no arguments
  return argument => (argument === '' ? { verb } : problem(verb, 501, '5.5.4', `${verb} takes no argument`))
}

function asked(verb: 'VRFY' | 'EXPN'): Parser {
  return argument => (argument === '' ? problem(verb, 501, '5.5.4', `${verb} needs an argument`) : { verb, argument })
}

/** XCLIENT's argument is read by its command, for those who may say it (syntax/xclient.ts). */
function free(verb: 'HELP' | 'NOOP' | 'XCLIENT'): Parser {
  return argument => ({ verb, argument })
}

function mail(argument: string): SmtpCommand | CommandProblem {
  if (!/^FROM:/i.test(argument)) return problem('MAIL', 501, '5.5.4', 'Write MAIL FROM:<address>')
  const path = readPath(argument.slice(5), 'reverse')
  if (!path) return problem('MAIL', 501, '5.1.7', 'The sender address cannot be read')
  const parameters = readMailParameters(path.rest)
  if ('problem' in parameters) return { verb: 'problem', of: 'MAIL', reply: parameters.problem }
  return { verb: 'MAIL', reversePath: path.address, parameters: parameters.value }
}

function rcpt(argument: string): SmtpCommand | CommandProblem {
  if (!/^TO:/i.test(argument)) return problem('RCPT', 501, '5.5.4', 'Write RCPT TO:<address>')
  const path = readPath(argument.slice(3), 'forward')
  if (!path) return problem('RCPT', 501, '5.1.3', 'The recipient address cannot be read')
  const parameters = readRecipientParameters(path.rest)
  if ('problem' in parameters) return { verb: 'problem', of: 'RCPT', reply: parameters.problem }
  return { verb: 'RCPT', recipient: { address: path.address, ...parameters.value } }
}

function bdat(argument: string): SmtpCommand | CommandProblem {
  const match = /^(\d{1,15})(?: +(LAST))?$/i.exec(argument)
  if (!match) return problem('BDAT', 501, '5.5.4', 'Write BDAT size [LAST]')
  return { verb: 'BDAT', sizeBytes: Number(match[1]), last: match[2] !== undefined }
}

function auth(argument: string): SmtpCommand | CommandProblem {
  // what is not base64 is refused where it is decoded, with the 5.5.2 that RFC 4954 §4 wants
  const match = /^([A-Za-z0-9_-]{1,20})(?: +(\S+))?$/.exec(argument)
  if (!match?.[1]) return problem('AUTH', 501, '5.5.4', 'Write AUTH mechanism [initial-response]')
  return { verb: 'AUTH', mechanism: match[1].toUpperCase(), initial: match[2] }
}

function xhikyaku(argument: string): SmtpCommand | CommandProblem {
  const hello = /^HELLO origin=([A-Za-z0-9._-]{1,64}) boot=(\d{1,15})$/i.exec(argument)
  if (hello?.[1]) return { verb: 'XHIKYAKU', act: 'HELLO', origin: hello[1], boot: Number(hello[2]) }
  if (/^WAIT$/i.test(argument)) return { verb: 'XHIKYAKU', act: 'WAIT' }
  const told = /^TELL (\d{1,15}) (MORE|LAST) ([A-Za-z0-9+/]{1,11000}={0,2})$/i.exec(argument)
  if (told?.[3]) {
    const last = told[2]?.toUpperCase() === 'LAST'
    return { verb: 'XHIKYAKU', act: 'TELL', number: Number(told[1]), last, part: told[3] }
  }
  const words = argument.split(' ')
  if (words[0]?.toUpperCase() !== 'SETTLE' || words.length < 3 || words.length % 2 === 0)
    return problem('XHIKYAKU', 501, '5.5.4', 'Write XHIKYAKU HELLO, SETTLE, WAIT or TELL')
  const settled: SettledWords[] = []
  for (let at = 1; at < words.length; at += 2) {
    const id = words[at] ?? ''
    const recipient = decodeXtext(words[at + 1] ?? '')
    if (!/^[A-Za-z0-9._-]{1,128}$/.test(id) || !recipient)
      return problem('XHIKYAKU', 501, '5.5.4', 'That is not a list of ids and recipients')
    settled.push({ id, recipient })
  }
  return { verb: 'XHIKYAKU', act: 'SETTLE', settled }
}
