/**
 * The one header field in which a gateway tells home, over LMTP, what only the gateway knows:
 *
 *     Hikyaku-Delivery: v1 <base64url of JSON, folded> <base64url of HMAC-SHA256>
 *
 * It stands before everything else, is bound to recipients, bytes, size, trace block and an expiry, and never reaches a mailbox.
 * The values are inside base64url, so nothing a stranger chose (HELO, addresses) can end the field or begin another.
 */
import { timingSafeEqual } from 'node:crypto'
import { hmacSha256, sha256 } from '#base/hmac.ts'
import { asciiText, equalBytes, utf8 } from '#base/bytes.ts'
import type { DeliveryFacts } from './downstream.ts'
import type { DeliveryId } from './ids.ts'
import { isVerdicts } from './verdicts-shape.ts'

export const factsFieldName = 'Hikyaku-Delivery'

/** A field is about 2 KiB; what makes it longer is bounded: ids of vanished attempts (64), signatures (8), sealers (8), lists. */
export const maxFactsFieldBytes = 48 * 1024
/** Longer than any transfer takes and than clocks of two boxes differ; a repeat within it is recognised by its id. */
const validMs = 24 * 3600 * 1000
const lineCharacters = 76

export type BoundTo = {
  /** As in RCPT, those that were accepted, in order */
  readonly recipients: readonly string[]
  /** SHA-256 of the bytes as received: the last `sizeBytes` octets of what is sent */
  readonly hash: Uint8Array
  readonly sizeBytes: number
  /** The gateway's own fields between this field and the bytes as received */
  readonly trace?: Uint8Array
}

export type OpenedFacts =
  /** The head does not begin with such a field */
  | { readonly kind: 'none' }
  | { readonly kind: 'bad'; readonly problem: FactsProblem; readonly fieldLength: number }
  | {
      readonly kind: 'good'
      readonly facts: DeliveryFacts
      readonly bound: { readonly hash: Uint8Array; readonly sizeBytes: number }
      readonly fieldLength: number
      boundTo(recipients: readonly string[]): boolean
      boundToTrace(trace: Uint8Array): boolean
    }

export type FactsProblem = 'too-long' | 'malformed' | 'wrong-signature' | 'expired'

/** The field, CRLF at its end, to be sent before the gateway's trace block. `now` in milliseconds since 1970. */
export function signFacts(facts: DeliveryFacts, bound: BoundTo, key: Uint8Array, now = Date.now()): Uint8Array {
  const payload = Buffer.from(
    JSON.stringify({
      facts,
      recipients: base64(listHash(bound.recipients)),
      hash: base64(bound.hash),
      sizeBytes: bound.sizeBytes,
      ...(bound.trace && { trace: base64(sha256(bound.trace)) }),
      expiresAt: now + validMs,
    }),
  ).toString('base64url')
  let lines = ''
  for (let at = 0; at < payload.length; at += lineCharacters) lines += `\r\n ${payload.slice(at, at + lineCharacters)}`
  return utf8(`${factsFieldName}: v1${lines}\r\n ${macOf(payload, key).toString('base64url')}\r\n`)
}

/** Reads the field at the very beginning of `head` (the first octets of what arrived, `maxFactsFieldBytes` or more). */
export function openFacts(head: Uint8Array, key: Uint8Array, now = Date.now()): OpenedFacts {
  const fieldLength = factsFieldLength(head)
  if (fieldLength === 0) return { kind: 'none' }
  const bad = (problem: FactsProblem): OpenedFacts => ({ kind: 'bad', problem, fieldLength })
  if (fieldLength > maxFactsFieldBytes) return bad('too-long')
  const field = asciiText(head.subarray(0, fieldLength))
  const [version, ...parts] = field
    .slice(factsFieldName.length + 1, -2)
    .trim()
    .split('\r\n ')
  const mac = parts.pop()
  if (version !== 'v1' || mac === undefined || parts.length === 0) return bad('malformed')
  const payload = parts.join('')
  const given = Buffer.from(mac, 'base64url')
  const right = macOf(payload, key)
  if (given.length !== right.length || !timingSafeEqual(given, right)) return bad('wrong-signature')
  const read = readPayload(payload)
  if (!read) return bad('malformed')
  if (!(read.expiresAt > now)) return bad('expired')
  return {
    kind: 'good',
    facts: read.facts,
    bound: { hash: bytes(read.hash), sizeBytes: read.sizeBytes },
    fieldLength,
    boundTo: recipients => equalBytes(listHash(recipients), bytes(read.recipients)),
    boundToTrace: trace => read.trace === undefined || equalBytes(sha256(trace), bytes(read.trace)),
  }
}

/** Octets of the field when `head` begins with one of this name (in any case), its folded lines included; else 0. */
export function factsFieldLength(head: Uint8Array): number {
  const name = asciiText(head.subarray(0, factsFieldName.length + 1)).toLowerCase()
  if (name !== `${factsFieldName.toLowerCase()}:`) return 0
  for (let at = factsFieldName.length; ; ) {
    const lineFeed = head.indexOf(10, at)
    if (lineFeed < 0) return head.length
    at = lineFeed + 1
    if (head[at] !== 32 && head[at] !== 9) return at
  }
}

type Payload = {
  readonly facts: DeliveryFacts
  readonly recipients: string
  readonly hash: string
  readonly sizeBytes: number
  readonly trace?: string
  readonly expiresAt: number
}

/** The signature was right, so our own gateway wrote this; a newer gateway may have written it otherwise. */
function readPayload(payload: string): Payload | undefined {
  try {
    const read = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Payload
    const strings = [read.recipients, read.hash, read.trace ?? '']
    const sound =
      isDeliveryFacts(read.facts) &&
      strings.every(text => typeof text === 'string') &&
      Number.isSafeInteger(read.sizeBytes) &&
      read.sizeBytes >= 0
    return sound ? read : undefined
  } catch {
    return undefined
  }
}

/** Checks what came from JSON: a facts field, or an entry of the hold. */
export function isDeliveryFacts(value: unknown): value is DeliveryFacts {
  const facts = value as DeliveryFacts | null | undefined
  const attempt = facts?.attempt
  return (
    typeof attempt === 'object' &&
    isId(attempt.id) &&
    typeof attempt.origin === 'string' &&
    Number.isSafeInteger(attempt.boot) &&
    Array.isArray(attempt.gone) &&
    attempt.gone.every(isId) &&
    typeof attempt.confirmed === 'boolean' &&
    typeof facts?.clientAddress === 'string' &&
    typeof facts.helo === 'string' &&
    (facts.tls === undefined || typeof facts.tls === 'string') &&
    typeof facts.receivedAt === 'number' &&
    typeof facts.held === 'boolean' &&
    (facts.verdicts === undefined || isVerdicts(facts.verdicts))
  )
}

/** `origin.boot.sequence`, boot and sequence in base 36 */
export function isId(value: unknown): value is DeliveryId {
  return typeof value === 'string' && /^[a-z0-9-]{1,63}\.[a-z0-9]{1,11}\.[a-z0-9]{1,11}$/.test(value)
}

function macOf(payload: string, key: Uint8Array): Buffer {
  return hmacSha256(key)('hikyaku delivery facts v1\0', payload)
}

function listHash(recipients: readonly string[]): Uint8Array {
  return sha256(recipients.map(recipient => `${Buffer.byteLength(recipient)}:${recipient},`).join(''))
}

function base64(value: Uint8Array): string {
  return Buffer.from(value).toString('base64url')
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text, 'base64url')
}
