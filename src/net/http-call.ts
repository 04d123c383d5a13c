/**
 * One request by an address that is known already, the answer's body as it comes: nothing is looked up behind the caller's back, no redirect
 * followed, no connection kept, no cookie held.
 */
import { type IncomingMessage, request as plainRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import { isIP } from 'node:net'

export type HttpCallOptions = {
  readonly method: 'GET' | 'POST'
  /** http: or https:; the certificate must hold for its host */
  readonly url: URL
  /** Of the host: the only one that is connected to */
  readonly address: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array | undefined
  /** Authorities in PEM; the system's when absent */
  readonly ca?: string | undefined
}

/** Rejects for whatever goes wrong before the header is there; the body's faults come while it is read. */
export function httpCall(
  { method, url, address, headers, body, ca }: HttpCallOptions,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const isTls = url.protocol === 'https:'
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  const asked = (isTls ? tlsRequest : plainRequest)({
    host: address,
    port: url.port || (isTls ? 443 : 80),
    path: url.pathname + url.search,
    method,
    headers: {
      host: url.host,
      connection: 'close',
      ...(body && { 'content-length': String(body.length) }),
      ...headers,
    },
    agent: false,
    maxHeaderSize: 16 * 1024,
    signal,
    ...(isTls && { servername: isIP(host) > 0 ? '' : host, ...(ca !== undefined && { ca }) }),
  })
  asked.once('response', resolve)
  // stays: what fails after the answer has begun is told to who reads it
  asked.on('error', reject)
  asked.end(body)
  return promise
}
