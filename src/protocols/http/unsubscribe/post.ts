/** The request that leaves a list, RFC 8058 §3.2: nothing about the person but that the letter was got. */
import type { IncomingMessage } from 'node:http'
import { deadline } from '#base/deadline.ts'
import { httpCall } from '#net/http-call.ts'
import { publicAddressesOf, type PublicHostOptions } from '#net/public-host.ts'

export type UnsubscribePostOptions = PublicHostOptions & {
  /** Authorities in PEM; the system's when absent */
  readonly ca?: string | undefined
}

export type Unsubscribed =
  /** 2xx; `said`: the first line of a plain answer */
  | { readonly outcome: 'done'; readonly status: number; readonly said: string }
  /** Their server says no, or sends elsewhere, which it may not (§3.1) */
  | { readonly outcome: 'refused'; readonly status: number; readonly said: string }
  | { readonly outcome: 'unreachable' }

/** One address; all of it together */
const addressMs = 8_000
const maxAddresses = 2
const maxAnswerBytes = 4 * 1024
const maxSaidCharacters = 200
/** Tests call others by `alsoAllowed`. */
const ports = [443]

const body = new TextEncoder().encode('List-Unsubscribe=One-Click')

export async function postUnsubscribe(
  text: string,
  options: UnsubscribePostOptions,
  signal: AbortSignal,
): Promise<Unsubscribed> {
  const url = new URL(text)
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '') return { outcome: 'unreachable' }
  const host = await publicAddressesOf(url, options, ports)
  if ('none' in host) return { outcome: 'unreachable' }
  for (const address of host.addresses.slice(0, maxAddresses)) {
    using time = deadline(signal, addressMs)
    try {
      const answer = await httpCall({ method: 'POST', url, address, headers, body, ca: options.ca }, time.signal)
      const status = answer.statusCode ?? 0
      const said = await wordsOf(answer)
      return { outcome: status >= 200 && status < 300 ? 'done' : 'refused', status, said }
    } catch {
      // the next address: nothing was taken there as far as anybody knows, and leaving twice is leaving once
      if (signal.aborted) break
    }
  }
  return { outcome: 'unreachable' }
}

/** The same for everybody: no cookie, no referrer, no language, nobody's browser. */
const headers = {
  'content-type': 'application/x-www-form-urlencoded',
  accept: 'text/plain',
  'accept-encoding': 'identity',
  'user-agent': 'Mozilla/5.0 (compatible; mail unsubscriber)',
}

async function wordsOf(answer: IncomingMessage): Promise<string> {
  if (!/^text\/plain\b/i.test(answer.headers['content-type'] ?? '')) {
    answer.destroy()
    return ''
  }
  const pieces: Buffer[] = []
  let size = 0
  try {
    for await (const piece of answer as AsyncIterable<Buffer>) {
      pieces.push(piece)
      size += piece.length
      if (size >= maxAnswerBytes) break
    }
  } catch {
    // what it had to say broke off: the status stands
  }
  answer.destroy()
  const line = Buffer.concat(pieces).subarray(0, maxAnswerBytes).toString('utf8').trim().split(/\r?\n/, 1)[0] ?? ''
  return line.replaceAll(/[\p{Cc}\p{Cf}\ufffd]/gu, ' ').slice(0, maxSaidCharacters)
}
