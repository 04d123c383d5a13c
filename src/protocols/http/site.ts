/** What the web server serves: sites, asked in order for each request. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'

export type HttpVisit = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** As sent, without the query: whoever decodes it looks at what comes out */
  readonly path: string
  readonly query: URLSearchParams
  readonly clientAddress: string
  /** TLS, as we speak it ourselves */
  readonly secure: boolean
  /** The peer has left: nobody reads what would be answered */
  readonly gone: AbortSignal
  /** The server stops: answers without end are ended */
  readonly stopping: AbortSignal
  /**
   * There where the peer asks to go on in WebSocket (RFC 6455 §4.1). A site answers as ever, and then the connection ends; or it takes the
   * connection over, says nothing by `response`, and ends the connection itself when the server stops.
   */
  readonly takeOver?: () => TakenOver
}

export type TakenOver = {
  readonly stream: Duplex
  /** What of the peer's octets was read with the header */
  readonly head: Buffer
}

/** Undefined: not a path of this site. What it rejects with is our fault, logged, and answered with 500 where nothing has been said yet. */
export type HttpSite = (visit: HttpVisit) => Promise<void> | undefined
