/** A letter on the way that SMTP submission goes: the same receiver says yes or no, in the same order. RFC 8621 §7.5 */
import type { Login } from '#mail/auth.ts'
import type { DeliveryId } from '#mail/ids.ts'
import type { IncomingTransaction, SessionFacts } from '#mail/receiving.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { isPositive, isTransient, printReply, type SmtpReply } from '#formats/smtp-reply.ts'
import { survey } from '#protocols/smtp/survey.ts'
import type { MethodContext } from '../method.ts'
import type { SetError } from '../wire.ts'
import type { SubmissionEnvelope } from '../wire-sending.ts'
import { needsUtf8 } from './envelope.ts'
import type { EnvelopeParameters } from './parameters.ts'

type Addressed = { readonly envelope: SubmissionEnvelope; readonly parameters: EnvelopeParameters }
export type Submitted = { readonly delivery: DeliveryId; readonly messageId?: string }

/** Each address of the envelope is one, and there is one at least. */
export async function submit(
  { envelope, parameters }: Addressed,
  source: MessageSource,
  context: MethodContext,
): Promise<Submitted | SetError> {
  const { receiver, maxSize } = context.sending
  if (source.sizeBytes > maxSize) return { type: 'tooLarge', maxSize }
  const needs = await survey(source)
  if (needs.binary)
    return { type: 'invalidEmail', properties: ['blobId'], description: 'Its lines do not end as those of letters do' }
  const begun = await receiver.begin(
    sessionOf(context.login, context),
    {
      reversePath: envelope.mailFrom.email,
      recipients: [],
      body: needs.eightBit ? '8BITMIME' : '7BIT',
      smtpUtf8: needs.eightBitHeader || needsUtf8(envelope),
      ...parameters.mailFrom,
    },
    source.sizeBytes,
    context.signal,
  )
  if (begun.kind === 'refused') return senderError(begun.reply)
  const { transaction } = begun
  let settled = false
  try {
    const refused = await addRecipients(transaction, { envelope, parameters }, context)
    if (refused) return refused
    const { reply, delivery, messageId } = await transaction.message(source, context.signal)
    if (!isPositive(reply) || delivery === undefined) return messageError(reply, maxSize)
    context.answered.push(outcome => transaction.settle(outcome))
    settled = true
    return { delivery, ...(messageId !== undefined && { messageId }) }
  } finally {
    if (!settled) transaction.settle('aborted')
  }
}

function sessionOf(login: Login, { from }: MethodContext): SessionFacts {
  return {
    id: from.session,
    profile: 'submission',
    clientAddress: from.clientAddress,
    clientPort: 0,
    localPort: 0,
    helo: undefined,
    tls: undefined,
    login,
    gateway: undefined,
    asksForEnd: true,
  }
}

/** All or none: of a letter that reaches some alone its writer would not know. */
async function addRecipients(
  transaction: IncomingTransaction,
  { envelope: { rcptTo }, parameters }: Addressed,
  { sending, signal }: MethodContext,
): Promise<SetError | undefined> {
  const bad: string[] = []
  for (const [index, { email }] of rcptTo.entries()) {
    const reply = await transaction.recipient({ address: email, ...parameters.rcptTo[index] }, signal)
    if (isPositive(reply)) continue
    if (reply.code === 452) return { type: 'tooManyRecipients', maxRecipients: sending.maxRecipients }
    if (reply.code === 450) return { type: 'rateLimit', description: printReply(reply) }
    if (isTransient(reply)) return { type: 'serverFail', description: printReply(reply) }
    bad.push(email)
  }
  return bad.length > 0 ? { type: 'invalidRecipients', invalidRecipients: bad } : undefined
}

function senderError(reply: SmtpReply): SetError {
  const description = printReply(reply)
  if (isTransient(reply)) return { type: 'serverFail', description }
  return { type: reply.code === 553 ? 'forbiddenMailFrom' : 'forbiddenToSend', description }
}

function messageError(reply: SmtpReply, maxSize: number): SetError {
  const description = printReply(reply)
  if (isTransient(reply)) return { type: 'serverFail', description }
  if (reply.code === 553) return { type: 'forbiddenFrom', description }
  if (reply.code === 552) return { type: 'tooLarge', maxSize, description }
  return { type: 'invalidEmail', properties: ['headers'], description }
}
