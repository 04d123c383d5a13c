/** HTTP for people. In this part: the status page and nothing else; webmail, JMAP and administration join it here. */
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import type { Language } from '#base/text.ts'
import type { Log } from '#base/log.ts'
import type { StatusReport } from '#mail/status.ts'
import { statusBody, statusPage, statusSecurityPolicy } from './status-page.ts'

export type HttpOptions = {
  readonly host: string
  readonly port: number
  /** Certificate and key when this listener speaks TLS */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer }
  readonly report: () => Promise<StatusReport>
  /** For whoever's browser asks for neither; English when absent */
  readonly language?: () => Language
  readonly log: Log
}

export type HttpServer = AsyncDisposable & { readonly port: number; readonly isOpen: boolean }

/** A status page needs no body, so nothing big is read from anyone. */
const limits = { bodyLimit: 16 * 1024, requestTimeout: 15_000, connectionTimeout: 30_000, keepAliveTimeout: 10_000 }
/** Requests on one connection. All that were sent ahead are answered at once, and wait in memory while the peer does not read. */
const maxRequestsPerSocket = 100

export async function serveHttp(options: HttpOptions): Promise<HttpServer> {
  const https = options.tls ? { ...options.tls, minVersion: 'TLSv1.2' as const } : null
  const app = Fastify({ ...limits, maxRequestsPerSocket, https })
  app.addHook('onSend', async (_request, reply) => {
    reply.headers({
      'content-security-policy': statusSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    })
  })
  app.get('/', async (request, reply) => html(reply, statusPage(await options.report(), languageFor(request, options))))
  app.get('/status/body', async (request, reply) =>
    html(reply, statusBody(await options.report(), languageFor(request, options))),
  )
  app.get('/healthz', async () => ({ ok: true }))
  app.setErrorHandler((error, _request, reply) => {
    const asked = clientFault(error)
    if (asked !== undefined)
      return reply
        .code(asked)
        .type('text/plain; charset=utf-8')
        .send('This request cannot be answered. このリクエストには答えられません。\n')
    options.log.error('A web request failed', { error: String(error) })
    return reply
      .code(500)
      .type('text/plain; charset=utf-8')
      .send('Something went wrong here. サーバーで問題が起きました。')
  })
  await app.listen({ host: options.host, port: options.port })
  const address = app.server.address()
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    get isOpen() {
      return app.server.listening
    },
    async [Symbol.asyncDispose]() {
      app.server.closeAllConnections()
      await app.close()
    },
  }
}

/** The status for a request that nobody could answer (a body that is no JSON, a method too many): not our error, not for the log. */
function clientFault(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined
  const { statusCode } = error
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined
}

function html(reply: FastifyReply, body: string) {
  return reply.type('text/html; charset=utf-8').send(body)
}

function languageFor(request: FastifyRequest, { language }: HttpOptions): Language {
  const { lang } = request.query as { lang?: string }
  if (lang === 'ja' || lang === 'en') return lang
  const asked = /^\s*(ja|en)\b/i.exec(request.headers['accept-language'] ?? '')?.[1]?.toLowerCase()
  return asked === 'ja' || asked === 'en' ? asked : (language?.() ?? 'en')
}
