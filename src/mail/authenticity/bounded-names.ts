/** A name server with bounds: for one message (time, questions at once, each asked once), and for the process (a small cache). */
import type { Clock } from '#base/clock.ts'
import { onAbort } from '#base/deadline.ts'
import { cachedFailureMs, cachedMs, maxCachedNames, maxParallelQuestions } from './limits.ts'
import type { NameAnswer, Names } from './names.ts'

type Answer = NameAnswer<readonly string[]>
type Kind = keyof Names
type Ask = (kind: Kind, name: string) => Promise<Answer>

/** Every question ends when the signal does. */
export function boundedNames(names: Names, signal: AbortSignal): Names {
  const asked = new Map<string, Promise<Answer>>()
  const ended = new Promise<void>(resolve => (signal.aborted ? resolve() : onAbort(signal, resolve)))
  const outOfTime = ended.then((): Answer => ({ kind: 'temporary', reason: 'out of time' }))
  let running = 0
  const waiting: (() => void)[] = []
  const turn = async (ask: () => Promise<Answer>): Promise<Answer> => {
    if (running >= maxParallelQuestions) await new Promise<void>(resolve => waiting.push(resolve))
    if (signal.aborted) return outOfTime
    running++
    try {
      return await ask()
    } finally {
      running--
      waiting.shift()?.()
    }
  }
  return serverOf((kind, name) => {
    const key = `${kind} ${name.toLowerCase()}`
    const known = asked.get(key)
    if (known) return known
    const answer = Promise.race([turn(() => names[kind](name)), outOfTime]).catch(failed)
    asked.set(key, answer)
    return answer
  })
}

/** Answers are kept for a short while, whatever their TTL: the same few domains write all day. */
export function cachedNames(names: Names, clock: Clock): Names {
  const known = new Map<string, { readonly answer: Promise<Answer>; until: number }>()
  return serverOf((kind, name) => {
    const key = `${kind} ${name.toLowerCase()}`
    const now = clock.monotonic()
    const found = known.get(key)
    if (found && found.until > now) return found.answer
    const answer = names[kind](name).catch(failed)
    const entry = { answer, until: now + cachedMs }
    known.delete(key)
    const oldest = known.size >= maxCachedNames ? known.keys().next() : undefined
    if (oldest?.done === false) known.delete(oldest.value)
    known.set(key, entry)
    void answer.then(value => {
      if (value.kind === 'temporary') entry.until = clock.monotonic() + cachedFailureMs
      // What is huge is not kept
      if (value.kind === 'found' && sizeOf(value.value) > maxKeptCharacters) known.delete(key)
    })
    return answer
  })
}

const maxKeptCharacters = 16 * 1024

function sizeOf(values: readonly string[]): number {
  return values.reduce((sum, value) => sum + value.length, 0)
}

function failed(error: unknown): Answer {
  return { kind: 'temporary', reason: error instanceof Error ? error.name : 'unknown' }
}

function serverOf(ask: Ask): Names {
  return {
    txt: name => ask('txt', name),
    a: name => ask('a', name),
    aaaa: name => ask('aaaa', name),
    mx: name => ask('mx', name),
    ptr: address => ask('ptr', address),
  }
}
