/**
 * Home's view of its way out through the gateway: whether the gateway takes what we send, since when it does not and why, and what
 * came of it. The log says so once when it begins and once when it is over.
 */
import type { Clock } from '#base/clock.ts'
import type { Log } from '#base/log.ts'
import type { RecipientResult } from '#formats/envelope.ts'
import { printReply } from '#formats/smtp-reply.ts'
import { countInto, emptyTally, type RelayTally } from './tally.ts'
import { isFromBehind } from './words.ts'

/** `NET-RELAY`: it cannot be reached, or not with TLS that holds. The others are the gateway's own words. */
export type RelayTroubleCode = 'NET-RELAY' | 'RELAY-AUTH' | 'RELAY-BUSY' | 'RELAY-RATE'

export type RelayTrouble = {
  readonly code: RelayTroubleCode
  /** Milliseconds since 1970 */
  readonly since: number
  /** The exact words, ours or the gateway's */
  readonly words: string
}

export type RelayWatch = {
  /** What the gateway answered for each recipient, before its mark was taken off. */
  heard(results: readonly RecipientResult[]): void
  /** Milliseconds since 1970: it last asked somebody's server for us */
  readonly lastUsedAt: number | undefined
  readonly trouble: RelayTrouble | undefined
  /** Recipients, since the start */
  readonly tally: Readonly<RelayTally>
}

/** A rate that is reached comes and goes with each letter: the log hears of it so often at most */
const tellAgainMs = 10 * 60_000

export function watchRelay({ clock, log }: { readonly clock: Clock; readonly log: Log }): RelayWatch {
  const tally = emptyTally()
  let lastUsedAt: number | undefined
  let trouble: (RelayTrouble & { readonly told: boolean }) | undefined
  const toldAt = new Map<RelayTroubleCode, number>()

  const works = () => {
    lastUsedAt = clock.now()
    if (trouble?.told)
      log.info('The gateway sends our mail again', { code: trouble.code, troubledMs: clock.now() - trouble.since })
    trouble = undefined
  }
  const fails = (result: RecipientResult) => {
    const words = printReply(result.reply)
    if (words.includes('RELAY-SENDER')) {
      // about one sender, not about the way: other mail goes on
      log.warn('RELAY-SENDER: the gateway does not know a sender’s domain as ours; the message waits', { words })
      return
    }
    const code = troubleOf(result, words)
    if (trouble?.code === code) return
    const told = clock.monotonic() - (toldAt.get(code) ?? -Infinity) >= tellAgainMs
    trouble = { code, since: trouble?.since ?? clock.now(), words, told: told || trouble?.told === true }
    if (!told) return
    toldAt.set(code, clock.monotonic())
    log.warn(`${code}: ${sentences[code]}; mail waits at home`, { words })
  }
  return {
    heard(results) {
      countInto(tally, results)
      if (results.some(isFromBehind)) works()
      // one that we gave up ourselves, such as at a shutdown, says nothing of the gateway
      else {
        const refused = results.find(({ status, unsure }) => status === 'deferred' && !unsure)
        if (refused) fails(refused)
      }
    },
    get lastUsedAt() {
      return lastUsedAt
    },
    get trouble() {
      return trouble
    },
    tally,
  }
}

const sentences: Readonly<Record<RelayTroubleCode, string>> = {
  'NET-RELAY': 'the gateway cannot be reached for outgoing mail',
  'RELAY-AUTH': 'the gateway does not know this home (certificate or login)',
  'RELAY-BUSY': 'the gateway has enough of our messages under way',
  'RELAY-RATE': 'the gateway takes no more recipients from us this hour',
}

function troubleOf({ reply }: RecipientResult, words: string): RelayTroubleCode {
  const named = /\bRELAY-(?:AUTH|BUSY|RATE)\b/.exec(words)?.[0]
  if (named !== undefined) return named as RelayTroubleCode
  // what the client tells of a login that was refused holds the server's own reply
  return reply.enhanced === '4.7.8' || /refuses our login/.test(words) ? 'RELAY-AUTH' : 'NET-RELAY'
}
