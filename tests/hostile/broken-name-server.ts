/** Name servers as they break: silent, late, refusing, truncating into a connection that says nothing, lying about ids, talking rubbish. */
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

export type Breakage =
  | 'silent'
  | 'late'
  | 'servfail'
  | 'refused'
  | 'truncated'
  | 'other-id'
  | 'rubbish'
  | 'many-records'

export type BrokenNameServer = AsyncDisposable & {
  readonly port: number
  /** How it breaks from now on */
  breakage: Breakage
}

/** When nobody waits any more */
const lateMs = 9_000

export async function startBrokenNameServer(): Promise<BrokenNameServer> {
  const udp = createSocket('udp4')
  udp.bind(0, '127.0.0.1')
  await once(udp, 'listening')
  const { port } = udp.address()
  const sockets = new Set<Socket>()
  const tcp = createServer(socket => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', chunk => {
      const answer = server.breakage === 'many-records' ? answerOf(chunk.subarray(2), 'many-records', true) : undefined
      if (answer) socket.write(Buffer.concat([Buffer.of(answer.length >> 8, answer.length & 0xff), answer]))
    })
  })
  tcp.listen(port, '127.0.0.1')
  await once(tcp, 'listening')
  const server: BrokenNameServer = {
    port,
    breakage: 'silent',
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      tcp.close()
      udp.close()
      await Promise.resolve()
    },
  }
  udp.on('message', (query, from) => {
    const answer = answerOf(query, server.breakage, false)
    if (!answer) return
    const send = () => udp.send(answer, from.port, from.address, () => undefined)
    if (server.breakage === 'late') setTimeout(send, lateMs).unref()
    else send()
  })
  return server
}

const truncated = 0x0200

function answerOf(query: Buffer, breakage: Breakage, overTcp: boolean): Buffer | undefined {
  switch (breakage) {
    case 'silent':
      return undefined
    case 'late':
      return headOf(query, { code: 3 })
    case 'servfail':
      return headOf(query, { code: 2 })
    case 'refused':
      return headOf(query, { code: 5 })
    case 'truncated':
      return overTcp ? undefined : headOf(query, { flags: truncated })
    case 'other-id': {
      const answer = headOf(query, { code: 3 })
      answer.writeUInt16BE((answer.readUInt16BE(0) + 1) & 0xffff, 0)
      return answer
    }
    case 'rubbish':
      return Buffer.concat([
        query.subarray(0, 2),
        Buffer.of(0x81, 0x80, 0, 1, 0, 255, 0, 255, 0, 255),
        Buffer.alloc(400, 0xc0),
      ])
    case 'many-records':
      if (!overTcp) return headOf(query, { flags: truncated })
      return typeOf(query) === 1
        ? Buffer.concat([headOf(query, { answers: 3000 }), addresses])
        : headOf(query, { code: 0 })
    default:
      return breakage satisfies never
  }
}

/** The question alone, with these in its header. RFC 1035 §4.1.1 */
function headOf(query: Buffer, { code = 0, flags = 0, answers = 0 }): Buffer {
  const head = Buffer.from(query.subarray(0, questionEnd(query)))
  head.writeUInt16BE(0x8180 | flags | code, 2)
  for (const [at, count] of [
    [6, answers],
    [8, 0],
    [10, 0],
  ] as const)
    head.writeUInt16BE(count, at)
  return head
}

function questionEnd(query: Buffer): number {
  let at = 12
  while (query[at]) at += (query[at] ?? 0) + 1
  return at + 5
}

function typeOf(query: Buffer): number {
  return query.readUInt16BE(questionEnd(query) - 4)
}

/** A record each, the name a pointer to the question. RFC 1035 §4.1.3, §4.1.4 */
const addresses = Buffer.concat(
  Array.from({ length: 3000 }, (_, at) => Buffer.of(0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, at >> 8, at & 255)),
)
