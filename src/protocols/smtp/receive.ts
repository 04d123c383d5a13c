/** The message itself: DATA to its dot, BDAT by its count, and the verdict on it. */
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { MessageVerdict } from '#mail/receiving.ts'
import { PeerGone, PeerTimeout } from '#net/connection.ts'
import { MessageBody } from './body.ts'
import { dataBlockTimeoutMs, maxDrainBytes, slowestSenderBytesPerSecond, verdictTimeoutMs } from './limits.ts'
import type { Chunks, OpenMail, Session } from './session.ts'
import { DataDecoder, LineEndWatch } from './syntax/data.ts'
import { within } from './within.ts'

/** What the peer is told, in order; `close` where it can't be trusted to be in step any more. */
export type Answers = { readonly replies: readonly SmtpReply[]; readonly close?: boolean }

export async function receiveData(session: Session, mail: OpenMail): Promise<Answers> {
  const body = newBody(session)
  session.state = { kind: 'greeted' }
  try {
    if (!(await readToDot(session, body))) return { ...(await conclude(session, mail, body)), close: true }
  } catch (error) {
    session.closed(mail.transaction, body, 'gone')
    throw error
  }
  return await conclude(session, mail, body)
}

/** False when the peer goes on and on after its message was found too big. */
async function readToDot(session: Session, body: MessageBody): Promise<boolean> {
  const { connection, options } = session
  const decoder = new DataDecoder(options.bareLineEnds ?? 'refuse', piece => body.add(piece))
  let refusedAt = -1
  const since = performance.now()
  for (;;) {
    const progress = decoder.push(connection.buffered)
    connection.consume(progress.consumed)
    if (decoder.bareSeen && options.bareLineEnds !== 'convert') body.refuse(bareLineEnds)
    if (progress.done) return true
    if (body.pressing) await body.settle()
    refusedAt += progress.consumed
    if (!body.refusal) refusedAt = 0
    if (refusedAt > maxDrainBytes) return false
    if (progress.consumed === 0) await more(session, since, body.sizeBytes)
  }
}

/** `since`: when the message (or chunk) began, monotonic; `sizeBytes` of it are here. */
async function more(session: Session, since: number, sizeBytes: number): Promise<void> {
  const { dataMs = dataBlockTimeoutMs } = session.options.timeouts ?? {}
  const allowedMs = dataMs + (sizeBytes / slowestSenderBytesPerSecond) * 1000
  if (performance.now() - since > allowedMs) throw new PeerTimeout('The peer sends too slowly')
  const going = await session.connection.fill(dataMs)
  session.heard()
  if (!going && session.connection.buffered.length === 0) throw new PeerGone('The peer left in the middle of a message')
  if (!going) throw new PeerGone('The peer left before the end of a message')
}

/** One BDAT. The octets belong to it whatever they are. */
export async function receiveChunk(session: Session, sizeBytes: number, last: boolean): Promise<Answers> {
  const { state } = session
  if (state.kind !== 'mail' && state.kind !== 'chunks') throw new Error('A chunk without a transaction')
  const { mail } = state
  const chunks = state.kind === 'chunks' ? state.chunks : firstChunk(session, mail)
  chunks.count++
  session.state = { kind: 'chunks', mail, chunks }
  if (sizeBytes > maxDrainBytes + session.options.maxMessageBytes) return tooMuch(session)
  await readChunk(session, chunks, sizeBytes)
  if (chunks.body.refusal && !last) {
    const reply = chunks.body.refusal
    session.abandon() // RFC 3030 §2: what follows is out of sequence until RSET
    return { replies: [reply] }
  }
  if (!last) return { replies: [smtpReply(250, '2.0.0', `${sizeBytes} octets received`)] }
  if (chunks.lineEnds?.bareSeen) chunks.body.refuse(bareLineEnds)
  session.state = { kind: 'greeted' }
  return await conclude(session, mail, chunks.body)
}

function firstChunk(session: Session, mail: OpenMail): Chunks {
  // RFC 3030 §3: only BINARYMIME frees a message from lines
  const lineEnds = mail.envelope.body === 'BINARYMIME' ? undefined : new LineEndWatch()
  return { body: newBody(session), lineEnds, count: 0 }
}

function tooMuch(session: Session): Answers {
  session.abandon()
  return { replies: [smtpReply(552, '5.3.4', 'The chunk is bigger than any message taken here')], close: true }
}

async function readChunk(session: Session, chunks: Chunks, sizeBytes: number): Promise<void> {
  await readOctets(session, sizeBytes, async piece => {
    chunks.lineEnds?.push(piece)
    chunks.body.add(piece)
    if (chunks.body.pressing) await chunks.body.settle()
  })
}

export async function skipOctets(session: Session, sizeBytes: number): Promise<void> {
  await readOctets(session, sizeBytes, async () => undefined)
}

async function readOctets(session: Session, count: number, take: (piece: Buffer) => Promise<void>): Promise<void> {
  const { connection } = session
  const since = performance.now()
  for (let left = count; left > 0; ) {
    const { buffered } = connection
    if (buffered.length === 0) {
      await more(session, since, count - left)
      continue
    }
    const piece = left < buffered.length ? buffered.subarray(0, left) : buffered
    connection.consume(piece.length)
    left -= piece.length
    await take(piece)
  }
}

/** Asks the receiver, unless the message was refused on the way in. */
async function conclude(session: Session, mail: OpenMail, body: MessageBody): Promise<Answers> {
  const source = await body.finish()
  if (!source) {
    session.closed(mail.transaction, body, 'aborted')
    return answersTo(session, mail, refusedBy(mail, body.refusal ?? ourFault))
  }
  try {
    const timeoutMs = session.options.timeouts?.verdictMs ?? verdictTimeoutMs
    const verdict = await within(timeoutMs, mail.transaction.message(source, session.over.signal))
    if (verdict.results.length !== mail.envelope.recipients.length && session.profile.replyPerRecipient)
      throw new Error('The receiver answered for another number of recipients')
    session.answered(mail.transaction, body)
    return answersTo(session, mail, verdict)
  } catch (error) {
    session.log.error('A message could not be taken', { err: error })
    session.closed(mail.transaction, body, 'gone')
    return answersTo(session, mail, refusedBy(mail, ourFault))
  }
}

function refusedBy(mail: OpenMail, reply: SmtpReply): MessageVerdict {
  const status = reply.code < 500 ? 'deferred' : 'failed'
  return { reply, results: mail.envelope.recipients.map(() => ({ status, reply })) }
}

function answersTo(session: Session, _mail: OpenMail, verdict: MessageVerdict): Answers {
  return {
    replies: session.profile.replyPerRecipient ? verdict.results.map(result => result.reply) : [verdict.reply],
  }
}

function newBody(session: Session): MessageBody {
  const { spool, encryptSpool, maxMessageBytes } = session.options
  return new MessageBody({ spool, encryptSpool: encryptSpool ?? false, maxBytes: maxMessageBytes, log: session.log })
}

export const ourFault = smtpReply(451, '4.3.0', 'Something here went wrong; try again later')
const bareLineEnds = smtpReply(550, '5.6.0', 'The message holds a bare CR or LF; lines end in CRLF')
