/** XHIKYAKU: what a gateway tells home besides messages. Ours alone; offered in LHLO to a proven gateway only. */
import type { DeliveryId } from '#mail/ids.ts'
import { questionWaitMs } from '../limits.ts'
import { say, type Command, type Outcome } from '../outcome.ts'
import type { Session } from '../session.ts'

export const xhikyaku = {
  name: 'XHIKYAKU',
  async run(command, session) {
    const { receiver } = session.options
    if (session.facts.gateway === undefined || !receiver.hello) return say(500, '5.5.1', 'Command not known')
    if (session.state.kind === 'connected') return say(503, '5.5.1', 'Say LHLO first')
    if (command.act === 'HELLO')
      return receiver.hello(session.facts, command.origin, command.boot)
        ? say(250, '2.0.0', 'Welcome')
        : say(550, '5.7.1', 'A later start of that box is known already')
    if (command.act === 'WAIT') return await nextQuestion(session, session.facts.gateway)
    if (command.act === 'TELL') {
      session.idleCommands = 0
      const { last, number, part } = command
      const isWanted = session.options.questions?.told(session.facts.gateway, number, part, last)
      return isWanted ? say(250, '2.0.0', 'Noted') : say(450, '4.2.0', 'Nobody waits for it any more')
    }
    const settled = command.settled.map(({ id, recipient }) => ({ id: id as DeliveryId, recipient }))
    receiver.settled?.(session.facts, settled)
    session.idleCommands = 0
    return say(250, '2.0.0', 'Noted')
  },
} satisfies Command<'XHIKYAKU'>

/** Answered when there is one, when it is time to show that we are there, or at the end of the server. */
async function nextQuestion(session: Session, gateway: string): Promise<Outcome> {
  const { questions } = session.options
  if (!questions) return say(500, '5.5.1', 'Nothing is asked here')
  session.idleCommands = 0
  const signal = AbortSignal.any([session.signal, session.over.signal, AbortSignal.timeout(questionWaitMs)])
  const question = await questions.next(gateway, signal)
  return question ? say(250, '2.0.0', `ASK ${question.number} ${question.delivery}`) : say(250, '2.0.0', 'NOTHING')
}
