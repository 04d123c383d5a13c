/** Asks clamd about a message: INSTREAM over a connection of its own. clamd(8) */
import { setImmediate } from 'node:timers/promises'
import { whenAborted } from '#base/when-aborted.ts'
import { type MessageToScan, NotScanned, type ScanFinding, type Scanner } from '#mail/content/scanner.ts'
import type { Connection } from '#net/connection.ts'
import { type DialTarget, dial } from '#net/dial.ts'
import { chunkBytes, maxReplyBytes } from './limits.ts'
import { parseClamdReply } from './reply.ts'

export type ClamdOptions = {
  readonly target: DialTarget
  /** Larger messages are not sent */
  readonly maxBytes: number
  /** Milliseconds for one read or write; the signal bounds all of it */
  readonly deadlineMs: number
}

/** `options` are asked for each message: a reload may change them. */
export function clamdScanner(options: () => ClamdOptions): Scanner {
  return {
    name: 'clamav',
    scan: (message, signal) => scan(options(), message, signal),
    async ping(signal) {
      if (!(await isAlive(options(), signal))) throw new Error('clamd does not answer PING')
    },
    keyOf: (_message, hash) => hash,
  }
}

async function scan(options: ClamdOptions, { message }: MessageToScan, signal: AbortSignal): Promise<ScanFinding> {
  if (message.sizeBytes > options.maxBytes) throw tooLarge
  const connection = await dial(options.target, signal)
  using _aborted = whenAborted(signal, () => connection.destroy())
  try {
    const sending = await send(connection, message.open(), options.deadlineMs).then(
      () => undefined,
      (error: unknown) => error,
    )
    // what it had to say it may have said before it hung up
    const line = await readLine(connection, options.deadlineMs, signal)
    signal.throwIfAborted()
    if (line !== undefined) return findingOf(line)
    // the answer can go down with the connection: a daemon that lives has refused this message
    if (sending !== undefined && (await isAlive(options, signal))) throw hungUp
    throw sending ?? new Error('clamd closed the connection without an answer')
  } finally {
    connection.destroy()
  }
}

const tooLarge = new NotScanned('larger than what it takes (StreamMaxLength)')
const hungUp = new NotScanned('it hung up before the end, as it does with what is larger than its StreamMaxLength')

async function isAlive(options: ClamdOptions, signal: AbortSignal): Promise<boolean> {
  let connection: Connection | undefined
  try {
    connection = await dial(options.target, signal)
    connection.write('nPING\n')
    await connection.flush(options.deadlineMs)
    return (await readLine(connection, options.deadlineMs, signal))?.trim() === 'PONG'
  } catch {
    signal.throwIfAborted()
    return false
  } finally {
    connection?.destroy()
  }
}

function findingOf(line: string): ScanFinding {
  const reply = parseClamdReply(line)
  switch (reply.kind) {
    case 'clean':
      return { advice: 'none' }
    case 'found':
      return { advice: 'reject', virus: reply.name }
    case 'too-large':
      throw tooLarge
    case 'error':
      throw new Error(`clamd says: ${reply.text}`)
    default:
      return reply satisfies never
  }
}

/** Stops early when clamd speaks before the end: then it wants no more. */
async function send(connection: Connection, chunks: AsyncIterable<Uint8Array>, deadlineMs: number): Promise<void> {
  connection.write('nINSTREAM\n')
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += chunkBytes) {
      // what it says before the end is to be heard before a write fails: then the socket is gone, and its answer too
      await setImmediate()
      if (connection.buffered.length > 0) return
      const piece = chunk.subarray(at, at + chunkBytes)
      connection.write(lengthOf(piece.length))
      connection.write(piece)
      await connection.flush(deadlineMs)
    }
  connection.write(lengthOf(0))
  await connection.flush(deadlineMs)
}

/** 32 bit, network order; zero ends the stream. */
function lengthOf(count: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(count)
  return bytes
}

async function readLine(connection: Connection, deadlineMs: number, signal: AbortSignal): Promise<string | undefined> {
  const line = await connection.line(maxReplyBytes, deadlineMs, signal).catch(() => undefined)
  return line && 'bytes' in line ? Buffer.from(line.bytes).toString('utf8') : undefined
}
