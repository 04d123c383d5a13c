/** What the web server serves: sites, asked in order for each request. */
import type { IncomingMessage, ServerResponse } from 'node:http'

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
}

/** Undefined: not a path of this site. What it rejects with is our fault, logged, and answered with 500 where nothing has been said yet. */
export type HttpSite = (visit: HttpVisit) => Promise<void> | undefined
