/** A bare socket to a mail server, for octets that no mail library would send or show unchanged. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as tlsConnect } from 'node:tls'

const timeoutMs = 60_000

export type Wire = {
  /** Sends a line and gives the last line of the reply. */
  say(line: string): Promise<string>
  write(bytes: Uint8Array): Promise<void>
  reply(): Promise<string>
  /** A message of many lines up to its final dot, dots undone. RFC 1939 §3 */
  message(): Promise<Buffer>
  [Symbol.dispose](): void
}

/** Greeted. With `ca`: TLS at once, verified for localhost. */
export async function openWire(port: number, ca?: string): Promise<Wire> {
  const socket =
    ca === undefined ? connect(port, '127.0.0.1') : tlsConnect({ port, host: '127.0.0.1', servername: 'localhost', ca })
  await once(socket, ca === undefined ? 'connect' : 'secureConnect')
  const wire = wireOn(socket)
  await wire.reply()
  return wire
}

function wireOn(socket: Socket): Wire {
  const chunks = socket.setTimeout(timeoutMs, () => socket.destroy(new Error('no answer')))[Symbol.asyncIterator]()
  let buffer: Buffer = Buffer.alloc(0)
  const upTo = async (end: string): Promise<Buffer> => {
    for (let from = 0; ; ) {
      const at = buffer.indexOf(end, from)
      if (at >= 0) {
        const piece = buffer.subarray(0, at + end.length)
        buffer = buffer.subarray(at + end.length)
        return piece
      }
      from = Math.max(0, buffer.length - end.length)
      const next = await chunks.next()
      if (next.done === true) throw new Error('The server closed the connection')
      buffer = Buffer.concat([buffer, next.value as Buffer])
    }
  }
  const write = (bytes: Uint8Array | string) =>
    new Promise<void>((resolve, reject) => {
      socket.write(bytes, error => (error ? reject(error) : resolve()))
    })
  const reply = async () => {
    for (;;) {
      const line = (await upTo('\r\n')).toString()
      if (!/^\d{3}-/.test(line)) return line.trimEnd()
    }
  }
  return {
    say: async line => {
      await write(`${line}\r\n`)
      return await reply()
    },
    write,
    reply,
    message: async () => undotted(await upTo('\r\n.\r\n')),
    [Symbol.dispose]: () => void socket.destroy(),
  }
}

function undotted(bytes: Buffer): Buffer {
  const lines = bytes.toString('latin1').slice(0, -'.\r\n'.length)
  return Buffer.from(lines.replaceAll(/^\./gm, ''), 'latin1')
}

/** Dots doubled and the end put behind: what DATA is followed by. The message ends with CRLF. RFC 5321 §4.5.2 */
export function dotted(bytes: Buffer): Buffer {
  return Buffer.from(`${bytes.toString('latin1').replaceAll(/(^|\n)\./g, '$1..')}.\r\n`, 'latin1')
}
