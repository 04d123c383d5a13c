/**
 * The gateway's side of home's questions: it waits on a connection of its own, since only it reaches home, and tells what it is asked about a
 * delivery. A home that asks nothing (Dovecot, an older one) is let alone.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '#base/log.ts'
import type { ClientPool } from './client-pool.ts'
import type { SmtpClient } from './client.ts'
import { questionWaitMs } from './limits.ts'
import { printCommand } from './syntax/print-command.ts'

/** Home was away: not before; twice as long each time, so that a home that does not let us in is not asked without end */
const retryMs = 2_000
const maxRetryMs = 30_000
/** It does not ask: perhaps after an upgrade */
const notAskedMs = 10 * 60_000
/** Home answers within its own patience; the wire may be slow */
const graceMs = 15_000

export type AnswerHome = {
  /** Of connections for this alone */
  readonly pool: ClientPool
  /** Parts of what is known about a delivery, each fit for one line */
  readonly answer: (delivery: string) => Promise<Iterable<string>>
  readonly log: Log
}

/** Until it is closed. */
export function answerHome(options: AnswerHome): { close(): Promise<void> } {
  const over = new AbortController()
  const running = run(options, over.signal)
  return {
    async close() {
      over.abort()
      await options.pool.close()
      await running
    },
  }
}

async function run({ answer, log, pool }: AnswerHome, signal: AbortSignal): Promise<void> {
  let awayMs = retryMs
  while (!signal.aborted) {
    let restMs = awayMs
    awayMs = Math.min(2 * awayMs, maxRetryMs)
    try {
      const { client } = await pool.acquire(signal)
      try {
        if (isAsking(client)) await answerAll(client, answer, signal, () => (restMs = awayMs = retryMs))
        else restMs = notAskedMs
      } catch (error) {
        client.destroy()
        throw error
      } finally {
        pool.release(client)
      }
    } catch (error) {
      if (!signal.aborted) log.debug('Home cannot ask just now', { err: error })
    }
    await pause(restMs, undefined, { signal, ref: false }).catch(() => {})
  }
}

function isAsking(client: SmtpClient): boolean {
  return client.features.get('XHIKYAKU')?.split(' ').includes('WAIT') ?? false
}

/** `onHeard`: home is there and asks. */
async function answerAll(
  client: SmtpClient,
  answer: AnswerHome['answer'],
  signal: AbortSignal,
  onHeard: () => void,
): Promise<void> {
  while (!signal.aborted) {
    client.writeLine(printCommand({ verb: 'XHIKYAKU', act: 'WAIT' }))
    const reply = await client.reply(signal, questionWaitMs + graceMs)
    if (reply.code !== 250) throw new Error(`Home says ${reply.code}`)
    onHeard()
    const [, number, delivery] = /^ASK (\d{1,15}) ([A-Za-z0-9._-]{1,128})$/.exec(reply.lines.at(-1) ?? '') ?? []
    if (number === undefined || delivery === undefined) continue
    await tell(client, Number(number), [...(await answer(delivery))], signal)
  }
}

async function tell(client: SmtpClient, number: number, parts: readonly string[], signal: AbortSignal): Promise<void> {
  for (const [at, part] of parts.entries()) {
    client.writeLine(printCommand({ verb: 'XHIKYAKU', act: 'TELL', number, last: at === parts.length - 1, part }))
    const { code } = await client.reply(signal, graceMs)
    // it has waited too long, and has asked somebody else or nobody
    if (code === 450) return
    if (code !== 250) throw new Error(`Home says ${code}`)
  }
}
