import type { Envelope, RecipientResult } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'

/**
 * Every way a message can go: LMTP client, SMTP client, upstream, link, delivery in this process. One result per recipient,
 * in the envelope's order; never throws for what the network or the peer did (that is `deferred` with a reply of ours).
 * After an abort the fate of recipients without an answer is `deferred`: the message may have arrived, and is sent again
 * under the same delivery id.
 */
export type Transport = (
  envelope: Envelope,
  message: MessageSource,
  signal: AbortSignal,
) => Promise<readonly RecipientResult[]>
