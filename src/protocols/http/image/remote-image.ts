/**
 * An image that a stranger's letter names, fetched so that the stranger gains nothing by it: no way into the owner's network, nothing about
 * the reader but that somebody here looked.
 */
import type { IncomingMessage } from 'node:http'
import { deadline } from '#base/deadline.ts'
import { httpGet } from '#net/http-get.ts'
import { publicAddressesOf, type PublicHostOptions } from '#net/public-host.ts'
import { addressMs, beginsMs, maxAddresses, maxImageBytes, maxRedirects, maxUrlLength } from './limits.ts'
import { rasterTypeOf, type RasterType, tellingOctets } from './raster-type.ts'

export type RemoteImageOptions = PublicHostOptions & {
  /** Authorities for https: in PEM; the system's when absent */
  readonly ca?: string
}

export type RemoteImage = {
  readonly kind: 'image'
  readonly type: RasterType
  /** Rejects beyond the bound, and for what breaks on the way. */
  readonly octets: AsyncIterable<Uint8Array>
}

/** Why there is none: a constant word, for the log and the counter. */
export type NoImage = {
  readonly kind: 'none'
  readonly why: 'url' | 'address' | 'name' | 'unreachable' | 'status' | 'redirects' | 'type' | 'size'
}

/** Before `begins` aborts there is an answer; the octets flow until `signal` does. */
export async function fetchRemoteImage(
  text: string,
  options: RemoteImageOptions,
  { begins, signal }: { readonly begins: AbortSignal; readonly signal: AbortSignal },
): Promise<RemoteImage | NoImage> {
  let url = readUrl(text, options)
  for (let hop = 0; hop <= maxRedirects; hop++) {
    if (!url) return none('url')
    const answer = await get(url, options, begins, signal)
    if ('kind' in answer) return answer
    const { statusCode = 0, headers } = answer
    if (statusCode === 200) return imageOf(answer, begins)
    answer.destroy()
    if (!redirects.has(statusCode) || headers.location === undefined) return none('status')
    url = readUrl(headers.location, options, url)
  }
  return none('redirects')
}

function none(why: NoImage['why']): NoImage {
  return { kind: 'none', why }
}

const ports = [80, 443]
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** Undefined: none that is followed. What the WHATWG URL standard makes of odd numbers (`0x7f.1`) is an address when it is asked about. */
function readUrl(text: string, { alsoAllowed }: RemoteImageOptions, base?: URL): URL | undefined {
  if (text.length > maxUrlLength || !URL.canParse(text, base?.href)) return undefined
  const url = new URL(text, base)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
  if (url.username !== '' || url.password !== '') return undefined
  if (!alsoAllowed && url.port !== '' && url.port !== '80' && url.port !== '443') return undefined
  return url
}

async function get(
  url: URL,
  options: RemoteImageOptions,
  begins: AbortSignal,
  signal: AbortSignal,
): Promise<IncomingMessage | NoImage> {
  const found = await Promise.race([publicAddressesOf(url, options, ports), aborted(begins)])
  if (!found) return none('name')
  if ('none' in found) return none(found.none)
  const addresses = someOf(found.addresses)
  for (const [at, address] of addresses.entries()) {
    using within = deadline(begins, at + 1 < addresses.length ? addressMs : beginsMs)
    const answer = await callOnce({ url, address, ca: options.ca }, within.signal, signal)
    if (answer) return answer
  }
  return none('unreachable')
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise(resolve => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}

/** Both families are tried, where there are both: a home without IPv6 is no reason to show nothing. */
function someOf(addresses: readonly string[]): readonly string[] {
  const six = addresses.filter(address => address.includes(':'))
  const four = addresses.filter(address => !address.includes(':'))
  return Array.from({ length: Math.max(six.length, four.length) }, (_, at) => [six[at], four[at]])
    .flat()
    .filter(address => address !== undefined)
    .slice(0, maxAddresses)
}

type Call = { readonly url: URL; readonly address: string; readonly ca: string | undefined }

/** `within` bounds the time to the header, `signal` all that follows. Undefined: unreachable. */
async function callOnce(call: Call, within: AbortSignal, signal: AbortSignal): Promise<IncomingMessage | undefined> {
  if (within.aborted) return undefined
  const given = new AbortController()
  const abort = () => given.abort()
  within.addEventListener('abort', abort, { once: true })
  signal.addEventListener('abort', abort, { once: true })
  try {
    const answer = await httpGet({ ...call, headers }, given.signal)
    answer.once('close', () => signal.removeEventListener('abort', abort))
    return answer
  } catch {
    signal.removeEventListener('abort', abort)
    return undefined
  } finally {
    within.removeEventListener('abort', abort)
  }
}

/** The same for everybody: no cookie, no referrer, no language, nobody's browser. */
const headers = {
  accept: 'image/avif,image/webp,image/png,image/jpeg,image/gif',
  'accept-encoding': 'identity',
  'user-agent': 'Mozilla/5.0 (compatible; mail image proxy)',
}

async function imageOf(answer: IncomingMessage, begins: AbortSignal): Promise<RemoteImage | NoImage> {
  if (Number(answer.headers['content-length'] ?? 0) > maxImageBytes) {
    answer.destroy()
    return none('size')
  }
  const iterator = answer[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const head = await headOf(answer, iterator, begins)
  const type = head && rasterTypeOf(head)
  if (type) return { kind: 'image', type, octets: bounded(head, iterator) }
  answer.destroy()
  return none(head ? 'type' : 'unreachable')
}

async function headOf(
  answer: IncomingMessage,
  iterator: AsyncIterator<Buffer>,
  begins: AbortSignal,
): Promise<Buffer | undefined> {
  const late = () => answer.destroy(new Error('Nothing came in time'))
  if (begins.aborted) late()
  begins.addEventListener('abort', late, { once: true })
  let head = Buffer.alloc(0)
  try {
    while (head.length < tellingOctets) {
      const next = await iterator.next()
      if (next.done === true) break
      head = Buffer.concat([head, next.value])
    }
    return head
  } catch {
    return undefined
  } finally {
    begins.removeEventListener('abort', late)
  }
}

async function* bounded(head: Buffer, iterator: AsyncIterator<Buffer>): AsyncGenerator<Uint8Array> {
  let total = head.length
  yield head
  for (;;) {
    const next = await iterator.next()
    if (next.done === true) return
    total += next.value.length
    if (total > maxImageBytes) {
      await iterator.return?.()
      throw new Error(`The image is larger than ${maxImageBytes} octets`)
    }
    yield next.value
  }
}
