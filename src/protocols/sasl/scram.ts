/**
 * SCRAM-SHA-256 and SCRAM-SHA-1, each with -PLUS, the server. RFC 5802, RFC 7677
 *
 * The server's signature goes out as one more challenge, answered by an empty response: none of our profiles can carry data
 * with the success itself.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { emptyBytes, utf8 } from '#base/bytes.ts'
import type { ScramExchange, ScramHash, ScramVerifier } from '#mail/auth.ts'
import { scramDigests } from '#mail/passwords/scram-verifier.ts'
import { nonceBytes } from './limits.ts'
import { bad, refused, responseText } from './sasl.ts'
import type { SaslContext, SaslMechanism, SaslStep } from './sasl.ts'
import { parseClientFinal, parseClientFirst, printServerFirst } from './syntax/scram.ts'
import type { ClientFirst } from './syntax/scram.ts'

type Variant = { readonly name: string; readonly hash: ScramHash; readonly plus: boolean }

/** Best first: a binding counts more than a hash. */
export const scramVariants: readonly Variant[] = [
  { name: 'SCRAM-SHA-256-PLUS', hash: 'sha-256', plus: true },
  { name: 'SCRAM-SHA-1-PLUS', hash: 'sha-1', plus: true },
  { name: 'SCRAM-SHA-256', hash: 'sha-256', plus: false },
  { name: 'SCRAM-SHA-1', hash: 'sha-1', plus: false },
]

export function scram(variant: Variant): SaslMechanism {
  return (initial, context) => start(initial, context, variant)
}

async function start(initial: Uint8Array | undefined, context: SaslContext, variant: Variant): Promise<SaslStep> {
  if (initial && initial.length > 0) return clientFirst(initial, context, variant)
  return { kind: 'challenge', data: emptyBytes, next: response => clientFirst(response, context, variant) }
}

async function clientFirst(response: Uint8Array, context: SaslContext, variant: Variant): Promise<SaslStep> {
  const first = parseClientFirst(responseText(response) ?? '')
  if (!first) return bad('Not a client-first-message of RFC 5802')
  if (first.authzid !== undefined && first.authzid !== first.name) return refused
  const binding = expectedBinding(first, context, variant.plus)
  if (!binding) return refused
  const attempt = { ...context.attempt, mechanism: variant.name }
  const exchange = await context.authenticator.scram(first.name, attempt, variant.hash)
  if (exchange.kind !== 'scram') return { kind: 'done', result: exchange }
  const nonce = first.nonce + (context.nonce ?? randomNonce)()
  const { salt, iterations } = exchange.verifier
  const serverFirst = printServerFirst({ nonce, salt, iterations })
  return {
    kind: 'challenge',
    data: utf8(serverFirst),
    next: final => clientFinal(final, { exchange, nonce, binding, begun: `${first.bare},${serverFirst}` }),
  }
}

/** What `c=` must hold, or undefined when the flag does not go with the mechanism. RFC 5802 §6 */
function expectedBinding(first: ClientFirst, context: SaslContext, plus: boolean): Uint8Array | undefined {
  const header = Buffer.from(first.gs2Header)
  switch (first.flag.kind) {
    case 'p': {
      const name = first.flag.binding
      const known = name === 'tls-exporter' || name === 'tls-server-end-point' ? name : undefined
      const data = plus && known ? context.channelBinding?.[known] : undefined
      return data && Buffer.concat([header, data])
    }
    case 'y':
      // the client could bind and saw no -PLUS, but we offer it: somebody in between took it out of the list
      return plus || context.channelBinding ? undefined : header
    case 'n':
      return plus ? undefined : header
    default:
      return first.flag satisfies never
  }
}

type Exchange = {
  readonly exchange: ScramExchange
  readonly nonce: string
  readonly binding: Uint8Array
  /** AuthMessage up to its last comma */
  readonly begun: string
}

async function clientFinal(response: Uint8Array, state: Exchange): Promise<SaslStep> {
  const final = parseClientFinal(responseText(response) ?? '')
  if (!final) return bad('Not a client-final-message of RFC 5802')
  const authMessage = `${state.begun},${final.withoutProof}`
  const { verifier, others = [] } = state.exchange
  const bound = Buffer.from(state.binding).toString('base64') === final.binding
  const sound = bound && final.nonce === state.nonce
  const proved = sound ? [verifier, ...others].find(one => isProof(one, authMessage, final.proof)) : undefined
  const result = await state.exchange.finish(proved !== undefined, proved)
  if (result.kind !== 'ok') return { kind: 'done', result }
  const { hash, serverKey } = proved ?? verifier
  const signature = createHmac(scramDigests[hash].digest, serverKey).update(authMessage).digest('base64')
  return {
    kind: 'challenge',
    data: utf8(`v=${signature}`),
    next: last => Promise.resolve(last.length === 0 ? { kind: 'done', result } : bad('An empty response was expected')),
  }
}

/** ClientKey := ClientProof XOR ClientSignature; its hash is the StoredKey. RFC 5802 §3 */
function isProof(verifier: ScramVerifier, authMessage: string, proof: Uint8Array): boolean {
  const { digest } = scramDigests[verifier.hash]
  const signature = createHmac(digest, verifier.storedKey).update(authMessage).digest()
  if (proof.length !== signature.length) return false
  const clientKey = signature.map((octet, at) => octet ^ (proof[at] ?? 0))
  return timingSafeEqual(createHash(digest).update(clientKey).digest(), verifier.storedKey)
}

function randomNonce(): string {
  return randomBytes(nonceBytes).toString('base64')
}
