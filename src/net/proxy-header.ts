/**
 * The PROXY protocol, versions 1 and 2 (HAProxy, doc/proxy-protocol.txt): what a load balancer says of its client before the first octet
 * of the client's own. Pure: octets in, a header or a fault out. TLVs are passed over, the checksum among them.
 */
import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'

export type ProxyHeader =
  /** The header is not complete */
  | { readonly kind: 'more' }
  /** Never the beginning of a header, or one that must be refused */
  | { readonly kind: 'wrong'; readonly reason: string }
  /** `length` octets of header; `source` undefined for UNKNOWN, LOCAL and unix sockets: the connection's own address counts */
  | { readonly kind: 'header'; readonly length: number; readonly source: ProxySource | undefined }

export type ProxySource = { readonly address: string; readonly port: number }

/** §2.1: the longest line of version 1, its CRLF included */
const maxLineBytes = 107
const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const fixedBytes = 16

export function readProxyHeader(octets: Uint8Array): ProxyHeader {
  const bytes = Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength)
  if (bytes.length === 0) return more
  if (beginsLike(bytes, signature)) return bytes.length < fixedBytes ? more : binary(bytes)
  if (beginsLike(bytes, lineStart)) return line(bytes)
  return wrong('it does not begin like a PROXY header')
}

/** Whether a peer that is no proxy of ours begins as one would: for a word that tells its operator why nothing works. */
export function looksLikeProxyHeader(first: Uint8Array): boolean {
  const bytes = Buffer.from(first.buffer, first.byteOffset, Math.min(first.byteLength, signature.length))
  return bytes.equals(signature) || /^PROXY (?:TCP[46]|UNKN)/.test(bytes.toString('latin1'))
}

const more = { kind: 'more' } as const
const lineStart = Buffer.from('PROXY ')

function wrong(reason: string): ProxyHeader {
  return { kind: 'wrong', reason }
}

function beginsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length)
  return bytes.subarray(0, length).equals(start.subarray(0, length))
}

const portPattern = /^(?:0|[1-9]\d{0,4})$/

/** `PROXY TCP4 192.0.2.1 198.51.100.1 4321 25` */
function line(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, maxLineBytes).indexOf('\r\n')
  if (end < 0) return bytes.length < maxLineBytes ? more : wrong('the line is too long')
  const length = end + 2
  const text = bytes.toString('latin1', 0, end)
  // §2.1: what follows UNKNOWN is not looked at
  if (/^PROXY UNKNOWN(?: |$)/.test(text)) return { kind: 'header', length, source: undefined }
  const [, family, from = '', to = '', fromPort = '', toPort = '', ...rest] = text.split(' ')
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isPlainIPv6 : undefined
  if (!isAddress) return wrong('the family is not known')
  if (rest.length > 0 || !isAddress(from) || !isAddress(to)) return wrong('an address cannot be read')
  if (!isPort(fromPort) || !isPort(toPort)) return wrong('a port cannot be read')
  return { kind: 'header', length, source: { address: plain(from), port: Number(fromPort) } }
}

function isPort(text: string): boolean {
  return portPattern.test(text) && Number(text) <= 65_535
}

/** Without a zone (`fe80::1%eth0`), which means something on the proxy's machine only */
function isPlainIPv6(text: string): boolean {
  return isIPv6(text) && !text.includes('%')
}

const local = 0
const proxied = 1
/** High half: unspecified, IPv4, IPv6, unix. Low half: unspecified, stream, datagram. */
const tcp4 = 0x11
const tcp6 = 0x21
const unixStream = 0x31
const addressBytes: ReadonlyMap<number, number> = new Map([
  [0, 0],
  [tcp4, 12],
  [tcp6, 36],
  [unixStream, 216],
])

function binary(bytes: Buffer): ProxyHeader {
  const version = bytes.readUInt8(12) >> 4
  const command = bytes.readUInt8(12) & 0x0f
  if (version !== 2) return wrong('the version is not known')
  if (command !== local && command !== proxied) return wrong('the command is not known')
  const family = bytes.readUInt8(13)
  const blockBytes = bytes.readUInt16BE(14)
  const needed = addressBytes.get(family)
  // §2.2: with LOCAL the family counts for nothing
  if (command === proxied && needed === undefined) return wrong('the family is not known')
  if (command === proxied && blockBytes < (needed ?? 0)) return wrong('the addresses are cut short')
  const length = fixedBytes + blockBytes
  if (bytes.length < length) return more
  return { kind: 'header', length, source: command === local ? undefined : sourceIn(bytes, family) }
}

function sourceIn(bytes: Buffer, family: number): ProxySource | undefined {
  const block = bytes.subarray(fixedBytes)
  if (family === tcp4) return { address: [...block.subarray(0, 4)].join('.'), port: block.readUInt16BE(8) }
  if (family !== tcp6) return undefined
  const groups = Array.from({ length: 8 }, (_, index) => block.readUInt16BE(index * 2).toString(16))
  return { address: plain(groups.join(':')), port: block.readUInt16BE(32) }
}

/** As the system writes addresses, so that lists and logs know them; IPv4 as IPv4. */
function plain(address: string): string {
  return ipaddr.process(address).toString()
}
