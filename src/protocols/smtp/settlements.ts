/** Tells home, lazily and many at a time, whose senders have their answer. Lost news costs a comparison, never mail. */
import type { Log } from '#base/log.ts'
import type { Settled } from '#mail/downstream.ts'
import type { ClientPool } from './client-pool.ts'
import { printCommand } from './syntax/print-command.ts'

/** Soon enough for a sender that comes again, late enough to gather */
const delayMs = 500
const retryMs = 5_000
/** Home stays away: the oldest are forgotten and stay unconfirmed, which is safe */
const maxWaiting = 20_000
/** Half of what an AUTH-sized line may hold */
const maxLineBytes = 6_000
const sendTimeoutMs = 30_000
/** When we stop, home is told if it is there at once */
const lastSendMs = 1_500

export type Settlements = {
  add(settled: readonly Settled[]): void
  /** Sends what waits, if home is there. */
  close(): Promise<void>
}

export function settlements(pool: ClientPool, log: Log): Settlements {
  let waiting: Settled[] = []
  let timer: NodeJS.Timeout | undefined
  let sending = Promise.resolve()

  const plan = (afterMs: number) => {
    timer ??= setTimeout(() => {
      timer = undefined
      sending = sending.then(() => send())
    }, afterMs).unref()
  }

  const send = async (timeoutMs = sendTimeoutMs): Promise<void> => {
    const batch = waiting
    waiting = []
    if (batch.length === 0) return
    try {
      await sendSettled(pool, batch, timeoutMs)
    } catch (error) {
      log.debug('Home was not told whose senders have their answer', { err: error })
      waiting = [...batch, ...waiting].slice(-maxWaiting)
      plan(retryMs)
    }
  }

  return {
    add(settled) {
      waiting.push(...settled)
      if (waiting.length > maxWaiting) waiting = waiting.slice(-maxWaiting)
      plan(delayMs)
    },
    async close() {
      clearTimeout(timer)
      await sending
      await send(lastSendMs)
      clearTimeout(timer)
    },
  }
}

async function sendSettled(pool: ClientPool, batch: readonly Settled[], timeoutMs: number): Promise<void> {
  const signal = AbortSignal.timeout(timeoutMs)
  const { client } = await pool.acquire(signal)
  try {
    if (!client.offers('XHIKYAKU')) return
    for (const line of linesOf(batch)) {
      client.writeLine(line)
      const reply = await client.reply(signal, timeoutMs)
      if (reply.code !== 250) throw new Error(`Home says ${reply.code}`)
    }
  } catch (error) {
    client.destroy()
    throw error
  } finally {
    pool.release(client)
  }
}

function* linesOf(batch: readonly Settled[]): Generator<string> {
  let part: Settled[] = []
  let bytes = 0
  for (const one of batch) {
    const cost = one.id.length + one.recipient.length * 3 + 2
    if (part.length > 0 && bytes + cost > maxLineBytes) {
      yield printCommand({ verb: 'XHIKYAKU', act: 'SETTLE', settled: part })
      part = []
      bytes = 0
    }
    part.push(one)
    bytes += cost
  }
  if (part.length > 0) yield printCommand({ verb: 'XHIKYAKU', act: 'SETTLE', settled: part })
}
