/**
 * One peer's SMTP or LMTP conversation: read, parse, run, reply, one catch.
 *
 * Invariants: the greeting waits for no lookup (welcome.ts); every read has a deadline; replies to a pipelined group leave in one write; the
 * peer's input is never taken for anything after an error in framing; every transaction is settled once.
 */
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import { PeerGone, PeerTimeout, type Connection, type Line } from '#net/connection.ts'
import { secureAsServer } from '#net/handshake.ts'
import { runCommand } from './commands.ts'
import { wordForForeigner } from './foreign-peer.ts'
import {
  commandTimeoutMs,
  goodbyeMs,
  handshakeTimeoutMs,
  maxAuthLineBytes,
  maxBareLines,
  maxCommandLineBytes,
  maxDrainBytes,
  maxErrors,
  maxIdleCommands,
  maxUnflushedReplyBytes,
} from './limits.ts'
import type { ClientFacts, SmtpServerOptions } from './options.ts'
import { sayAndClose, type Outcome } from './outcome.ts'
import { ourFault, receiveChunk, receiveData, skipOctets, type Answers } from './receive.ts'
import { authenticate } from './sasl-session.ts'
import { Session, type OpenMail } from './session.ts'
import { parseCommand, type SmtpCommand } from './syntax/command.ts'
import { printReplyLines } from './syntax/reply.ts'
import { welcome } from './welcome.ts'

/** Resolves when the conversation is over; never rejects for what the peer or the network did. */
export async function serveSmtp(
  connection: Connection,
  options: SmtpServerOptions & { readonly client: ClientFacts },
  signal: AbortSignal,
): Promise<void> {
  const session = new Session(connection, options, options.client, signal)
  try {
    if (await comeIn(session)) await converse(session)
    await session.flush()
    await connection.end(goodbyeMs)
  } catch (error) {
    await lastWords(session, error)
  } finally {
    session.end()
    connection.destroy()
  }
}

/** False when the conversation ends before it began. */
async function comeIn(session: Session): Promise<boolean> {
  const welcomed = await welcome(session)
  if (welcomed.kind === 'come-in') greet(session)
  if (welcomed.kind === 'go') say(session, welcomed.reply)
  return welcomed.kind === 'come-in'
}

function greet({ connection, options, profile }: Session): void {
  connection.write(`220 ${options.hostname} ${profile.protocol} Hikyaku\r\n`)
}

async function converse(session: Session): Promise<void> {
  for (;;) {
    // what a peer pipelines is there already
    const ready = session.connection.tryLine(maxAuthLineBytes)
    const line = ready.kind === 'more' ? await nextLine(session) : ready
    if (!line) return
    const going = await perform(session, await decide(session, line))
    if (!going) return
    if (session.errors >= maxErrors) return say(session, smtpReply(421, '4.7.0', 'Too many errors'))
    if (session.connection.unflushedBytes > maxUnflushedReplyBytes) await session.flush()
  }
}

/** The next command line; replies gathered so far leave before we wait. Undefined when the peer is done. */
async function nextLine(session: Session): Promise<Line | undefined> {
  const { connection, options } = session
  const limitMs = options.timeouts?.commandMs ?? commandTimeoutMs
  let waitingSince: number | undefined
  for (;;) {
    const line = connection.tryLine(maxAuthLineBytes)
    if (line.kind !== 'more') return line
    if (connection.unflushedBytes > 0) {
      await session.flush()
      continue // what came meanwhile does not end the wait below
    }
    // For the whole line: a peer that dribbles is as slow as one that is silent.
    const leftMs = waitingSince === undefined ? limitMs : Math.max(1, limitMs - (performance.now() - waitingSince))
    waitingSince ??= performance.now()
    if (!(await connection.fill(leftMs, session.signal))) return undefined
    session.heard()
    const foreign = wordForForeigner(session)
    if (foreign) {
      say(session, foreign)
      return undefined
    }
  }
}

function decide(session: Session, line: Line): Outcome | Promise<Outcome> {
  if (line.kind !== 'line') return sayAndClose(500, '5.5.6', 'The line is too long')
  if (line.bare) return bareLine(session)
  const command = parseCommand(line.bytes)
  const roomy = command.verb === 'AUTH' || command.verb === 'XHIKYAKU'
  if (line.bytes.length > maxCommandLineBytes && !roomy)
    return { kind: 'reply', reply: smtpReply(500, '5.5.6', 'The line is too long') }
  if (command.verb === 'problem') {
    // Octets would follow and be read as commands
    if (command.of === 'BDAT') return { kind: 'close', reply: command.reply }
    return { kind: 'reply', reply: command.reply }
  }
  if (command.verb !== 'RCPT' && command.verb !== 'DATA' && command.verb !== 'BDAT') session.idleCommands++
  if (session.idleCommands > maxIdleCommands)
    return sayAndClose(421, '4.7.0', 'Too many commands that lead to no message')
  return run(command, session)
}

async function run(command: SmtpCommand, session: Session): Promise<Outcome> {
  try {
    return await runCommand(command, session)
  } catch (error) {
    session.log.error('A command failed', { verb: command.verb, err: error })
    return { kind: 'reply', reply: ourFault }
  }
}

/** RFC 5321 §2.3.8: only CRLF ends a line */
function bareLine(session: Session): Outcome {
  session.bareLines++
  const reply = smtpReply(500, '5.5.2', 'Lines end in CRLF')
  return { kind: session.bareLines >= maxBareLines ? 'close' : 'reply', reply }
}

/** Carries out what was decided. False: the conversation is over. */
function perform(session: Session, outcome: Outcome): boolean | Promise<boolean> {
  switch (outcome.kind) {
    case 'reply':
      say(session, outcome.reply)
      return true
    case 'close':
      say(session, outcome.reply)
      return false
    case 'tls':
      return startTls(session)
    case 'data':
      return takeData(session, outcome.mail)
    case 'chunk':
      return answer(session, receiveChunk(session, outcome.sizeBytes, outcome.last))
    case 'skip':
      return skip(session, outcome.sizeBytes, outcome.reply)
    case 'auth':
      return authenticate(session, outcome)
    default:
      return outcome satisfies never
  }
}

async function takeData(session: Session, mail: OpenMail): Promise<boolean> {
  session.connection.write('354 Go on; end with a dot on a line of its own\r\n')
  await session.flush()
  return answer(session, receiveData(session, mail))
}

async function skip(session: Session, sizeBytes: number, reply: SmtpReply): Promise<boolean> {
  if (sizeBytes <= maxDrainBytes) await skipOctets(session, sizeBytes)
  say(session, reply)
  return sizeBytes <= maxDrainBytes
}

async function answer(session: Session, coming: Promise<Answers>): Promise<boolean> {
  const answers = await coming
  for (const reply of answers.replies) say(session, reply)
  return answers.close !== true
}

/** Words of the protocol that went wrong; a refused recipient or message is none (rcpt.ts has its own count). */
const mistakes: ReadonlySet<number> = new Set([500, 501, 502, 503, 504, 530, 538, 555])

function say(session: Session, reply: SmtpReply): void {
  if (mistakes.has(reply.code)) session.errors++
  session.connection.write(printReplyLines(reply))
}

async function startTls(session: Session): Promise<boolean> {
  const options = session.options.tls?.()
  if (!options) {
    say(session, smtpReply(454, '4.7.0', 'TLS cannot be had just now'))
    return true
  }
  session.connection.prepareUpgrade()
  session.connection.write('220 2.0.0 Go ahead\r\n')
  await session.flush()
  await secureAsServer(session.connection, options, handshakeTimeoutMs)
  session.secured()
  return true
}

/** The one catch: what broke, and whether the peer can still be told. */
async function lastWords(session: Session, error: unknown): Promise<void> {
  const { connection, log, facts } = session
  if (facts.login?.ended.aborted) say(session, smtpReply(421, '4.7.0', 'This login has ended; log in again'))
  else if (session.signal.aborted) say(session, smtpReply(421, '4.3.2', 'This server stops now; connect again later'))
  else if (error instanceof PeerTimeout) say(session, smtpReply(421, '4.4.2', 'You were silent for too long'))
  else if (error instanceof PeerGone || connection.error) return
  else {
    log.error('A session failed', { err: error })
    say(session, smtpReply(421, '4.3.0', 'Something here went wrong; try again later'))
  }
  try {
    await session.flush()
    await connection.end(goodbyeMs)
  } catch {
    // it is gone already
  }
}
