/** A command with its arguments. RFC 5804 §4 */
import { maxNumber, maxQuotedBytes } from './limits.ts'
import { readTokens, type RequestPieces, type Token } from './tokens.ts'

export type ManageSieveRequest =
  | { readonly kind: 'capability' | 'logout' | 'starttls' | 'listscripts' | 'unauthenticate' }
  /** `initial` as sent, in base64 */
  | { readonly kind: 'authenticate'; readonly mechanism: string; readonly initial: string | undefined }
  | { readonly kind: 'noop'; readonly tag: Uint8Array | undefined }
  | { readonly kind: 'havespace'; readonly name: string; readonly sizeBytes: number }
  | { readonly kind: 'putscript'; readonly name: string; readonly script: Uint8Array }
  | { readonly kind: 'checkscript'; readonly script: Uint8Array }
  /** '' for setactive: none */
  | { readonly kind: 'setactive' | 'getscript' | 'deletescript'; readonly name: string }
  | { readonly kind: 'renamescript'; readonly name: string; readonly to: string }

export type RequestProblem = {
  readonly kind: 'problem'
  readonly what: 'unknown' | 'arguments' | 'syntax' | 'not-utf8'
}

type ArgumentsReader = { string(): Uint8Array; text(): string; number(): number; readonly isDone: boolean }

class Mismatch extends Error {
  readonly what: RequestProblem['what']
  constructor(what: RequestProblem['what']) {
    super(what)
    this.what = what
  }
}

const readers: Readonly<Record<ManageSieveRequest['kind'], (read: ArgumentsReader) => ManageSieveRequest>> = {
  capability: () => ({ kind: 'capability' }),
  logout: () => ({ kind: 'logout' }),
  starttls: () => ({ kind: 'starttls' }),
  listscripts: () => ({ kind: 'listscripts' }),
  unauthenticate: () => ({ kind: 'unauthenticate' }),
  authenticate: read => ({
    kind: 'authenticate',
    mechanism: read.text(),
    initial: read.isDone ? undefined : read.text(),
  }),
  noop: read => ({ kind: 'noop', tag: read.isDone ? undefined : read.string() }),
  havespace: read => ({ kind: 'havespace', name: read.text(), sizeBytes: read.number() }),
  putscript: read => ({ kind: 'putscript', name: read.text(), script: read.string() }),
  checkscript: read => ({ kind: 'checkscript', script: read.string() }),
  setactive: read => ({ kind: 'setactive', name: read.text() }),
  getscript: read => ({ kind: 'getscript', name: read.text() }),
  deletescript: read => ({ kind: 'deletescript', name: read.text() }),
  renamescript: read => ({ kind: 'renamescript', name: read.text(), to: read.text() }),
}

export function parseRequest(pieces: RequestPieces): ManageSieveRequest | RequestProblem {
  const tokens = readTokens(pieces)
  const [command, ...given] = tokens ?? []
  if (command?.kind !== 'word') return { kind: 'problem', what: 'syntax' }
  const name = command.text.toLowerCase()
  const reader = Object.hasOwn(readers, name) ? readers[name as ManageSieveRequest['kind']] : undefined
  if (!reader) return { kind: 'problem', what: 'unknown' }
  try {
    const request = reader(argumentsIn(given))
    return given.length > 0 ? { kind: 'problem', what: 'arguments' } : request
  } catch (error) {
    if (error instanceof Mismatch) return { kind: 'problem', what: error.what }
    throw error
  }
}

/** Takes them out of `given`, so that what is left is too much. */
function argumentsIn(given: Token[]): ArgumentsReader {
  const string = () => {
    const token = given.shift()
    if (token?.kind !== 'string') throw new Mismatch('arguments')
    return token.bytes
  }
  return {
    get isDone() {
      return given.length === 0
    },
    string,
    text() {
      const text = decode(string())
      if (text === undefined) throw new Mismatch('not-utf8')
      return text
    },
    number() {
      const token = given.shift()
      const value = token?.kind === 'word' && /^[0-9]{1,10}$/.test(token.text) ? Number(token.text) : NaN
      if (!(value <= maxNumber)) throw new Mismatch('arguments')
      return value
    },
  }
}

/** One response of an exchange: a string on a line of its own; undefined for anything else. §2.1 */
export function parseResponse(pieces: RequestPieces): string | undefined {
  const [token, ...more] = readTokens(pieces) ?? []
  return token?.kind === 'string' && more.length === 0 ? decode(token.bytes) : undefined
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Text or octets as a client sends them: quoted where they may be, else as a literal. */
export function printClientString(value: Uint8Array | string): Uint8Array {
  const bytes = typeof value === 'string' ? Buffer.from(value) : Buffer.from(value)
  const isPlain = bytes.length <= maxQuotedBytes && !/[\0\r\n]/.test(bytes.toString('latin1'))
  if (isPlain && decode(bytes) !== undefined) return Buffer.from(`"${bytes.toString().replace(/["\\]/g, '\\$&')}"`)
  return Buffer.concat([Buffer.from(`{${bytes.length}+}\r\n`), bytes])
}

/** With its line end. `parseRequest` reads it back. */
export function printRequest(request: ManageSieveRequest): Uint8Array {
  const parts = [
    Buffer.from(request.kind.toUpperCase()),
    ...argumentsOf(request).flatMap(one => [Buffer.from(' '), one]),
  ]
  return Buffer.concat([...parts, Buffer.from('\r\n')])
}

function argumentsOf(request: ManageSieveRequest): readonly Uint8Array[] {
  switch (request.kind) {
    case 'capability':
    case 'logout':
    case 'starttls':
    case 'listscripts':
    case 'unauthenticate':
      return []
    case 'authenticate': {
      const { initial, mechanism } = request
      return [mechanism, ...(initial === undefined ? [] : [initial])].map(printClientString)
    }
    case 'noop':
      return request.tag ? [printClientString(request.tag)] : []
    case 'havespace':
      return [printClientString(request.name), Buffer.from(String(request.sizeBytes))]
    case 'putscript':
      return [printClientString(request.name), printClientString(request.script)]
    case 'checkscript':
      return [printClientString(request.script)]
    case 'setactive':
    case 'getscript':
    case 'deletescript':
      return [printClientString(request.name)]
    case 'renamescript':
      return [printClientString(request.name), printClientString(request.to)]
  }
}
