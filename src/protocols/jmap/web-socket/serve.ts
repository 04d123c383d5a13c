/**
 * JMAP on a WebSocket (RFC 8887): requests and their answers as messages, in whatever order they are done, and states of types between
 * them. The login is that of the handshake; when it ends, so does the connection.
 */
import { type WebSocket, WebSocketServer } from 'ws'
import { whenAborted } from '#base/when-aborted.ts'
import { sendProblem } from '../answer.ts'
import { carryOut, readEnvelope } from '../api.ts'
import { maxSizeRequest, maxWebSocketRequests } from '../limits.ts'
import { readJsonBody } from '../receive.ts'
import type { Asked } from '../site.ts'
import { limitReached, plainProblem } from '../syntax/problem.ts'
import { isProblem } from '../syntax/request.ts'
import { closeCodes, Line } from './line.ts'
import { readSaid, requestError, type Said } from './messages.ts'
import { Push } from './push.ts'

const protocol = 'jmap'
const server = new WebSocketServer({
  noServer: true,
  maxPayload: maxSizeRequest,
  // what is compressed beside secrets tells them (RFC 8887 §5), and each window costs memory
  perMessageDeflate: false,
  handleProtocols: () => protocol,
})

export async function serveWebSocket(asked: Asked): Promise<void> {
  const { visit, login, webSockets } = asked
  const { request, response } = visit
  if (!visit.takeOver)
    return sendProblem(response, plainProblem(426, 'Upgrade Required', 'This path is for WebSocket'), {
      upgrade: 'websocket',
      connection: 'upgrade',
    })
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map(name => name.trim())
  if (!offered.includes(protocol))
    return sendProblem(response, plainProblem(400, 'Bad Request', 'The subprotocol here is jmap'))
  using open = webSockets.begin(login.account)
  if (!open)
    return sendProblem(response, plainProblem(429, 'Too Many Requests', 'Too many WebSockets are open'), {
      'retry-after': '60',
    })
  const { stream, head } = visit.takeOver()
  const socket = await new Promise<WebSocket | undefined>(resolve => {
    // a handshake that is wrong is answered by ws, which then ends the connection
    stream.once('close', () => resolve(undefined))
    server.handleUpgrade(request, stream, head, resolve)
  })
  if (socket) await converse(socket, asked)
}

async function converse(socket: WebSocket, asked: Asked): Promise<void> {
  const { visit, login, options } = asked
  using line = new Line(socket)
  using _stopping = whenAborted(visit.stopping, () => line.close(closeCodes.goingAway, 'The server stops'))
  using _ended = whenAborted(login.ended, () => line.close(closeCodes.policyViolation, 'This login has ended'))
  if (visit.stopping.aborted) line.close(closeCodes.goingAway, 'The server stops')
  if (login.ended.aborted) line.close(closeCodes.policyViolation, 'This login has ended')
  const fail = (error: unknown) => {
    options.log.error('A WebSocket of JMAP failed', { error: String(error) })
    socket.terminate()
  }
  using push = new Push(
    await options.accounts.account(login.account),
    options.sending,
    change => line.send(change),
    fail,
  )
  const running = new Set<Promise<void>>()
  for (let message = await line.next(); message; message = await line.next()) {
    const work = hear(message, { asked, line, push }).catch(fail)
    const done = work.finally(() => running.delete(done))
    running.add(done)
    if (running.size >= maxWebSocketRequests) await Promise.race(running)
  }
  await Promise.all(running)
}

type Conversation = { readonly asked: Asked; readonly line: Line; readonly push: Push }

async function hear(message: Buffer, { asked, line, push }: Conversation): Promise<void> {
  using underWay = asked.requests.begin(asked.login.account)
  const json = underWay ? await readJsonBody(message) : tooMany
  if (isProblem(json)) return void (await line.send(requestError(json, null)))
  const said = readSaid(json.value)
  switch (said.kind) {
    case 'request':
      return await run(said, asked, line)
    case 'enable':
      return await push.enable(said.types, said.since)
    case 'disable':
      return push.disable()
    case 'wrong':
      return void (await line.send(requestError(said.problem, said.id)))
    default:
      return said satisfies never
  }
}

const tooMany = limitReached('maxConcurrentRequests', 'Too many requests of this account are under way')

async function run({ id, value }: Said & { kind: 'request' }, asked: Asked, line: Line): Promise<void> {
  const envelope = readEnvelope(value, asked.options.capabilities)
  if (isProblem(envelope)) return void (await line.send(requestError(envelope, id ?? null)))
  await carryOut(envelope, asked, line.closed, answer =>
    line.send({ '@type': 'Response', ...(id !== undefined && { requestId: id }), ...answer }),
  )
}
