/**
 * Home's questions to its gateways about a delivery. A gateway reaches home and not the other way round, so it waits on a connection of its
 * own (LMTP extension XHIKYAKU) for what home wants to know, and tells it there.
 *
 * Invariants: only a gateway that proved itself gets here; an answer is taken from the gateway that was asked, once, up to a bound; who does
 * not answer in time is away, and nobody waits longer for it.
 */
import type { Clock } from '#base/clock.ts'
import type { StoredEvent } from '../events.ts'
import { readToldEvents } from './told-events.ts'

/** A person waits for the timeline meanwhile */
export const answerWithinMs = 3_000
/** JSON of one answer, characters: five hundred events with long replies */
export const maxAnswerCharacters = 1_500_000
/** Of one gateway, that nobody has taken yet: beyond it, it counts as away */
const maxWaitingQuestions = 100

export type GatewayQuestion = { readonly number: number; readonly delivery: string }

export type GatewayQuestions = {
  /** What that gateway is to be asked next; undefined when the signal ends before anybody asks */
  next(gateway: string, signal: AbortSignal): Promise<GatewayQuestion | undefined>
  /** A part of an answer, JSON in base64; false: nobody waits for it */
  told(gateway: string, number: number, part: string, isLast: boolean): boolean
  /** Undefined: it is away */
  ask(gateway: string, delivery: string): Promise<readonly StoredEvent[] | undefined>
  /** Milliseconds since 1970: when it last waited here or answered */
  lastHeard(gateway: string): number | undefined
}

type Asked = GatewayQuestion & {
  readonly gateway: string
  readonly parts: string[]
  length: number
  readonly settle: (events: readonly StoredEvent[] | undefined) => void
}

type Line = {
  readonly questions: Asked[]
  readonly waiting: Set<() => void>
  lastHeard: number
}

export function createGatewayQuestions(clock: Clock, withinMs = answerWithinMs): GatewayQuestions {
  const lines = new Map<string, Line>()
  const open = new Map<number, Asked>()
  let number = 0

  const lineOf = (gateway: string): Line => {
    const line = lines.get(gateway) ?? { questions: [], waiting: new Set(), lastHeard: clock.now() }
    lines.set(gateway, line)
    return line
  }

  return {
    async next(gateway, signal) {
      const line = lineOf(gateway)
      line.lastHeard = clock.now()
      if (line.questions.length === 0) await wakened(line, signal)
      // whoever is over by now has not to be given a question
      return signal.aborted ? undefined : line.questions.shift()
    },

    told(gateway, of, part, isLast) {
      const asked = open.get(of)
      if (asked?.gateway !== gateway) return false
      lineOf(gateway).lastHeard = clock.now()
      asked.length += part.length
      if (asked.length > maxAnswerCharacters * 2) {
        asked.settle(undefined)
        return false
      }
      asked.parts.push(part)
      if (isLast) asked.settle(readToldEvents(asked.parts, asked.delivery))
      return true
    },

    async ask(gateway, delivery) {
      const line = lines.get(gateway)
      // nobody of that name has waited since the start
      if (!line || line.questions.length >= maxWaitingQuestions) return undefined
      const { promise, resolve } = Promise.withResolvers<readonly StoredEvent[] | undefined>()
      const asked: Asked = { number: ++number, delivery, gateway, parts: [], length: 0, settle: resolve }
      open.set(asked.number, asked)
      line.questions.push(asked)
      const [first] = line.waiting
      first?.()
      const late = setTimeout(() => resolve(undefined), withinMs)
      try {
        return await promise
      } finally {
        clearTimeout(late)
        open.delete(asked.number)
        const at = line.questions.indexOf(asked)
        if (at >= 0) line.questions.splice(at, 1)
      }
    },

    lastHeard: gateway => lines.get(gateway)?.lastHeard,
  }
}

/** A question has come, or the signal has ended. */
function wakened(line: Line, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const over = () => {
      line.waiting.delete(over)
      signal.removeEventListener('abort', over)
      resolve()
    }
    if (signal.aborted) return resolve()
    line.waiting.add(over)
    signal.addEventListener('abort', over, { once: true })
  })
}
