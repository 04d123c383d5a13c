/** Reads every stored message again from time to time, so that a disk that forgets is noticed while a backup still remembers. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '#base/log.ts'
import type { OpenAccounts } from './accounts.ts'

export type ScrubOptions = {
  readonly accounts: Pick<OpenAccounts, 'accountIds' | 'scrub'>
  readonly log: Log
  /** Until the first round: a start has better things to do */
  readonly firstAfterMs?: number
  readonly betweenRoundsMs?: number
  /** Between two accounts */
  readonly pauseMs?: number
}

const hourMs = 3_600_000
/** A box that is restarted every night is still read through. */
const firstAfterMs = hourMs
const betweenRoundsMs = 7 * 24 * hourMs
const pauseMs = 1_000

/** Goes round until it is disposed of. What is damaged is in the log, an error for each account. */
export function keepScrubbed(options: ScrubOptions): AsyncDisposable {
  const stop = new AbortController()
  const ended = goRound(options, stop.signal).catch((error: unknown) => {
    if (!stop.signal.aborted) options.log.error('Stored messages are no longer checked', { err: error })
  })
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await ended
    },
  }
}

async function goRound(options: ScrubOptions, signal: AbortSignal): Promise<void> {
  await sleep(options.firstAfterMs ?? firstAfterMs, undefined, { signal, ref: false })
  for (;;) {
    for (const account of await options.accounts.accountIds()) {
      await scrubOne(account, options, signal)
      await sleep(options.pauseMs ?? pauseMs, undefined, { signal, ref: false })
    }
    await sleep(options.betweenRoundsMs ?? betweenRoundsMs, undefined, { signal, ref: false })
  }
}

/** An account that cannot be opened does not end the round. */
async function scrubOne(
  account: Parameters<OpenAccounts['scrub']>[0],
  { accounts, log }: ScrubOptions,
  signal: AbortSignal,
): Promise<void> {
  try {
    const { checked, damaged } = await accounts.scrub(account, signal)
    if (damaged.length > 0) log.error('Stored messages are damaged', { account, checked, damaged })
    else log.debug('Stored messages are well', { account, checked })
  } catch (error) {
    signal.throwIfAborted()
    log.error('The account cannot be checked', { account, err: error })
  }
}
