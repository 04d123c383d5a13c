/** The fields we put before a message, and the forged ones we take out of it. "Stored = our block + the bytes as received." */
import { concatBytes, emptyBytes, utf8 } from '#base/bytes.ts'
import type { Envelope } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { fieldRanges, forgedResults } from '#formats/message/forged.ts'
import { received, returnPath, withProtocol } from '#formats/message/trace-fields.ts'
import { authenticationResults } from './authenticity/results-field.ts'
import { junkFieldName } from './content/field.ts'
import type { DeliveryFacts } from './downstream.ts'
import type { DeliveryId } from './ids.ts'
import { withoutRanges } from './receive/cut-source.ts'
import { headerOf } from './receive/header-of.ts'
import type { SessionFacts } from './receiving.ts'

/**
 * The gateway's Authentication-Results, when it has looked (RFC 8601 §4: above the Received of the same hop), and its Received. Recipients
 * are not named: there may be several, and some by Bcc. RFC 5321 §4.4, §7.6
 */
export function gatewayTrace(
  session: SessionFacts,
  facts: DeliveryFacts,
  hostname: string,
  { reversePath, smtpUtf8 }: Envelope,
): Uint8Array {
  const { verdicts } = facts
  const results = verdicts
    ? authenticationResults(hostname, { reversePath, clientAddress: facts.clientAddress }, verdicts)
    : emptyBytes
  const own = received({
    helo: facts.helo,
    clientAddress: facts.clientAddress,
    by: hostname,
    with: withProtocol({ tls: session.tls !== undefined, authenticated: false, smtpUtf8 }),
    id: facts.attempt.id,
    tls: session.tls,
    date: facts.receivedAt,
  })
  return concatBytes([results, own])
}

/** What home puts before all: Return-Path, the loop marker, Received. RFC 5321 §4.4 */
export function homeTrace(block: {
  readonly reversePath: string
  /** Canonical */
  readonly recipient: string
  /** Undefined within one process */
  readonly from:
    | { readonly helo: string; readonly clientAddress: string; readonly tls: SessionFacts['tls'] }
    | undefined
  readonly hostname: string
  readonly smtpUtf8: boolean
  readonly id: DeliveryId
  readonly at: number
}): Uint8Array {
  const { from, recipient, smtpUtf8 } = block
  return concatBytes([
    returnPath(block.reversePath),
    utf8(`Delivered-To: ${recipient}\r\n`),
    received({
      helo: from?.helo,
      clientAddress: from?.clientAddress,
      by: block.hostname,
      with: withProtocol({ lmtp: true, tls: from?.tls !== undefined, authenticated: false, smtpUtf8 }),
      id: block.id,
      for: recipient,
      tls: from?.tls,
      date: block.at,
    }),
  ])
}

/** Received of a message that a person hands in: the client's name and address stay between us. RFC 6409 §5.1 asks for the login only. */
export function submissionTrace(
  session: SessionFacts,
  hostname: string,
  smtpUtf8: boolean,
  id: DeliveryId,
  at: number,
): Uint8Array {
  return received({
    by: hostname,
    with: withProtocol({ tls: session.tls !== undefined, authenticated: true, smtpUtf8 }),
    id,
    date: at,
  })
}

/** The message without what only we may say of it: Authentication-Results under our own authserv-ids (RFC 8601 §5), verdicts of our filter. */
export async function withoutForgedResults(
  source: MessageSource,
  authservIds: readonly string[],
): Promise<MessageSource> {
  const header = await headerOf(source)
  const forged = [...authservIds.flatMap(id => forgedResults(header, id)), ...fieldRanges(header, [junkFieldName])]
  return withoutRanges(
    source,
    forged.toSorted((a, b) => a.offset - b.offset),
  )
}
