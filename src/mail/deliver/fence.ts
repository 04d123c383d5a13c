/**
 * Boots of a gateway. Once a newer boot has spoken, nothing of an older one is begun; what an older one has under way is finished
 * before a message of the newer is delivered. So a message that died with its box is on disk before its sender's retry is judged.
 */
import type { SessionFacts } from '../receiving.ts'
import { maxGatewaySessions } from './limits.ts'

type Speaker = { readonly origin: string; readonly boot: number }

export class BootFence {
  readonly #newest = new Map<string, number>()
  readonly #speakers = new Map<string, Speaker>()
  readonly #running = new Map<Promise<unknown>, Speaker>()

  /** False: an older boot than one already seen. `origin` comes from the configuration, so there are few. */
  hello(session: SessionFacts, origin: string, boot: number): boolean {
    if (boot < (this.#newest.get(origin) ?? 0)) return false
    this.#newest.set(origin, boot)
    this.#speakers.delete(session.id)
    this.#speakers.set(session.id, { origin, boot })
    for (const oldest of this.#speakers.keys()) {
      if (this.#speakers.size <= maxGatewaySessions) break
      this.#speakers.delete(oldest)
    }
    return true
  }

  /** Who speaks in this session; undefined for a peer without boots (a stand-in). */
  speaker(session: SessionFacts): Speaker | undefined {
    const speaker = this.#speakers.get(session.id)
    if (!speaker) return undefined
    this.#speakers.delete(session.id)
    this.#speakers.set(session.id, speaker)
    return speaker
  }

  isOld({ origin, boot }: Speaker): boolean {
    return boot < (this.#newest.get(origin) ?? 0)
  }

  /** Runs it unless the boot is old; waits before for what older boots have under way. 'old' and 'busy' (not within the time). */
  async run<Value>(speaker: Speaker, waitMs: number, act: () => Promise<Value>): Promise<Value | 'old' | 'busy'> {
    const older: Promise<unknown>[] = []
    for (const [running, { origin, boot }] of this.#running)
      if (origin === speaker.origin && boot < speaker.boot) older.push(running)
    if (older.length > 0 && !(await settledWithin(older, waitMs))) return 'busy'
    if (this.isOld(speaker)) return 'old'
    const running = act()
    this.#running.set(running, speaker)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }
}

async function settledWithin(promises: readonly Promise<unknown>[], ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>(resolve => (timer = setTimeout(resolve, ms, false)))
  try {
    return await Promise.race([Promise.allSettled(promises).then(() => true), late])
  } finally {
    clearTimeout(timer)
  }
}
