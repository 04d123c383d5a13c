/**
 * A listening port: accepts, bounds, secures, hands connections to a protocol, and goes in two steps.
 *
 * Closing: no new connections, every session's signal is aborted (it says 421 or BYE), after `graceMs` what is left is cut.
 */
import net from 'node:net'
import type { TlsOptions } from 'node:tls'
import type { Log } from '#base/log.ts'
import { networkOf } from '#base/network-of.ts'
import { Connection } from './connection.ts'
import { openConnections } from './descriptors.ts'
import { handshakeFailureOf, secureAsServer } from './handshake.ts'
import { proxyHeaderMs, ProxyHeaderFault, proxySourceOf } from './proxied-socket.ts'
import { looksLikeProxyHeader } from './proxy-header.ts'
import { handshakeFaultOf } from './tls/handshake-fault.ts'

/** Of one listener; descriptors.ts bounds all of them together */
export const defaultMaxConnections = 2000
/** A NAT with many people behind it, but not a flood */
export const defaultPerAddressLimit = 100
const defaultGraceMs = 3_000
/** Sessions get so long to notice that they were cut */
const afterCutMs = 500
const tlsHandshakeMs = 30_000
/** Refusals are written without waiting; then the socket is gone */
const refusalMs = 1_000

export type ConnectionFacts = {
  /** IPv4-mapped addresses are given as IPv4; '' for unix sockets */
  readonly clientAddress: string
  readonly clientPort: number
  readonly localPort: number
  /** The proxy that the client came through, by whose word the two above are the client's; its own address when it speaks for itself */
  readonly via?: string
}

export type ListenOptions = {
  /** An address, or `path` for a unix socket */
  readonly host?: string
  readonly port?: number
  readonly path?: string
  /** TLS from the first octet. Give the same object until certificates change. */
  readonly implicitTls?: () => TlsOptions
  readonly maxConnections?: number
  /** New connections are refused once this part of what the whole process may hold is taken (1). For sessions that stay for hours. */
  readonly share?: number
  /** Loopback is not counted; IPv6 counts by /64. */
  readonly perAddressLimit?: number
  /**
   * Peers that must begin with a PROXY header (proxy-header.ts); the address in it counts for everything from there on. The header of
   * anybody else reaches the protocol as what it is: a line that makes no sense.
   */
  readonly isProxy?: (address: string) => boolean
  /** Whoever begins with a PROXY header and is no proxy is cut off: for protocols that have no word for it (to TLS it is a handshake that fails). Logged */
  readonly cutsProxyHeaders?: boolean
  /** A proxy's header was wrong, late or missing, or came from somebody else; also logged */
  readonly onProxyFault?: () => void
  /** How long a proxy may take for its header */
  readonly proxyHeaderMs?: number
  /** Runs the whole conversation. Its rejection is logged. `signal`: the server stops, say goodbye. */
  readonly onConnection: (connection: Connection, facts: ConnectionFacts, signal: AbortSignal) => Promise<void>
  /** Sent to those beyond the limits: `421 4.7.0 …` unless told otherwise. With CRLF. */
  readonly refusal?: string
  readonly graceMs?: number
  readonly log: Log
  /** Aborting closes the listener as `close` does. */
  readonly signal?: AbortSignal
}

export type Listener = {
  readonly port: number
  readonly address: string
  /** Open now */
  readonly connections: number
  /** False once it closes, or when the system has taken the socket away */
  readonly isOpen: boolean
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Rejects when the port cannot be had (EADDRINUSE, EACCES). */
export async function listen(options: ListenOptions): Promise<Listener> {
  const door = new Door(options)
  await door.open()
  return {
    get port() {
      return door.port
    },
    get address() {
      return options.path ?? options.host ?? ''
    },
    get connections() {
      return door.connections
    },
    get isOpen() {
      return door.isOpen
    },
    close: () => door.close(),
    [Symbol.asyncDispose]: () => door.close(),
  }
}

class Door {
  readonly #options: ListenOptions
  // allowHalfOpen: a peer that sends its last command and FIN together still gets its reply
  readonly #server: net.Server
  readonly #stopping = new AbortController()
  readonly #open = new Set<Promise<void>>()
  readonly #sockets = new Set<net.Socket>()
  readonly #perAddress = new Map<string, number>()
  #closed: Promise<void> | undefined
  port = 0

  constructor(options: ListenOptions) {
    this.#options = options
    this.#server = net.createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true }, socket =>
      this.#accept(socket),
    )
  }

  get connections(): number {
    return this.#sockets.size
  }

  get isOpen(): boolean {
    return this.#server.listening && !this.#stopping.signal.aborted
  }

  async open(): Promise<void> {
    const { host, port, path, signal } = this.#options
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(path === undefined ? { host, port: port ?? 0, backlog: 511 } : { path }, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    this.#server.on('error', error => this.#options.log.error('A listening port failed', { err: error }))
    const address = this.#server.address()
    this.port = typeof address === 'object' && address ? address.port : 0
    if (signal?.aborted) await this.close()
    signal?.addEventListener('abort', () => void this.close(), { once: true })
  }

  close(): Promise<void> {
    this.#closed ??= this.#shut()
    return this.#closed
  }

  async #shut(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    this.#stopping.abort()
    const sessions = Promise.allSettled(this.#open)
    if (!(await endsWithin(sessions, this.#options.graceMs ?? defaultGraceMs))) {
      for (const socket of this.#sockets) socket.destroy()
      // a session that waits for our own side, not for its peer, does not hold up the end
      await endsWithin(sessions, afterCutMs)
    }
    await closed
  }

  #accept(socket: net.Socket): void {
    const clientAddress = plainAddress(socket.remoteAddress)
    const isProxy = this.#options.isProxy?.(clientAddress) ?? false
    // A proxy's clients are counted when they are known
    if (this.#isFull || (!isProxy && this.#hasEnough(clientAddress))) return this.#refuse(socket)
    openConnections.count += 1
    this.#sockets.add(socket)
    socket.once('close', () => {
      openConnections.count -= 1
      this.#sockets.delete(socket)
    })
    if (!isProxy) this.#count(socket, clientAddress)
    const facts = { clientAddress, clientPort: socket.remotePort ?? 0, localPort: socket.localPort ?? this.port }
    const serving = isProxy ? this.#serveProxied(socket, facts) : this.#serve(socket, facts)
    const session = serving.finally(() => this.#open.delete(session))
    this.#open.add(session)
  }

  get #isFull(): boolean {
    const { maxConnections, share } = this.#options
    return (
      openConnections.count >= Math.floor(openConnections.budget * (share ?? 1)) ||
      this.#sockets.size >= (maxConnections ?? defaultMaxConnections) ||
      this.#stopping.signal.aborted
    )
  }

  #hasEnough(address: string): boolean {
    const here = this.#perAddress.get(networkOf(address)) ?? 0
    return here >= (this.#options.perAddressLimit ?? defaultPerAddressLimit) && !isLoopback(address)
  }

  #count(socket: net.Socket, address: string): void {
    const network = networkOf(address)
    this.#perAddress.set(network, (this.#perAddress.get(network) ?? 0) + 1)
    socket.once('close', () => {
      const left = (this.#perAddress.get(network) ?? 1) - 1
      if (left > 0) this.#perAddress.set(network, left)
      else this.#perAddress.delete(network)
    })
  }

  /** Nothing is said to a proxy whose header is wrong: it is set up wrongly, and its client is not to take that for an answer. */
  async #serveProxied(socket: net.Socket, proxy: ConnectionFacts): Promise<void> {
    const { log } = this.#options
    const via = proxy.clientAddress
    let facts: ConnectionFacts
    try {
      const limitMs = this.#options.proxyHeaderMs ?? proxyHeaderMs
      const source = await proxySourceOf(socket, limitMs, this.#stopping.signal)
      facts = { ...proxy, ...(source && { clientAddress: source.address, clientPort: source.port }), via }
    } catch (error) {
      const probe = error instanceof ProxyHeaderFault && error.isProbe
      const words = 'PROXY-HEADER: a proxy did not say whose connection it brings; it is closed'
      log[probe ? 'debug' : 'warn'](words, { proxy: via, port: proxy.localPort, error: String(error) })
      if (!probe) this.#options.onProxyFault?.()
      socket.destroy()
      return
    }
    if (socket.destroyed) return
    if (this.#hasEnough(facts.clientAddress)) return this.#refuse(socket)
    this.#count(socket, facts.clientAddress)
    await this.#serve(socket, facts)
  }

  #refuse(socket: net.Socket): void {
    socket.on('error', () => undefined)
    socket.setTimeout(refusalMs, () => socket.destroy())
    const words = this.#options.refusal ?? '421 4.7.0 Too many connections; try again later\r\n'
    // A peer that expects TLS could not read them
    socket.end(this.#options.implicitTls ? '' : words, () => socket.destroySoon())
  }

  #cutProxyHeader(socket: net.Socket, { clientAddress, localPort }: ConnectionFacts): void {
    socket.once('data', (first: Buffer) => {
      if (!looksLikeProxyHeader(first)) return
      const words = 'PROXY-PEER: a PROXY header came from a peer that listen[].proxy does not name'
      this.#options.log.warn(words, { proxy: clientAddress, port: localPort })
      this.#options.onProxyFault?.()
      socket.destroy()
    })
  }

  async #serve(socket: net.Socket, facts: ConnectionFacts): Promise<void> {
    const connection = new Connection(socket)
    const { implicitTls, log, onConnection } = this.#options
    if (facts.via === undefined && this.#options.cutsProxyHeaders && !implicitTls) this.#cutProxyHeader(socket, facts)
    // what a proxy's header left in the socket flows again; TLS takes it from there by itself
    if (socket.isPaused() && !implicitTls) socket.resume()
    try {
      if (implicitTls) await secureAsServer(connection, implicitTls(), tlsHandshakeMs)
    } catch {
      this.#tellHandshake(connection, facts)
      socket.destroy()
      return
    }
    try {
      await onConnection(connection, facts, this.#stopping.signal)
    } catch (error) {
      log.error('A session failed', { client: facts.clientAddress, port: facts.localPort, err: error })
    } finally {
      this.#tellHandshake(connection, facts)
      connection.destroy()
      socket.destroy()
    }
  }

  /** From the first octet or after STARTTLS: phones that cannot connect must be seen here. */
  #tellHandshake(connection: Connection, { clientAddress, localPort }: ConnectionFacts): void {
    const failure = handshakeFailureOf(connection)
    if (!failure) return
    this.#options.log.info('A TLS handshake failed', {
      client: clientAddress,
      port: localPort,
      ...handshakeFaultOf(failure),
      err: failure,
    })
  }
}

async function endsWithin(work: Promise<unknown>, timeoutMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>(resolve => {
    timer = setTimeout(() => resolve(false), timeoutMs)
  })
  const ended = await Promise.race([work.then(() => true), late])
  clearTimeout(timer)
  return ended
}

function plainAddress(address: string | undefined): string {
  return address?.replace(/^::ffff:(?=\d+\.)/i, '') ?? ''
}

function isLoopback(address: string): boolean {
  return address === '' || address === '::1' || address.startsWith('127.')
}
