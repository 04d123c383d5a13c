/** Headers as a load balancer writes them, and as none would. */
import ipaddr from 'ipaddr.js'

export function proxyLine(from: string, to: string, port = 4321): Buffer {
  return Buffer.from(`PROXY ${from.includes(':') ? 'TCP6' : 'TCP4'} ${from} ${to} ${port} 25\r\n`)
}

export type BlockParts = {
  readonly version?: number
  readonly command?: number
  /** Of the header; the addresses are written as they are */
  readonly family?: number
  readonly port?: number
  /** Behind the addresses: TLVs */
  readonly tail?: Uint8Array
}

export function proxyBlock(from: string, to: string, parts: BlockParts = {}): Buffer {
  const { version = 2, command = 1, port = 4321, tail = new Uint8Array() } = parts
  const [source, target] = [from, to].map(address => Buffer.from(ipaddr.parse(address).toByteArray()))
  const ports = Buffer.alloc(4)
  ports.writeUInt16BE(port)
  ports.writeUInt16BE(25, 2)
  const block = Buffer.concat([source ?? Buffer.alloc(0), target ?? Buffer.alloc(0), ports, tail])
  const head = Buffer.from('\r\n\r\n\0\r\nQUIT\n\0\0\0\0', 'latin1')
  head.writeUInt8(version * 16 + command, 12)
  head.writeUInt8(parts.family ?? (from.includes(':') ? 0x21 : 0x11), 13)
  head.writeUInt16BE(block.length, 14)
  return Buffer.concat([head, block])
}

export function tlv(type: number, value: Uint8Array): Buffer {
  const head = Buffer.from([type, value.length >> 8, value.length & 0xff])
  return Buffer.concat([head, value])
}
