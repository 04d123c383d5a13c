/** The client as the model sees it: the server, or what is kept here where nobody answers. */
import type { Signal } from '@preact/signals'
import type { Client } from '../jmap/client.ts'
import { Fault } from '../jmap/fault.ts'
import type { Away } from './away.ts'

export type StandIn = {
  readonly client: Client
  /** The state of emails that were answered from here since it was asked the last time; undefined: none were */
  takeState(): string | undefined
}

export function standIn(
  online: Client,
  { isLinked, away }: { readonly isLinked: Signal<boolean>; readonly away: Signal<Away | undefined> },
): StandIn {
  let state: string | undefined
  const answered = async (calls: Parameters<Away['answer']>[0]) => {
    const kept = away.peek()
    const found = await kept?.answer(calls)
    if (found) state ??= found.emailState
    return found?.answers
  }
  const send: Client['send'] = async (batch, options) => {
    const isAway = !isLinked.peek()
    const first = isAway ? await answered(batch.calls) : undefined
    if (first) return first
    try {
      return await online.send(batch, isAway ? { ...options, again: false } : options)
    } catch (error) {
      if (isAway || !(error instanceof Fault && error.kind === 'unreachable')) throw error
      const second = await answered(batch.calls)
      if (!second) throw error
      return second
    }
  }
  return {
    client: { ...online, send },
    takeState() {
      const taken = state
      state = undefined
      return taken
    },
  }
}
