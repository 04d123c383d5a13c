/**
 * Pretend destinations on loopback, one address each (127.1.x.y): healthy ones take mail, sick ones are down, never greet, or answer very
 * slowly. They remember each message they took by its X-Number field.
 */
import { createServer, type Server, type Socket } from 'node:net'

export type Kind = 'healthy' | 'down' | 'silent' | 'slow'

export function addressOf(destination: number): string {
  return `127.1.${destination >> 8}.${destination & 255}`
}

/** Every third is sick, in turn in one of three ways. */
export function kindOf(destination: number): Kind {
  if (destination % 3 !== 2) return 'healthy'
  return (['down', 'silent', 'slow'] as const)[Math.floor(destination / 3) % 3] ?? 'down'
}

/** When each message was taken, milliseconds of `performance.now()`; more than one entry: it came more than once */
export type Taken = Map<number, number[]>

export type World = {
  readonly port: number
  readonly taken: Taken
  /** All are healthy from now on */
  heal(): Promise<void>
  close(): void
}

const slowMs = 20_000

export async function openWorld(destinations: number): Promise<World> {
  const taken: Taken = new Map()
  const servers: Server[] = []
  const sockets = new Set<Socket>()
  let healed = false
  let port = 0
  const open = async (destination: number) => {
    const kind = () => (healed ? 'healthy' : kindOf(destination))
    const server = createServer(socket => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
      if (kind() !== 'silent')
        talk(socket, kind, number => taken.set(number, [...(taken.get(number) ?? []), performance.now()]))
    })
    servers.push(server)
    await new Promise<void>((resolve, reject) =>
      server.once('error', reject).listen(port, addressOf(destination), resolve),
    )
    port = (server.address() as { port: number }).port
  }
  for (let destination = 0; destination < destinations; destination++)
    if (kindOf(destination) !== 'down') await open(destination)
  return {
    port,
    taken,
    async heal() {
      healed = true
      for (const socket of sockets) socket.destroy()
      for (let destination = 0; destination < destinations; destination++)
        if (kindOf(destination) === 'down') await open(destination)
    },
    close() {
      for (const server of servers) server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

/** Just enough SMTP, pipelined. */
function talk(socket: Socket, kind: () => Kind, take: (number: number) => void): void {
  let text = ''
  let inData = false
  const say = (line: string) => {
    if (kind() !== 'slow') return void socket.write(`${line}\r\n`)
    setTimeout(() => socket.writable && socket.write(`${line}\r\n`), slowMs).unref()
  }
  say('220 sink.test ESMTP')
  socket.on('data', chunk => {
    text += chunk.toString('latin1')
    for (;;) {
      if (inData) {
        const end = text.indexOf('\r\n.\r\n')
        if (end < 0) return
        const number = /^X-Number: (\d+)/m.exec(text.slice(0, end))?.[1]
        text = text.slice(end + 5)
        inData = false
        take(Number(number))
        say('250 2.0.0 Taken')
        continue
      }
      const end = text.indexOf('\r\n')
      if (end < 0) return
      const line = text.slice(0, end).toUpperCase()
      text = text.slice(end + 2)
      if (line.startsWith('EHLO')) say('250-sink.test\r\n250 PIPELINING')
      else if (line === 'DATA') {
        inData = true
        say('354 Go on')
      } else if (line === 'QUIT') {
        say('221 Bye')
        socket.end()
      } else say('250 2.0.0 OK')
    }
  })
}
