/** Mail out through our own gateway, which asks the recipients' servers while we wait. */
import type { RecipientResult } from '#formats/envelope.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import { heardFromGateway } from '#mail/relay/words.ts'
import type { Transport } from '#mail/transport.ts'
import { ClientFailure } from './client-failure.ts'
import type { SmtpClient } from './client.ts'
import { relayConnections, relayFinalTimeoutMs } from './limits.ts'
import { type ClosableTransport, pooledTransport, poolTo, type TransportOptions } from './transport.ts'

export function relayTransport(options: TransportOptions): ClosableTransport {
  const patient = { maxConnections: relayConnections, finalMs: relayFinalTimeoutMs, ...options }
  return pooledTransport(poolTo('lmtp', patient, mustKnowUs))
}

/** Under the delivery's id, and with the results as the recipients' own servers gave them; `heard` is told them as they came. */
export function relayedAs(
  id: string,
  transport: Transport,
  heard: (results: readonly RecipientResult[]) => void = () => {},
): Transport {
  return async (envelope, message, signal) => {
    const results = await transport({ ...envelope, deliveryId: id }, message, signal)
    if (!signal.aborted) heard(results)
    return results.map(heardFromGateway)
  }
}

/** It offers XDELIVERY to a home that it knows. Else it would send us away at MAIL; here the reason can be told. */
async function mustKnowUs(client: SmtpClient): Promise<void> {
  if (client.offers('XDELIVERY')) return
  throw new ClientFailure(
    smtpReply(
      451,
      '4.7.0',
      `RELAY-AUTH: the gateway ${client.options.host} does not know this home (certificate or login)`,
    ),
  )
}
