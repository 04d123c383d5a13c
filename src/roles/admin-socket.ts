/**
 * The admin socket: `admin.sock` in the data folder, for this machine's owner of the folder only, and the health pages.
 * Whoever can open the socket may do everything; it has no other door.
 */
import { chmod, rm } from 'node:fs/promises'
import fastify, { type FastifyInstance } from 'fastify'
import type { Log } from '#base/log.ts'
import type { MetricsRegistry } from '#base/metrics.ts'
import { type AdminServices, runOperation } from './admin-operations.ts'

/** An import of many users is the largest thing that comes in. */
const maxBodyBytes = 16 * 1024 * 1024
const requestMs = 60_000
/** sun_path is 108 octets with its end (Linux), 104 elsewhere. */
const maxSocketPathBytes = 103

export async function serveAdmin(services: AdminServices, socketPath: string, log: Log): Promise<AsyncDisposable> {
  if (Buffer.byteLength(socketPath) > maxSocketPathBytes)
    throw new Error(
      `${socketPath} is too long for a socket (${maxSocketPathBytes} octets): give the data folder a shorter path`,
    )
  const server = fastify({ bodyLimit: maxBodyBytes, requestTimeout: requestMs, forceCloseConnections: true })
  server.post<{ Params: { name: string } }>('/operations/:name', async (request, reply) => {
    try {
      return await runOperation(services, request.params.name, request.body ?? {})
    } catch (error) {
      log.error('An admin operation failed', { operation: request.params.name, error: messageOf(error) })
      return reply.code(500).send({ box: services.box, error: messageOf(error) })
    }
  })
  // The lock on the data folder is ours, so a socket that lies here is a dead one.
  await rm(socketPath, { force: true })
  await server.listen({ path: socketPath })
  await chmod(socketPath, 0o600)
  return { [Symbol.asyncDispose]: () => server.close() }
}

export type HealthOptions = {
  readonly host: string
  readonly port: number
  readonly metrics: MetricsRegistry
  /** Undefined when everything answers; else why not */
  readonly notReady: () => Promise<string | undefined>
}

/** `/healthz` (the process lives), `/readyz` (it can take mail), `/metrics` (Prometheus). Nothing else. */
export async function serveHealth(
  options: HealthOptions,
): Promise<AsyncDisposable & { readonly port: number; readonly isOpen: boolean }> {
  const server = fastify({ requestTimeout: 10_000, forceCloseConnections: true })
  addHealthRoutes(server, options)
  await server.listen({ host: options.host === '*' ? '::' : options.host, port: options.port })
  const address = server.server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  return {
    port,
    get isOpen() {
      return server.server.listening
    },
    [Symbol.asyncDispose]: () => server.close(),
  }
}

function addHealthRoutes(server: FastifyInstance, { metrics, notReady }: HealthOptions): void {
  server.get('/healthz', (_, reply) => reply.type('text/plain').send('ok\n'))
  server.get('/readyz', async (_, reply) => {
    const reason = await notReady().catch(messageOf)
    return reply
      .code(reason === undefined ? 200 : 503)
      .type('text/plain')
      .send(`${reason ?? 'ready'}\n`)
  })
  server.get('/metrics', (_, reply) => reply.type('text/plain; version=0.0.4; charset=utf-8').send(metrics.print()))
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
