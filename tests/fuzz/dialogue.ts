/** One hostile connection to an SMTP or LMTP server of ours, over a pair of streams in memory. */
import { duplexPair, type Duplex } from 'node:stream'
import { setImmediate as soon } from 'node:timers/promises'
import { Connection } from '#net/connection.ts'
import type { Random } from '../support/random.ts'
import type { BufferGauge } from './target.ts'

/** Serves the connection until it ends; rejects only for faults of ours. */
export type Serve = (connection: Connection) => Promise<void>

/** More than any of our servers may hold for one peer: a message up to 1 MiB and what stands behind it. */
export const maxBufferedBytes = 4 * 1024 * 1024

const refusal = /^[45]\d\d[ -]/m

/**
 * Sends `prelude` line by line, each when the one before has been answered, then `input` in one to four pieces, and closes or
 * resets. Resolves when the server has ended too.
 */
export async function dialogue(
  serve: Serve,
  prelude: readonly string[],
  input: Uint8Array,
  random: Random,
  buffers: BufferGauge,
): Promise<string | undefined> {
  const [client, server] = duplexPair()
  const connection = new Connection(server)
  let held = 0
  server.on('data', () => (held = Math.max(held, connection.buffered.length)))
  const heard = listen(client)
  const ended = serve(connection).then(() => void server.destroy())
  const over = ended.catch(() => undefined)
  for (const line of ['', ...prelude]) {
    const before = heard()
    if (line !== '') client.write(`${line}\r\n`)
    const reply = await Promise.race([before, over])
    if (reply !== undefined && refusal.test(reply)) return `the state is not reached: ${line}: ${reply}`
  }
  for (const piece of pieces(input, random)) {
    if (!client.writableEnded && !client.destroyed) client.write(piece)
    if (random.integer(2) === 0) await soon()
  }
  if (random.integer(4) === 0) client.destroy(new Error('reset'))
  else client.end()
  await ended
  client.destroy()
  buffers.note(held)
  return held > maxBufferedBytes ? `${held} octets were held for one peer` : undefined
}

/** Each call gives a promise for what is heard next; nothing is kept. */
function listen(client: Duplex): () => Promise<string> {
  let wake: (text: string) => void = () => undefined
  client.on('data', (chunk: Buffer) => wake(chunk.toString('latin1')))
  client
    .on('error', () => undefined)
    .on('close', () => wake(''))
    .on('end', () => wake(''))
  return () => new Promise(resolve => (wake = resolve))
}

/** One to four, cut anywhere. */
export function pieces(input: Uint8Array, random: Random): Uint8Array[] {
  const cuts = Array.from({ length: random.integer(4) }, () => random.integer(input.length + 1)).sort((a, b) => a - b)
  return [0, ...cuts].map((from, n) => input.subarray(from, cuts[n] ?? input.length))
}
