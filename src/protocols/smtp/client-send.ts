/** One transaction as the client: envelope, message, a result for each recipient. Results are the peer's words or say that they are ours. */
import { asciiAddress, parseAddress } from '#formats/address/address.ts'
import type { BodyKind, Envelope, EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import { eachChunk, type MessageSource } from '#formats/message-source.ts'
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import { ChunksRefused, expectChunksTaken, takesChunks } from './chunks-refused.ts'
import type { SmtpClient } from './client.ts'
import { clientBlockTimeoutMs, clientDataTimeoutMs, clientFinalTimeoutMs } from './limits.ts'
import { hasWholeLines, survey, type Survey } from './survey.ts'
import { DotStuffer } from './syntax/dot-stuff.ts'
import { isAscii } from './syntax/path.ts'
import type { MailParameters } from './syntax/parameters.ts'

/** All recipients, in as many transactions as the peer wants (452 4.5.3, RFC 5321 §4.5.3.1.10; RCPTMAX, RFC 9422). Never throws. */
export async function sendMessage(
  client: SmtpClient,
  envelope: Envelope,
  message: MessageSource,
  signal: AbortSignal,
): Promise<RecipientResult[]> {
  const results = new Map<EnvelopeRecipient, RecipientResult>()
  const most = rcptMax(client)
  if (isControlled(envelope.reversePath)) return envelope.recipients.map(() => resultOf(noAddress('5.1.7')))
  for (const recipient of envelope.recipients)
    if (isControlled(recipient.address)) results.set(recipient, resultOf(noAddress('5.1.3')))
  const sendable = envelope.recipients.filter(recipient => !results.has(recipient))
  let waiting = sendable.filter(({ address }) => spelledFor(client, address) !== undefined)
  if (waiting.length < sendable.length)
    for (const recipient of sendable)
      if (!waiting.includes(recipient)) results.set(recipient, resultOf(takesNoUtf8(client)))
  for (let fresh = true; waiting.length > 0 && fresh; ) {
    const batch = waiting.slice(0, most)
    const got = await sendBatch(client, { ...envelope, recipients: batch }, message, signal)
    batch.forEach((recipient, at) => results.set(recipient, got[at] ?? deferred(lostBefore(client))))
    const later = batch.filter(recipient => isTooMany(results.get(recipient)?.reply))
    fresh = later.length < batch.length && client.isIdle
    waiting = [...later, ...waiting.slice(batch.length)]
  }
  return envelope.recipients.map(recipient => results.get(recipient) ?? deferred(lostBefore(client)))
}

/** What nobody's address holds, and would begin a command of its own */
function isControlled(address: string): boolean {
  return /[\0-\x1f\x7f]/.test(address)
}

function noAddress(enhanced: string): SmtpReply {
  return smtpReply(553, enhanced, 'The address has control characters')
}

function isTooMany(reply: SmtpReply | undefined): boolean {
  return reply?.code === 452 && reply.enhanced === '4.5.3'
}

function rcptMax(client: SmtpClient): number {
  const limit = /RCPTMAX (\d{1,6})/i.exec(client.features.get('LIMITS') ?? '')?.[1]
  return Math.max(1, Math.min(Number(limit ?? 100), 1000))
}

async function sendBatch(
  client: SmtpClient,
  envelope: Envelope,
  message: MessageSource,
  signal: AbortSignal,
): Promise<RecipientResult[]> {
  const replies: (SmtpReply | undefined)[] = envelope.recipients.map(() => undefined)
  let ended = false
  try {
    const fit = await fitness(client, envelope, message)
    if ('code' in fit) return envelope.recipients.map(() => resultOf(fit))
    const mailReply = await openEnvelope(client, envelope, fit, message.sizeBytes, replies, signal)
    if (mailReply) return envelope.recipients.map(() => said(client, mailReply))
    const accepted = acceptedOf(replies)
    if (accepted.length > 0) {
      // in chunks the octets go as they are: what is no whole lines goes by DATA, which makes it so
      const inChunks =
        takesChunks(client) && (lmtp(client) || fit.body === 'BINARYMIME' || (await hasWholeLines(message)))
      const onEnd = () => void (ended = true)
      const answers = await sendBody(client, [message], fit.body, accepted.length, signal, { inChunks, onEnd })
      accepted.forEach((at, index) => {
        replies[at] = answers[index] ?? answers[0]
      })
    } else await client.ask({ verb: 'RSET' }, signal)
  } catch (error) {
    client.destroy()
    const own: RecipientResult =
      error instanceof ChunksRefused
        ? deferred(smtpReply(451, '4.5.0', error.message))
        : ended
          ? { ...deferred(lostAfter(client, error)), unsure: true }
          : deferred(lostBefore(client, error))
    return replies.map(reply => (reply && reply.code >= 400 ? said(client, reply) : own))
  }
  return replies.map(reply => (reply ? said(client, reply) : deferred(lostBefore(client))))
}

function acceptedOf(replies: readonly (SmtpReply | undefined)[]): number[] {
  return replies.flatMap((reply, at) => (reply && reply.code < 300 ? [at] : []))
}

/** MAIL and RCPTs, in one group when the peer pipelines. Returns MAIL's reply when it was refused. */
async function openEnvelope(
  client: SmtpClient,
  envelope: Envelope,
  fit: Fit,
  sizeBytes: number,
  replies: (SmtpReply | undefined)[],
  signal: AbortSignal,
): Promise<SmtpReply | undefined> {
  const pipelined = client.offers('PIPELINING')
  writeMail(client, envelope, fit, sizeBytes)
  if (!pipelined) {
    const reply = await client.reply(signal)
    if (reply.code >= 300) return reply
  }
  if (pipelined) for (const recipient of envelope.recipients) writeRecipient(client, recipient)
  const mailReply = pipelined ? await client.reply(signal) : undefined
  for (let at = 0; at < envelope.recipients.length; at++) {
    const recipient = envelope.recipients[at]
    if (!pipelined && recipient) writeRecipient(client, recipient)
    try {
      replies[at] = await client.reply(signal)
    } catch (error) {
      if (!isRefusal(mailReply)) throw error
      // whoever refuses the sender and hangs up owes no more words (421, RFC 5321 §3.8)
      client.destroy()
      return mailReply
    }
  }
  return isRefusal(mailReply) ? mailReply : undefined
}

function isRefusal(reply: SmtpReply | undefined): reply is SmtpReply {
  return reply !== undefined && reply.code >= 300
}

export function writeMail(client: SmtpClient, envelope: Envelope, fit: Fit, sizeBytes: number | undefined): void {
  const dsn = client.offers('DSN')
  const parameters: MailParameters = {
    ...(client.offers('SIZE') && sizeBytes !== undefined && { sizeBytes }),
    ...(fit.body !== '7BIT' && { body: fit.body }),
    ...(fit.smtpUtf8 && { smtpUtf8: true }),
    ...(envelope.requireTls && keepsTls(client) && { requireTls: true }),
    ...(client.offers('XDELIVERY') && envelope.deliveryId !== undefined && { deliveryId: envelope.deliveryId }),
    ...(dsn && envelope.dsnReturn && { dsnReturn: envelope.dsnReturn }),
    ...(dsn && envelope.dsnEnvelopeId !== undefined && { dsnEnvelopeId: envelope.dsnEnvelopeId }),
  }
  const { reversePath } = envelope
  client.write({ verb: 'MAIL', reversePath: spelledFor(client, reversePath) ?? reversePath, parameters })
}

export function writeRecipient(client: SmtpClient, recipient: EnvelopeRecipient): void {
  const address = spelledFor(client, recipient.address) ?? recipient.address
  if (!client.offers('DSN')) return client.write({ verb: 'RCPT', recipient: { address } })
  // RFC 3461 §5.2.1: a relay may add how the recipient came to it, so that reports from further on name it so
  const asWritten = address !== recipient.address && { originalRecipient: `utf-8;${recipient.address}` }
  client.write({ verb: 'RCPT', recipient: { ...asWritten, ...recipient, address } })
}

/**
 * The address as this peer can take it: as written, or without SMTPUTF8 with the domain in A-labels. Undefined when its local
 * part is not ASCII. RFC 6531 §3.2, §3.7.1; RFC 5890 §2.3.2.1
 */
function spelledFor(client: SmtpClient, address: string): string | undefined {
  if (client.offers('SMTPUTF8') || isAscii(address)) return address
  const parsed = parseAddress(address)
  const ascii = parsed && asciiAddress(parsed)
  return ascii && `${address.slice(0, address.lastIndexOf('@'))}@${ascii.domain}`
}

/**
 * The message, by BDAT where offered, else by DATA; one reply for each accepted recipient in LMTP, one for all in SMTP.
 * Throws when the connection breaks. `onEnd`: from now on the peer may have it all.
 */
export async function sendBody(
  client: SmtpClient,
  parts: readonly MessageSource[],
  body: BodyKind,
  accepted: number,
  signal: AbortSignal,
  { inChunks = takesChunks(client), onEnd }: { readonly inChunks?: boolean; readonly onEnd?: () => void } = {},
): Promise<SmtpReply[]> {
  const { connection } = client
  const answers = client.options.protocol === 'lmtp' ? accepted : 1
  if (inChunks) {
    const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0)
    client.write({ verb: 'BDAT', sizeBytes, last: true })
    client.expect(answers - 1)
    let sentBytes = 0
    const send = async (chunk: Uint8Array) => {
      sentBytes += chunk.length
      if (sentBytes >= sizeBytes) onEnd?.()
      connection.write(chunk)
      if (connection.unflushedBytes >= sendingBytes) await connection.flush(clientBlockTimeoutMs)
      signal.throwIfAborted()
    }
    for (const part of parts) await eachChunk(part, send)
    if (sentBytes !== sizeBytes) throw new Error('The message has another size than it says')
  } else {
    if (body === 'BINARYMIME') throw new Error('BINARYMIME needs CHUNKING')
    const go = await client.ask({ verb: 'DATA' }, signal, clientDataTimeoutMs)
    if (go.code !== 354) return Array.from({ length: accepted }, () => go)
    client.expect(answers)
    const stuffer = new DotStuffer()
    const send = async (chunk: Uint8Array) => {
      for (const piece of stuffer.push(chunk)) connection.write(piece)
      if (connection.unflushedBytes >= sendingBytes) await connection.flush(clientBlockTimeoutMs)
      signal.throwIfAborted()
    }
    for (const part of parts) await eachChunk(part, send)
    onEnd?.()
    connection.write(stuffer.finish())
  }
  const replies: SmtpReply[] = []
  for (let at = 0; at < answers; at++) {
    replies.push(await client.reply(signal, client.options.finalMs ?? clientFinalTimeoutMs))
    if (inChunks && replies[0]) expectChunksTaken(client, replies[0])
  }
  return Array.from({ length: accepted }, (_, at) => replies[at] ?? replies[0] ?? lostAfter(client))
}

function lmtp(client: SmtpClient): boolean {
  return client.options.protocol === 'lmtp'
}

/** A small message leaves with its command in one write, and what follows is as large as a write should be. */
const sendingBytes = 64 * 1024

export type Fit = { readonly body: BodyKind; readonly smtpUtf8: boolean }

/** What the message needs and the peer can do. RFC 6531 §3.2, RFC 6152 §3, RFC 3030 §3, RFC 1870 §6 */
async function fitness(client: SmtpClient, envelope: Envelope, message: MessageSource): Promise<Fit | SmtpReply> {
  const { host } = client.options
  // RFC 8689 §4.2.1: never to a server that would not keep the promise
  if (envelope.requireTls && client.options.protocol === 'smtp' && !keepsTls(client))
    return smtpReply(550, '5.7.30', `${host} does not offer REQUIRETLS`)
  const limit = Number(client.features.get('SIZE') ?? 0)
  if (limit > 0 && message.sizeBytes > limit)
    return smtpReply(552, '5.3.4', `${host} takes messages of at most ${limit} octets`)
  let seen: Survey | undefined
  const look = async () => (seen ??= await survey(message))
  const addresses = [envelope.reversePath, ...envelope.recipients.map(recipient => recipient.address)]
  let { body } = envelope
  let smtpUtf8 = envelope.smtpUtf8 || !addresses.every(isAscii)
  if (smtpUtf8 && !client.offers('SMTPUTF8')) {
    if (spelledFor(client, envelope.reversePath) === undefined || (await look()).eightBitHeader)
      return takesNoUtf8(client)
    smtpUtf8 = false
  }
  if (body === 'BINARYMIME' && !(client.offers('BINARYMIME') && client.offers('CHUNKING'))) {
    if ((await look()).binary) return smtpReply(550, '5.6.3', `${host} does not take binary mail (BINARYMIME)`)
    body = '8BITMIME'
  }
  // many clients send 8-bit text without saying so: it is declared where that can be, and else sent as it came
  if (body === '7BIT' && client.offers('8BITMIME') && (await look()).eightBit) body = '8BITMIME'
  if (body === '8BITMIME' && !client.offers('8BITMIME')) {
    if ((await look()).eightBit) return smtpReply(550, '5.6.3', `${host} does not take 8-bit mail (8BITMIME)`)
    body = '7BIT'
  }
  return { body, smtpUtf8 }
}

/** Over TLS with a certificate that held: `openClient` was told to demand it. */
function keepsTls(client: SmtpClient): boolean {
  return client.connection.tls !== undefined && client.offers('REQUIRETLS') && client.options.tls.mode === 'required'
}

function takesNoUtf8({ options }: SmtpClient): SmtpReply {
  return smtpReply(550, '5.6.7', `${options.host} does not take internationalized mail (SMTPUTF8)`)
}

/** For a peer whose transaction begins before the message is known. */
export function fitOf(client: SmtpClient, envelope: Envelope): Fit {
  const body = client.offers(envelope.body) || envelope.body === '7BIT' ? envelope.body : '7BIT'
  return { body, smtpUtf8: envelope.smtpUtf8 && client.offers('SMTPUTF8') }
}

export function resultOf(reply: SmtpReply): RecipientResult {
  if (reply.code < 300) return { status: 'delivered', reply }
  return { status: reply.code >= 500 ? 'failed' : 'deferred', reply }
}

/** The peer's own words */
function said(client: SmtpClient, reply: SmtpReply): RecipientResult {
  const result = resultOf(reply)
  // it was given NOTIFY, ORCPT and ENVID, and owes the report from now on. RFC 3461 §5.2.1
  const passedOn = result.status === 'delivered' && client.offers('DSN')
  const over = client.way
  return { ...result, remote: client.options.host, ...(over && { over }), ...(passedOn && { dsnPassedOn: true }) }
}

export function deferred(reply: SmtpReply): RecipientResult {
  return { status: 'deferred', reply }
}

/** Nothing was said of the message. */
export function unreached(reply: SmtpReply): RecipientResult {
  return { status: 'deferred', reply, unreached: true }
}

function lostBefore(client: SmtpClient, cause?: unknown): SmtpReply {
  return smtpReply(
    451,
    '4.4.2',
    `The connection to ${client.options.host} was lost before the message was sent${why(cause)}`,
  )
}

function lostAfter(client: SmtpClient, cause?: unknown): SmtpReply {
  const { host } = client.options
  return smtpReply(
    451,
    '4.4.2',
    `The connection to ${host} was lost after the message: it may have arrived (unsure)${why(cause)}`,
  )
}

function why(cause: unknown): string {
  return cause instanceof Error ? `: ${cause.message}` : ''
}
