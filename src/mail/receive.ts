/**
 * The gateway takes a message in. While the sender waits, home is asked about each recipient and given the message; home's verdict
 * is the answer. When home is away, slow or unsure, the message goes to the hold under the same delivery id and the answer is yes.
 *
 * Invariants: only recipients in our domains are ever accepted; a yes means that home or the hold has it on disk; one message has
 * one delivery id, whichever ways it takes, so that home can drop what comes twice; no 5xx that is our own fault.
 */
import { extend } from '#base/extend.ts'
import type { Envelope } from '#formats/envelope.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import { parseAddress } from '#formats/address/address.ts'
import { createAttemptTable } from './receive/attempts.ts'
import { createDeliveryIds } from './receive/delivery-ids.ts'
import { GatewayTransaction, type GatewayOptions, type GatewayParts } from './receive/transaction.ts'
import type { Begun, MessageReceiver, SessionFacts } from './receiving.ts'

export type { GatewayOptions }

export function createGatewayReceiver(options: GatewayOptions): MessageReceiver {
  const parts: GatewayParts = extend(options, {
    nextId: createDeliveryIds(options.name, options.boot),
    attempts: createAttemptTable(),
  })
  return { begin: async (session, envelope, declaredSize) => begin(parts, session, envelope, declaredSize) }
}

function begin(
  parts: GatewayParts,
  session: SessionFacts,
  envelope: Envelope,
  declaredSize: number | undefined,
): Begun {
  if (declaredSize !== undefined && declaredSize > parts.sizeLimitBytes)
    return { kind: 'refused', reply: smtpReply(552, '5.3.4', 'Message too big') }
  if (envelope.reversePath !== '' && !parseAddress(envelope.reversePath))
    return { kind: 'refused', reply: smtpReply(553, '5.1.7', 'Not an address') }
  const transaction = new GatewayTransaction(parts, session, envelope, declaredSize)
  return { kind: 'open', reply: smtpReply(250, '2.1.0', 'Sender OK'), transaction }
}
