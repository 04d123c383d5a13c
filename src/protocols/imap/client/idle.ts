/** IDLE until told to stop, begun anew before the server loses patience. RFC 2177 */
import type { Conversation } from './conversation.ts'
import { CommandRefused } from './failure.ts'
import { answerMs, idleRenewMs } from './limits.ts'
import type { ImapAnswer, UntaggedResponse } from './response.ts'

export type IdleOptions = {
  /** Each response as it comes; the next is read when it is done. */
  readonly onResponse: (response: UntaggedResponse) => void | Promise<void>
  /** Aborted: DONE is said. Other commands wait for that. */
  readonly stop: AbortSignal
  readonly renewMs?: number
}

/** Resolves when the server has answered DONE. */
export async function idle(conversation: Conversation, { onResponse, stop, renewMs }: IdleOptions): Promise<void> {
  const lastsMs = renewMs ?? idleRenewMs
  while (!stop.aborted) {
    const taking = { onResponse, silenceMs: lastsMs + answerMs }
    const answer = await conversation.exchange('IDLE', taking, async (command, talk) => {
      if ((await talk.ask(`${command.tag} IDLE`)).kind === 'over') return
      await first(command.answer, stop, lastsMs)
      await talk.line('DONE')
    })
    if (answer.status !== 'OK') throw new CommandRefused('IDLE', answer)
  }
}

/** The answer came by itself (or the connection broke), it is time to stop, or the time is over. */
async function first(answer: Promise<ImapAnswer>, stop: AbortSignal, ms: number): Promise<void> {
  await new Promise<void>(resolve => {
    const done = () => {
      clearTimeout(timer)
      stop.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    stop.addEventListener('abort', done)
    if (stop.aborted) done()
    answer.then(done, done)
  })
}
