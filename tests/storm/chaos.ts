/** Strikes: kills a process or cuts the link at a chosen moment of some letter's way. Every choice comes from the seed. */
import type { RunningDemo } from '../support/demo.ts'
import type { Random } from '../support/random.ts'
import type { Stage } from './sender.ts'

export type Target = 'gateway' | 'home' | 'link'
export type Strikes = Record<Target, number>

const targets: readonly Target[] = ['gateway', 'home', 'link']
const stages: readonly Stage[] = ['data', 'dot', 'reply']
/** After the final dot the message is somewhere between the socket and the disk for about so long. */
const longestDelayMs = 6
const linkDownMs = 600

export type Chaos = {
  readonly strikes: Strikes
  readonly byStage: Record<Stage, number>
  /** The sender's hook */
  at(stage: Stage): void
  readonly total: number
  stop(): Promise<void>
}

export function createChaos(options: { demo: RunningDemo; random: Random; everyMs: number }): Chaos {
  const { demo, random } = options
  const strikes: Strikes = { gateway: 0, home: 0, link: 0 }
  const byStage: Record<Stage, number> = { data: 0, dot: 0, reply: 0 }
  let stopped = false
  let armed: { stage: Stage; target: Target; delayMs: number; skip: number } | undefined
  let mending: Promise<unknown> = Promise.resolve()
  let turn = 0
  let timer = setTimeout(arm, options.everyMs)

  function arm(): void {
    if (stopped) return
    // every target in turn, so that each gets its share whatever the seed
    const target = targets[turn++ % targets.length] ?? 'link'
    armed = { stage: random.pick(stages), target, delayMs: random.next() * longestDelayMs, skip: random.integer(12) }
  }

  function strike(target: Target): void {
    if (target === 'link') {
      mending = demo
        .control({ link: 'cut' })
        .then(() => new Promise(resolve => setTimeout(resolve, random.integer(linkDownMs))))
        .then(() => demo.control({ link: 'mend' }))
      strikes.link++
      return
    }
    try {
      process.kill(demo.pid(target), 'SIGKILL')
      strikes[target]++
    } catch {
      // it is being started again already: not counted
    }
  }

  return {
    strikes,
    byStage,
    get total() {
      return strikes.gateway + strikes.home + strikes.link
    },
    at(stage) {
      if (!armed || armed.stage !== stage || stopped) return
      if (armed.skip-- > 0) return
      const { target, delayMs } = armed
      armed = undefined
      byStage[stage]++
      if (delayMs < 1) strike(target)
      else setTimeout(strike, delayMs, target)
      timer = setTimeout(arm, options.everyMs * (0.5 + random.next()))
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      await mending
      await demo.control({ link: 'mend' })
    },
  }
}
