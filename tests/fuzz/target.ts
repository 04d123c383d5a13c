/** What is fuzzed: a thing that takes octets in one of several states, and says whether it did well. */
import { silentLog, type Log } from '#base/log.ts'
import { LoopGauge } from './loop-gauge.ts'
import { seededRandom, type Random } from '../support/random.ts'

export type Play = {
  readonly state: string
  /** `undefined` when it went well, else what went wrong. Throwing is a crash, taking longer than `hangMs` a hang. */
  play(random: Random): Promise<string | undefined> | string | undefined
}

export type Target = {
  readonly name: string
  /** Its share of the time, compared with the others; 1 when absent */
  readonly weight?: number
  /** Sets up, hands over the states, and takes down when `fuzz` resolves. */
  run(fuzz: (plays: readonly Play[], watch: Watch) => Promise<void>): Promise<void>
}

/** What a target shows of itself while it runs. */
export type Watch = {
  /** Octets held for a peer at the most */
  readonly buffers: BufferGauge
  /** Logged as our own faults since the last look */
  readonly faults: unknown[]
  /** Started and stopped by the play, so that our own judging is not measured */
  readonly loop: LoopGauge
}

export class BufferGauge {
  #largest = 0
  get largest(): number {
    return this.#largest
  }
  note(sizeBytes: number): void {
    this.#largest = Math.max(this.#largest, sizeBytes)
  }
}

export function watching(): Watch & { readonly log: Log } {
  const faults: unknown[] = []
  const log: Log = { ...silentLog, error: (sentence, fields) => void faults.push([sentence, fields]), with: () => log }
  return { buffers: new BufferGauge(), faults, log, loop: new LoopGauge() }
}

export type Finding = {
  readonly kind: 'crash' | 'hang' | 'held'
  readonly target: string
  readonly state: string
  readonly seed: number
  readonly what: string
}

export type Tally = {
  inputs: number
  states: number
  readonly findings: Finding[]
  largestBufferBytes: number
  /** What the event loop was held for at once, in milliseconds of the processor; the same input twice */
  longestTurnMs: number
}

/** A loaded machine is slow; nothing here should take a hundredth of it. */
export const hangMs = 20_000
/** All other sessions wait so long. */
const heldMs = 50
const heldRepeats = 4
/** More findings than these tell nothing new. */
const maxFindings = 20

/** Plays the target's states in turn until `seconds` are over; input and state of turn n follow from `seed` + n. */
export async function fuzzTarget(target: Target, seconds: number, seed: number, tally: Tally): Promise<void> {
  await target.run(async (plays, watch) => {
    tally.states += plays.length
    const until = performance.now() + seconds * 1000
    for (let n = 0; n < plays.length || performance.now() < until; n++) {
      const play = plays[(seed + n) % plays.length]
      if (!play || tally.findings.length >= maxFindings) break
      const found = (await playOnce(play, seed + n, watch)) ?? (await heldBy(play, seed + n, watch, tally))
      tally.inputs++
      if (found) tally.findings.push({ ...found, target: target.name, state: play.state, seed })
      if (found?.kind === 'hang') break
    }
    tally.largestBufferBytes = Math.max(tally.largestBufferBytes, watch.buffers.largest)
  })
}

/** What held the loop for long does so again with the same input; a collection of garbage, or code seen first, does not. */
async function heldBy(
  play: Play,
  seed: number,
  watch: Watch,
  tally: Tally,
): Promise<Pick<Finding, 'kind' | 'what'> | undefined> {
  let longestMs = watch.loop.takeLongestMs()
  for (let again = 0; again < heldRepeats && longestMs > tally.longestTurnMs; again++) {
    const found = await playOnce(play, seed, watch)
    if (found) return found
    longestMs = Math.min(longestMs, watch.loop.takeLongestMs())
  }
  tally.longestTurnMs = Math.max(tally.longestTurnMs, longestMs)
  return longestMs > heldMs ? { kind: 'held', what: `seed ${seed}: ${Math.round(longestMs)} ms at once` } : undefined
}

async function playOnce(play: Play, seed: number, watch: Watch): Promise<Pick<Finding, 'kind' | 'what'> | undefined> {
  const uncaught: unknown[] = []
  const onUncaught = (error: unknown) => void uncaught.push(error)
  process.on('uncaughtException', onUncaught).on('unhandledRejection', onUncaught)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>(resolve => (timer = setTimeout(() => resolve('late'), hangMs)))
  const begun = performance.now()
  try {
    const said = await Promise.race([play.play(seededRandom(seed)), late])
    const tookMs = performance.now() - begun
    if (said === 'late' || tookMs > hangMs) return { kind: 'hang', what: `seed ${seed}: ${Math.round(tookMs)} ms` }
    const wrong = said ?? [...uncaught, ...watch.faults.splice(0)].map(show).join('\n')
    return wrong === '' ? undefined : { kind: 'crash', what: `seed ${seed}: ${wrong}` }
  } catch (error) {
    return { kind: 'crash', what: `seed ${seed}: ${show(error)}` }
  } finally {
    clearTimeout(timer)
    process.off('uncaughtException', onUncaught).off('unhandledRejection', onUncaught)
  }
}

function show(fault: unknown): string {
  if (fault instanceof Error) return fault.stack ?? fault.message
  return JSON.stringify(fault, (_, value: unknown) => (value instanceof Error ? value.stack : value))
}
