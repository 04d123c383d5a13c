/** One GET by an address that is known already: http-call.ts. */
import type { IncomingMessage } from 'node:http'
import { httpCall, type HttpCallOptions } from './http-call.ts'

export type HttpGetOptions = Omit<HttpCallOptions, 'method' | 'body'>

export function httpGet(options: HttpGetOptions, signal: AbortSignal): Promise<IncomingMessage> {
  return httpCall({ ...options, method: 'GET' }, signal)
}
