/**
 * HTTP/1.1 on connections that our own listener has taken (limits, PROXY headers, TLS with certificates that change), with Node's parser.
 * Deadlines are kept here: a server that never listens itself keeps none.
 */
import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import { isIP, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Log } from '#base/log.ts'
import type { Connection } from '#net/connection.ts'
import { firstHeaderMs, maxHeaderBytes, maxUnderWay, nextHeaderMs, silenceMs } from './limits.ts'
import type { HttpSite, TakenOver } from './site.ts'

export type HttpDoorOptions = {
  readonly sites: readonly HttpSite[]
  readonly log: Log
  /** Whether a reverse proxy at this address is believed when it says whose request it brings */
  readonly isForwarder?: (address: string) => boolean
  /** Tests turn these; everyone else takes what limits.ts says. */
  readonly deadlines?: { readonly firstHeaderMs?: number; readonly nextHeaderMs?: number; readonly silenceMs?: number }
}

export type ServeHttp = (
  connection: Connection,
  facts: { readonly clientAddress: string },
  stopping: AbortSignal,
) => Promise<void>

/** Resolves, for each connection, when it has closed. */
export function createHttpDoor(options: HttpDoorOptions): ServeHttp {
  const guests = new WeakMap<Duplex, Guest>()
  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    keepAliveTimeout: 0,
    requestTimeout: 0,
    headersTimeout: 0,
    noDelay: true,
    // h2c and whatever else is asked for is passed over, as RFC 9110 §7.8 allows
    shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
  })
  server.timeout = options.deadlines?.silenceMs ?? silenceMs
  server.on('request', (request, response) => {
    const guest = guests.get(request.socket)
    if (!guest?.begins(response)) {
      request.socket.destroy()
      return
    }
    answer(options, { request, response, guest }).catch((error: unknown) => fail(options.log, response, error))
  })
  server.on('upgrade', (request, stream, head) => {
    const response = new ServerResponse(request)
    const guest = guests.get(stream)
    if (!guest?.begins(response)) {
      stream.destroy()
      return
    }
    const takeOver = handOver(response, stream, head)
    answer(options, { request, response, guest, takeOver }).catch((error: unknown) =>
      fail(options.log, response, error),
    )
  })
  return async (connection, { clientAddress }, stopping) => {
    const secure = connection.tls !== undefined
    const stream = connection.release()
    if (stream.destroyed) return
    const guest = new Guest(stream, { clientAddress, secure, stopping, deadlines: options.deadlines ?? {} })
    guests.set(stream, guest)
    await guest.stays(server)
  }
}

type Facts = {
  readonly clientAddress: string
  readonly secure: boolean
  readonly stopping: AbortSignal
  readonly deadlines: NonNullable<HttpDoorOptions['deadlines']>
}

/** One connection: how many of its requests are under way, and until when the next header has to be there. */
class Guest {
  readonly facts: Facts
  readonly #stream: Duplex
  readonly #gone = new AbortController()
  #underWay = 0
  #timer: NodeJS.Timeout | undefined

  constructor(stream: Duplex, facts: Facts) {
    this.#stream = stream
    this.facts = facts
  }

  get gone(): AbortSignal {
    return this.#gone.signal
  }

  async stays(server: Server): Promise<void> {
    const { stopping, deadlines } = this.facts
    const closed = new Promise<void>(resolve => this.#stream.once('close', resolve))
    const stop = () => this.#leaveIfIdle()
    stopping.addEventListener('abort', stop, { once: true })
    server.emit('connection', this.#stream)
    this.#wait(deadlines.firstHeaderMs ?? firstHeaderMs)
    // what the parser listens for does not make a paused stream flow
    this.#stream.resume()
    stop()
    await closed
    stopping.removeEventListener('abort', stop)
    clearTimeout(this.#timer)
    this.#gone.abort()
  }

  /** False: too many at once. */
  begins(response: ServerResponse): boolean {
    if (this.#underWay >= maxUnderWay) return false
    this.#underWay++
    clearTimeout(this.#timer)
    if (this.facts.stopping.aborted) response.setHeader('connection', 'close')
    response.once('close', () => {
      this.#underWay--
      if (this.#underWay > 0 || this.#stream.destroyed) return
      this.#wait(this.facts.deadlines.nextHeaderMs ?? nextHeaderMs)
      this.#leaveIfIdle()
    })
    return true
  }

  #wait(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#stream.destroy(), ms)
  }

  #leaveIfIdle(): void {
    if (this.facts.stopping.aborted && this.#underWay === 0) this.#stream.end(() => this.#stream.destroy())
  }
}

/** The parser has let the connection go: what is answered by `response` is the last on it, unless somebody takes it over. */
function handOver(response: ServerResponse, stream: Duplex, head: Buffer): () => TakenOver {
  response.assignSocket(stream as Socket)
  response.shouldKeepAlive = false
  const end = () => stream.end(() => stream.destroy())
  response.once('finish', end)
  // whoever takes it over listens for its own; until then a broken connection is no error of ours
  const broken = () => stream.destroy()
  stream.on('error', broken)
  return () => {
    response.off('finish', end)
    response.detachSocket(stream as Socket)
    ;(stream as Partial<Socket>).setTimeout?.(0)
    return { stream, head }
  }
}

type Arrived = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly guest: Guest
  readonly takeOver?: () => TakenOver
}

/** The last address of X-Forwarded-For is the one that the proxy itself has seen; what stands before it anybody can have written. */
function clientOf({ headers }: IncomingMessage, peer: string, isForwarder: HttpDoorOptions['isForwarder']): string {
  if (!isForwarder?.(peer)) return peer
  const told =
    String(headers['x-forwarded-for'] ?? '')
      .split(',')
      .at(-1)
      ?.trim() ?? ''
  return isIP(told) === 0 ? peer : told
}

async function answer(
  { sites, isForwarder }: HttpDoorOptions,
  { request, response, guest, takeOver }: Arrived,
): Promise<void> {
  const { secure, stopping } = guest.facts
  const clientAddress = clientOf(request, guest.facts.clientAddress, isForwarder)
  const target = request.url ?? '/'
  const queryAt = target.indexOf('?')
  // RFC 6797. Browsers take it from certificates that they trust alone.
  if (secure) response.setHeader('strict-transport-security', 'max-age=31536000')
  const visit = {
    request,
    response,
    path: queryAt < 0 ? target : target.slice(0, queryAt),
    query: new URLSearchParams(queryAt < 0 ? '' : target.slice(queryAt + 1)),
    clientAddress,
    secure,
    gone: guest.gone,
    stopping,
    ...(takeOver && { takeOver }),
  }
  for (const site of sites) {
    const answering = site(visit)
    if (answering) return await answering
  }
  plain(response, 404, 'There is nothing here. ここには何もありません。\n')
}

function fail(log: Log, response: ServerResponse, error: unknown): void {
  log.error('A web request failed', { error: String(error) })
  if (response.headersSent) response.destroy()
  else plain(response, 500, 'Something went wrong here. サーバーで問題が起きました。\n')
}

export function plain(response: ServerResponse, status: number, text: string): void {
  response
    .writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
    })
    .end(text)
}
