/** A proxy before a real mail server: it passes everything on but for the one reply at which it is to fail, and notes what the client said. */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { Dialogue, type Stage } from './dialogue.ts'

export type Fault = {
  readonly at: Stage
  readonly how: keyof typeof faults
}

/** What the client is told instead of `reply` */
const faults = {
  close: near => near.end(),
  reset: near => near.resetAndDestroy(),
  half: (near, reply) => near.end(reply.subarray(0, Math.ceil(reply.length / 2))),
  'no line end': (near, reply) => near.end(reply.subarray(0, -2)),
  garble: near => near.end(Buffer.from('\0\xff\xfe what is this\r\n', 'latin1')),
  'long line': near => near.end(Buffer.concat([Buffer.from('250 '), Buffer.alloc(200_000, 'x'), Buffer.from('\r\n')])),
  'never the last line': near => near.end('250-and more\r\n'.repeat(20_000)),
  'going down': near => near.end('421 4.3.2 Going down\r\n'),
  silence: () => undefined,
  'text instead of TLS': (near, reply) => near.end(`${String(reply)}250 plain text goes on here\r\n`),
  'nothing instead of TLS': (near, reply) => near.end(reply),
  'reset instead of TLS': (near, reply) => near.write(reply, () => near.resetAndDestroy()),
} as const satisfies Record<string, (near: Socket, reply: Buffer) => unknown>

const emptyReply = Buffer.alloc(0)

export type FaultyProxy = {
  /** Commands as they came, those of all connections one after the other; nothing of what went through TLS */
  readonly heard: readonly string[]
  /** Whether a client ever sent RCPT before MAIL was answered */
  readonly pipelined: boolean
  /** STARTTLS is cut out of what the server offers */
  strips: boolean
  /** How often it has failed */
  readonly failures: number
}

/** `fault` happens once, at the first connection that comes so far; `always`: at each. */
export async function startFaultyProxy(
  scope: AsyncDisposableStack,
  at: { readonly address: string; readonly port: number },
  target: { readonly address: string; readonly port: number },
  { fault, always = false, strips = false }: { fault?: Fault; always?: boolean; strips?: boolean } = {},
): Promise<FaultyProxy> {
  const heard: string[] = []
  const proxy = { heard, strips, failures: 0, pipelined: false }
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true }, near => {
    const far = connect({ host: target.address, port: target.port })
    for (const socket of [near, far]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
    }
    const dialogue = new Dialogue()
    near.on('data', chunk => {
      const octets = dialogue.fromClient(chunk, command => {
        heard.push(command)
        if (command.startsWith('RCPT') && dialogue.owes('MAIL')) proxy.pipelined = true
      })
      if (fault?.at === 'body' && dialogue.bodyBegun && (always || proxy.failures === 0))
        // the server gets all but the end
        far.write(octets.subarray(0, -1), () => fail(emptyReply))
      else far.write(octets)
    })
    far.on('data', chunk => {
      for (const { stage, reply } of dialogue.fromServer(chunk)) {
        if (fault && stage === fault.at && (always || proxy.failures === 0)) return fail(reply)
        near.write(proxy.strips && stage === 'EHLO' ? without(reply) : reply)
      }
    })
    const hangUp = () => void near.end()
    const fail = (reply: Buffer) => {
      proxy.failures++
      near.removeAllListeners('data').resume()
      far.off('close', hangUp).removeAllListeners('data').destroy()
      if (fault) faults[fault.how](near, reply)
    }
    near.on('end', () => far.end())
    far.on('end', () => near.end())
    near.on('close', () => far.destroy())
    far.on('close', hangUp)
  })
  server.listen(at.port, at.address)
  await once(server, 'listening')
  scope.defer(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return proxy
}

/** A reply to EHLO that does not offer STARTTLS */
function without(reply: Buffer): Buffer {
  const lines = String(reply)
    .split('\r\n')
    .filter(line => line !== '' && !/^250[ -]STARTTLS$/i.test(line))
  return Buffer.from(lines.map((line, at) => `250${at === lines.length - 1 ? ' ' : '-'}${line.slice(4)}\r\n`).join(''))
}
