/** A proxy behind a web server, a pretend internet with images on loopback, and one neighbour who must never be called. */
import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { silentLog } from '#base/log.ts'
import { createMetrics } from '#base/metrics.ts'
import { Connection } from '#net/connection.ts'
import type { Resolver } from '#net/dns.ts'
import { createHttpDoor } from './door.ts'
import { createImageProxy, type ImageProxyOptions } from './image-proxy.ts'

export const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

/** Names of the pretend internet; who is asked twice may answer differently. */
export function resolverOf(addresses: (name: string) => readonly string[]): Resolver {
  const nothing = () => Promise.resolve({ kind: 'none' as const })
  return {
    mx: nothing,
    a: nothing,
    aaaa: nothing,
    txt: nothing,
    ptr: nothing,
    addresses: async name => {
      const value = addresses(name)
      return value.length > 0 ? { kind: 'found', value } : { kind: 'none' }
    },
  }
}

export async function listening(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

export async function withProxy(
  site: RequestListener,
  given: Partial<ImageProxyOptions> & { readonly tls?: { readonly cert: string; readonly key: string } },
  act: (bed: {
    /** Asks the proxy for an image of a URL */
    readonly get: (url: string, headers?: Record<string, string>, signal?: AbortSignal) => Promise<Response>
    /** Where the images lie */
    readonly port: number
    /** Where something listens that is not allowed, and how often it was called */
    readonly neighbour: { readonly port: number; readonly calls: () => number }
    readonly outcomes: () => string
  }) => Promise<void>,
): Promise<void> {
  const { tls, ...rest } = given
  const images = tls ? createHttpsServer(tls, site) : createHttpServer(site)
  const port = await listening(images)
  let calls = 0
  const neighbour = createServer(socket => {
    calls++
    socket.destroy()
  })
  const neighbourPort = await listening(neighbour)
  const metrics = createMetrics()
  const proxy = createImageProxy({
    resolver: resolverOf(name => (name.endsWith('.example') ? ['127.0.0.1'] : /^[\d.:a-f]+$/.test(name) ? [name] : [])),
    alsoAllowed: (address, at) => address === '127.0.0.1' && at === port,
    log: silentLog,
    metrics,
    ...rest,
  })(async ({ request }) => (request.headers['x-user'] === undefined ? undefined : { account: 1 }))
  const stop = new AbortController()
  const serve = createHttpDoor({ sites: [proxy], log: silentLog })
  const door = createServer(socket => {
    void serve(new Connection(socket), { clientAddress: '127.0.0.1' }, stop.signal)
  })
  const base = `http://127.0.0.1:${await listening(door)}`
  try {
    await act({
      get: (url, headers = { 'x-user': 'hanako' }, signal) =>
        fetch(`${base}/image?url=${encodeURIComponent(url)}`, { headers, ...(signal && { signal }) }),
      port,
      neighbour: { port: neighbourPort, calls: () => calls },
      outcomes: () => metrics.print(),
    })
  } finally {
    stop.abort()
    images.closeAllConnections()
    await Promise.all([images, neighbour, door].map(server => new Promise(resolve => server.close(resolve))))
  }
}
