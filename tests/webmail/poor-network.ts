/** A way to the server that can be cut, and that can lose an answer after the server has given it. */
import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'

export type PoorNetwork = {
  readonly origin: string
  /** No connection is taken, and those that are there end */
  cut(isCut: boolean): void
  /** The answer to the next request whose body has this text does not arrive; what it asks for has happened. */
  loseAnswerTo(text: string): Promise<void>
  /** What stands at this path is another text from now on: as after an upgrade. */
  edit(path: string, edit: (text: string) => string): void
}

/** Ends with the scope. */
export async function openPoorNetwork(scope: AsyncDisposableStack, origin: string): Promise<PoorNetwork> {
  const sockets = new Set<Socket>()
  let isCut = false
  const edits = new Map<string, (text: string) => string>()
  let lost: { readonly text: string; readonly happened: () => void } | undefined
  const server = createServer((from, to) => void pass(from, to).catch(() => to.destroy()))
  const pass = async (from: IncomingMessage, to: ServerResponse) => {
    const body = await buffer(from)
    const { method, url = '/' } = from
    const headers = edits.has(url) ? { host: from.headers.host, 'accept-encoding': 'identity' } : from.headers
    const onward = request(new URL(url, origin), { method, headers, agent: false }).end(body)
    to.once('close', () => onward.destroy())
    const [answer] = (await once(onward, 'response')) as [IncomingMessage]
    if (lost && body.includes(lost.text)) {
      await buffer(answer)
      lost.happened()
      lost = undefined
      return void to.destroy()
    }
    const edit = edits.get(url)
    if (edit) {
      const { 'content-type': type = '', 'content-security-policy': policy = '' } = answer.headers
      to.writeHead(200, {
        'content-type': String(type),
        'content-security-policy': String(policy),
        'cache-control': 'no-cache',
      })
      return void to.end(edit((await buffer(answer)).toString('utf8')))
    }
    to.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
    answer.pipe(to)
  }
  server.on('connection', socket => {
    if (isCut) return void socket.destroy()
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  scope.defer(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise(resolve => server.close(resolve))
  })
  return {
    origin: `http://localhost:${(server.address() as AddressInfo).port}`,
    cut(now) {
      isCut = now
      if (isCut) for (const socket of sockets) socket.destroy()
    },
    edit: (path, edit) => void edits.set(path, edit),
    loseAnswerTo: text => new Promise(happened => (lost = { text, happened })),
  }
}
