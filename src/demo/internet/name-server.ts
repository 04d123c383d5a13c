/** A small authoritative name server for the pretend internet, over UDP and TCP. RFC 1035 §4.2 */
import { createSocket } from 'node:dgram'
import { createServer, type Socket } from 'node:net'
import packet, { type Answer, type Packet, type Question } from 'dns-packet'
import type { Zone, ZoneRecord } from './zone.ts'

const ttlSeconds = 5
const maxTcpQueryBytes = 4096

export async function startNameServer(options: { port: number; zone: Zone; host?: string }): Promise<AsyncDisposable> {
  const host = options.host ?? '127.0.0.1'
  const udp = createSocket('udp4')
  udp.on('message', (query, peer) => {
    const answer = answerTo(query, options.zone)
    if (answer) udp.send(packet.encode(answer), peer.port, peer.address)
  })
  const tcp = createServer(socket => serveTcp(socket, options.zone))
  await new Promise<void>((resolve, reject) => {
    udp.once('error', reject)
    udp.bind(options.port, host, resolve)
  })
  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject)
    tcp.listen(options.port, host, resolve)
  })
  return {
    async [Symbol.asyncDispose]() {
      await new Promise<void>(resolve => udp.close(resolve))
      await new Promise<void>(resolve => tcp.close(() => resolve()))
    },
  }
}

function answerTo(query: Buffer, zone: Zone): Packet | undefined {
  let asked: Packet
  try {
    asked = packet.decode(query)
  } catch {
    return undefined
  }
  const question = asked.questions?.[0]
  if (asked.type === 'response' || !question) return undefined
  const records = zone.get(question.name.toLowerCase())
  const flags = packet.AUTHORITATIVE_ANSWER | (records ? 0 : nameError)
  return {
    id: asked.id ?? 0,
    type: 'response',
    flags,
    questions: [question],
    answers: (records ?? []).filter(record => record.type === question.type).map(record => answerOf(question, record)),
  }
}

/** RCODE 3, RFC 1035 §4.1.1 */
const nameError = 3

function answerOf(question: Question, record: ZoneRecord): Answer {
  const common = { name: question.name, ttl: ttlSeconds }
  switch (record.type) {
    case 'MX':
      return { ...common, type: 'MX', data: { preference: record.preference, exchange: record.exchange } }
    case 'TXT':
      // RFC 1035 §3.3.14: strings of at most 255 octets
      return { ...common, type: 'TXT', data: record.data.match(/.{1,255}/gs) ?? [''] }
    case 'A':
    case 'AAAA':
    case 'PTR':
      return { ...common, type: record.type, data: record.data }
    default:
      return record satisfies never
  }
}

function serveTcp(socket: Socket, zone: Zone): void {
  let received = Buffer.alloc(0)
  socket.setTimeout(5_000, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('data', chunk => {
    received = Buffer.concat([received, chunk])
    if (received.length > maxTcpQueryBytes) {
      socket.destroy()
      return
    }
    while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
      const length = received.readUInt16BE(0)
      const answer = answerTo(received.subarray(2, 2 + length), zone)
      received = received.subarray(2 + length)
      if (!answer) {
        socket.destroy()
        return
      }
      const bytes = packet.encode(answer)
      const prefix = Buffer.alloc(2)
      prefix.writeUInt16BE(bytes.length)
      socket.write(Buffer.concat([prefix, bytes]))
    }
  })
}
