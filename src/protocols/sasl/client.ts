/** The other side: for upstreams that want a login, for doctor, and for tests. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { emptyBytes, utf8 } from '#base/bytes.ts'
import type { ScramHash } from '#mail/auth.ts'
import { saslPrep } from '#mail/passwords/saslprep.ts'
import { scramDigests, scramKeys } from '#mail/passwords/scram-verifier.ts'
import type { ChannelBinding } from './channel-binding.ts'
import { maxIterations, minIterations, nonceBytes } from './limits.ts'
import { responseText } from './sasl.ts'
import { encodeName, parseServerFirst } from './syntax/scram.ts'

export type SaslClient = {
  readonly mechanism: string
  /** What may go with the command; undefined when the server speaks first */
  readonly initial: Uint8Array | undefined
  /** The response to a challenge. Throws `SaslFailure` when the server is not who knows the password, or talks nonsense. */
  respond(challenge: Uint8Array): Uint8Array
  /** A success that is said before this is true is not to be believed: the server has proved nothing (SCRAM). */
  readonly complete: boolean
}

export class SaslFailure extends Error {
  override readonly name = 'SaslFailure'
}

export type SaslClientOptions = {
  readonly name: string
  readonly password: string
  /** Of the connection, for -PLUS */
  readonly channelBinding?: ChannelBinding | undefined
  /** What the server offers: decides between `y` and `n` */
  readonly offered?: readonly string[]
  readonly nonce?: () => string
}

/** The best that both sides can; undefined when there is none. Only call it on a connection that may carry a password. */
export function chooseMechanism(offered: readonly string[], options: SaslClientOptions): SaslClient | undefined {
  const names = new Set(offered.map(name => name.toUpperCase()))
  if (options.channelBinding && names.has('SCRAM-SHA-256-PLUS')) return scramClient({ ...options, offered }, true)
  if (names.has('SCRAM-SHA-256')) return scramClient({ ...options, offered }, false)
  if (names.has('PLAIN')) return plainClient(options)
  if (names.has('LOGIN')) return loginClient(options)
  return undefined
}

export function plainClient({ name, password }: SaslClientOptions): SaslClient {
  const message = utf8(`\0${name}\0${password}`)
  return { mechanism: 'PLAIN', initial: message, respond: () => message, complete: true }
}

export function loginClient({ name, password }: SaslClientOptions): SaslClient {
  const answers = [name, password]
  return {
    mechanism: 'LOGIN',
    initial: undefined,
    respond() {
      const answer = answers.shift()
      if (answer === undefined) throw new SaslFailure('The server asks for more than a name and a password')
      return utf8(answer)
    },
    complete: true,
  }
}

/** RFC 5802 §3. Binds by tls-exporter where there is one, else by tls-server-end-point. */
export function scramClient(options: SaslClientOptions, plus: boolean, hash: ScramHash = 'sha-256'): SaslClient {
  const { digest } = scramDigests[hash]
  const password = saslPrep(options.password)
  const name = saslPrep(options.name)
  if (password === undefined || name === undefined) throw new SaslFailure('Name or password has no SASLprep form')
  const binding = plus ? bestBinding(options.channelBinding) : undefined
  const header = binding ? `p=${binding.name},,` : `${saysY(options) ? 'y' : 'n'},,`
  const nonce = options.nonce?.() ?? randomBytes(nonceBytes).toString('base64')
  const bare = `n=${encodeName(name)},r=${nonce}`
  let expected: Uint8Array | undefined
  let complete = false

  return {
    mechanism: `SCRAM-${hash.toUpperCase()}${plus ? '-PLUS' : ''}`,
    initial: utf8(header + bare),
    get complete() {
      return complete
    },
    respond(challenge) {
      const text = responseText(challenge) ?? ''
      if (expected) return finish(text, expected)
      return text === '' ? utf8(header + bare) : prove(text)
    },
  }

  function prove(serverFirst: string): Uint8Array {
    const first = parseServerFirst(serverFirst)
    if (!first) throw new SaslFailure('Not a server-first-message of RFC 5802')
    if (!first.nonce.startsWith(nonce) || first.nonce === nonce) throw new SaslFailure('The server changed the nonce')
    if (first.iterations < minIterations || first.iterations > maxIterations)
      throw new SaslFailure(`The server asks for ${first.iterations} iterations`)
    const keys = scramKeys(digest, password ?? '', first.salt, first.iterations)
    const bound = Buffer.concat([Buffer.from(header), binding?.data ?? emptyBytes]).toString('base64')
    const withoutProof = `c=${bound},r=${first.nonce}`
    const authMessage = `${bare},${serverFirst},${withoutProof}`
    const signature = createHmac(digest, keys.storedKey).update(authMessage).digest()
    const proof = signature.map((octet, at) => octet ^ (keys.clientKey[at] ?? 0))
    expected = createHmac(digest, keys.serverKey).update(authMessage).digest()
    return utf8(`${withoutProof},p=${Buffer.from(proof).toString('base64')}`)
  }

  function finish(serverFinal: string, signature: Uint8Array): Uint8Array {
    const [, error] = /^e=([^,]*)/.exec(serverFinal) ?? []
    if (error !== undefined) throw new SaslFailure(`The server refused: ${error}`)
    const [, verifier = ''] = /^v=([A-Za-z0-9+/]+=*)(?:,|$)/.exec(serverFinal) ?? []
    const given = Buffer.from(verifier, 'base64')
    if (given.length !== signature.length || !timingSafeEqual(given, signature))
      throw new SaslFailure('The server does not know the password: it is not who it says')
    complete = true
    return emptyBytes
  }
}

/** We could bind, and the server does not offer it: it will know whether that is true. */
function saysY({ channelBinding, offered }: SaslClientOptions): boolean {
  return bestBinding(channelBinding) !== undefined && !(offered ?? []).some(name => /-PLUS$/i.test(name))
}

function bestBinding(channel: ChannelBinding | undefined) {
  for (const name of ['tls-exporter', 'tls-server-end-point'] as const) {
    const data = channel?.[name]
    if (data) return { name, data }
  }
  return undefined
}
