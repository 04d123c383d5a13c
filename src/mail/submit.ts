/**
 * Submission: a person who has logged in hands a message in, under addresses of their own. RFC 6409
 *
 * Invariants: nothing is taken without a login; a yes means that the outbound queue has the message on disk; the client's
 * address goes no further, and Bcc only into the writer's own copy.
 */
import { extend } from '#base/extend.ts'
import { canonicalAddress } from '#formats/address/address.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import { createDeliveryIds } from './receive/delivery-ids.ts'
import type { Begun, MessageReceiver, SessionFacts } from './receiving.ts'
import type { Envelope } from '#formats/envelope.ts'
import type { Login } from './auth.ts'
import type { DeliveryId } from './ids.ts'
import { recipientsPerHour } from './submit/limits.ts'
import { createSubmissionRate } from './submit/rate.ts'
import {
  notYourAddress,
  SubmissionTransaction,
  type SubmissionOptions,
  type SubmissionParts,
} from './submit/transaction.ts'
import { tryLater } from './receive/reply-for-stranger.ts'

export type { SubmissionOptions }

export function createSubmissionReceiver(options: SubmissionOptions): MessageReceiver {
  const parts: SubmissionParts = extend(options, {
    nextId: createDeliveryIds(`${options.name}-out`, options.boot),
    rate: createSubmissionRate(() => options.recipientsPerHour ?? recipientsPerHour, options.clock),
    claimed: new Set<DeliveryId>(),
  })
  return {
    async begin(session, envelope, declaredSize) {
      if (!session.login) return refused(530, '5.7.0', 'Authentication required')
      if (declaredSize !== undefined && declaredSize > options.sizeLimitBytes)
        return refused(552, '5.3.4', 'Message too big')
      return begin(parts, session, session.login, envelope)
    },
  }
}

async function begin(parts: SubmissionParts, session: SessionFacts, login: Login, envelope: Envelope): Promise<Begun> {
  if (envelope.reversePath === '') return refused(553, '5.7.1', 'A person sends under an address, not the null path')
  const reversePath = canonicalAddress(envelope.reversePath)
  if (!reversePath) return refused(553, '5.1.7', 'Not an address')
  try {
    if (!(await parts.directory.maySendAs(login.account, reversePath)))
      return { kind: 'refused', reply: notYourAddress(envelope.reversePath) }
  } catch (error) {
    parts.log.error('The directory could not be asked who may send', { error: String(error) })
    return { kind: 'refused', reply: tryLater }
  }
  const transaction = new SubmissionTransaction(parts, session, login, envelope)
  return { kind: 'open', reply: smtpReply(250, '2.1.0', 'Sender OK'), transaction }
}

function refused(code: number, enhanced: string, text: string): Begun {
  return { kind: 'refused', reply: smtpReply(code, enhanced, text) }
}
