/** XHIKYAKU: what a gateway tells home besides messages. Ours alone; offered in LHLO to a proven gateway only. */
import type { DeliveryId } from '#mail/ids.ts'
import { say, type Command } from '../outcome.ts'

export const xhikyaku = {
  name: 'XHIKYAKU',
  run(command, session) {
    const { receiver } = session.options
    if (session.facts.gateway === undefined || !receiver.hello) return say(500, '5.5.1', 'Command not known')
    if (session.state.kind === 'connected') return say(503, '5.5.1', 'Say LHLO first')
    if (command.act === 'HELLO')
      return receiver.hello(session.facts, command.origin, command.boot)
        ? say(250, '2.0.0', 'Welcome')
        : say(550, '5.7.1', 'A later start of that box is known already')
    const settled = command.settled.map(({ id, recipient }) => ({ id: id as DeliveryId, recipient }))
    receiver.settled?.(session.facts, settled)
    session.idleCommands = 0
    return say(250, '2.0.0', 'Noted')
  },
} satisfies Command<'XHIKYAKU'>
