/** What a client may ask, read from one line. RFC 1939, 2449 (CAPA), 2595 (STLS), 5034 (AUTH), 6856 (UTF8, LANG) */
import type { Text } from '#base/text.ts'
import { argumentLimitCharacters } from './limits.ts'

export type Pop3Request =
  | { readonly kind: 'user'; readonly name: string }
  | { readonly kind: 'pass'; readonly password: string }
  | { readonly kind: 'auth'; readonly mechanism: string | undefined; readonly initial: string | undefined }
  | { readonly kind: 'list' | 'uidl'; readonly message: number | undefined }
  | { readonly kind: 'retr' | 'dele'; readonly message: number }
  | { readonly kind: 'top'; readonly message: number; readonly lines: number }
  /** RFC 6856 §3: a language tag, `*`, or neither */
  | { readonly kind: 'lang'; readonly range: string | undefined }
  | { readonly kind: 'stat' | 'noop' | 'rset' | 'quit' | 'capa' | 'stls' | 'utf8' }

export type RequestProblem = { readonly kind: 'problem'; readonly text: Text }

/** `line` without its CRLF. Keywords in any case; arguments separated by single spaces. RFC 1939 §3 */
export function parseRequest(line: Uint8Array): Pop3Request | RequestProblem {
  const text = decode(line)
  if (text === undefined) return problem('This is not UTF-8', 'UTF-8ではありません')
  const space = text.indexOf(' ')
  const keyword = (space < 0 ? text : text.slice(0, space)).toUpperCase()
  // spaces at the end of a line are met in the wild; a password may end in one
  const rest = space < 0 ? '' : text.slice(space + 1)
  const read = Object.hasOwn(readers, keyword) ? readers[keyword] : undefined
  return read
    ? read(keyword === 'PASS' ? rest : rest.trimEnd())
    : problem('There is no such command', 'そのコマンドはありません')
}

/** For tests and clients; `parseRequest` reads it back. */
export function printRequest(request: Pop3Request): string {
  switch (request.kind) {
    case 'user':
      return `USER ${request.name}`
    case 'pass':
      return `PASS ${request.password}`
    case 'auth':
      return ['AUTH', request.mechanism, request.initial].filter(part => part !== undefined).join(' ')
    case 'list':
    case 'uidl':
      return `${request.kind.toUpperCase()}${request.message === undefined ? '' : ` ${request.message}`}`
    case 'retr':
    case 'dele':
      return `${request.kind.toUpperCase()} ${request.message}`
    case 'top':
      return `TOP ${request.message} ${request.lines}`
    case 'lang':
      return request.range === undefined ? 'LANG' : `LANG ${request.range}`
    case 'stat':
    case 'noop':
    case 'rset':
    case 'quit':
    case 'capa':
    case 'stls':
    case 'utf8':
      return request.kind.toUpperCase()
    default:
      return request satisfies never
  }
}

type Reader = (rest: string) => Pop3Request | RequestProblem

const readers: Readonly<Record<string, Reader>> = {
  USER: rest =>
    isArgument(rest) ? { kind: 'user', name: rest } : problem('USER takes a name', 'USERには名前が必要です'),
  // RFC 1939 §7: spaces belong to the password
  PASS: rest =>
    isArgument(rest)
      ? { kind: 'pass', password: rest }
      : problem('PASS takes a password', 'PASSにはパスワードが必要です'),
  AUTH: auth,
  LIST: rest => withMessage(rest, message => ({ kind: 'list', message }), true),
  UIDL: rest => withMessage(rest, message => ({ kind: 'uidl', message }), true),
  RETR: rest => withMessage(rest, message => ({ kind: 'retr', message: message ?? 0 }), false),
  DELE: rest => withMessage(rest, message => ({ kind: 'dele', message: message ?? 0 }), false),
  TOP: top,
  STAT: alone('stat'),
  NOOP: alone('noop'),
  RSET: alone('rset'),
  QUIT: alone('quit'),
  CAPA: alone('capa'),
  STLS: alone('stls'),
  UTF8: alone('utf8'),
  LANG: lang,
}

/** Nine digits are more messages than a mailbox has UIDs for in practice, and stay exact. */
const number = /^\d{1,9}$/

function auth(rest: string): Pop3Request | RequestProblem {
  if (rest === '') return { kind: 'auth', mechanism: undefined, initial: undefined }
  const [, mechanism, initial] = /^([A-Za-z0-9_-]{1,20})(?: (\S+))?$/.exec(rest) ?? []
  return mechanism === undefined
    ? problem('AUTH takes a mechanism', 'AUTHには認証方式が必要です')
    : { kind: 'auth', mechanism, initial }
}

/** RFC 5646 §2.1, as far as its characters go */
function lang(rest: string): Pop3Request | RequestProblem {
  if (rest === '') return { kind: 'lang', range: undefined }
  if (rest === '*' || /^[A-Za-z0-9]{1,8}(?:-[A-Za-z0-9]{1,8}){0,15}$/.test(rest)) return { kind: 'lang', range: rest }
  return problem('LANG takes a language tag', 'LANGには言語タグが必要です')
}

function top(rest: string): Pop3Request | RequestProblem {
  const [message = '', lines = '', ...more] = rest.split(' ')
  if (!isMessage(message) || !number.test(lines) || more.length > 0)
    return problem('TOP takes a message and a number of lines', 'TOPにはメッセージ番号と行数が必要です')
  return { kind: 'top', message: Number(message), lines: Number(lines) }
}

function withMessage(
  rest: string,
  request: (message: number | undefined) => Pop3Request,
  optional: boolean,
): Pop3Request | RequestProblem {
  if (rest === '' && optional) return request(undefined)
  return isMessage(rest) ? request(Number(rest)) : problem('A message number is needed', 'メッセージ番号が必要です')
}

function alone(kind: 'stat' | 'noop' | 'rset' | 'quit' | 'capa' | 'stls' | 'utf8'): Reader {
  return rest => (rest === '' ? { kind } : problem('This command takes no argument', 'このコマンドに引数はありません'))
}

function isMessage(text: string): boolean {
  return number.test(text) && Number(text) > 0
}

function isArgument(text: string): boolean {
  return text !== '' && text.length <= argumentLimitCharacters && !/[\0\r\n]/.test(text)
}

function problem(en: string, ja: string): RequestProblem {
  return { kind: 'problem', text: { en, ja } }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decode(line: Uint8Array): string | undefined {
  try {
    return decoder.decode(line)
  } catch {
    return undefined
  }
}
