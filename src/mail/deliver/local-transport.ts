import type { RecipientResult } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { isPermanent, isPositive, smtpReply } from '#formats/smtp-reply.ts'
import type { HomeReceiver } from '../deliver.ts'
import type { DeliveryFacts } from '../downstream.ts'
import type { DeliveryId } from '../ids.ts'
import type { Transport } from '../transport.ts'

/** What the outbound queue shows of an entry to its transport. */
export type QueuedForHome = {
  readonly id: DeliveryId
  readonly trace: Uint8Array
  /** The bytes as received */
  readonly received: MessageSource
  readonly receivedAt: number
}

/** For recipients in our own domains: from the outbound queue into the accounts, under the entry's id. */
export function localTransport(home: HomeReceiver): (queued: QueuedForHome) => Transport {
  return queued => async (envelope, _whole, signal) => {
    // The size lets a full mailbox answer here, where nothing is remembered: it may have room at the next attempt.
    const transaction = home.take(factsOf(queued), envelope, queued.received.sizeBytes)
    const results: RecipientResult[] = []
    const taken: number[] = []
    try {
      for (const recipient of envelope.recipients) {
        // The queue itself reports what it was asked to report
        const reply = await transaction.recipient({ ...recipient, notify: { never: true } })
        if (isPositive(reply)) taken.push(results.length)
        results.push({ status: isPermanent(reply) ? 'failed' : 'deferred', reply })
      }
      if (taken.length === 0) return results
      const verdict = await transaction.deliver(queued.trace, queued.received, signal)
      for (const [order, index] of taken.entries()) results[index] = verdict.results[order] ?? noAnswer
      return results
    } finally {
      transaction.settle('aborted')
    }
  }
}

const noAnswer: RecipientResult = { status: 'deferred', reply: smtpReply(451, '4.3.0', 'No answer for this recipient') }

/** Confirmed: whoever handed it in has the queue's 250, and the queue itself never forgets an id. */
function factsOf({ id, receivedAt }: QueuedForHome): DeliveryFacts {
  const [origin = '', boot = ''] = id.split('.')
  return {
    // reports and notices have a name there, or an account, that would be no number
    attempt: {
      id,
      origin,
      boot: /^[0-9a-z]{1,8}$/.test(boot) ? Number.parseInt(boot, 36) : 0,
      gone: [],
      confirmed: true,
    },
    clientAddress: '',
    helo: '',
    tls: undefined,
    receivedAt,
    held: false,
  }
}
