/** The status page and what belongs to it. It shows addresses of people who write to each other: for listeners on this machine. */
import type { ServerResponse } from 'node:http'
import type { Language } from '#base/text.ts'
import type { StatusReport } from '#mail/status.ts'
import { plain } from './door.ts'
import type { HttpSite, HttpVisit } from './site.ts'
import { statusBody, statusPage, statusSecurityPolicy } from './status-page.ts'

export type StatusSiteOptions = {
  readonly report: () => Promise<StatusReport>
  /** For whoever's browser asks for neither; English when absent */
  readonly language?: () => Language
}

export function statusSite(options: StatusSiteOptions): HttpSite {
  const whole = async (visit: HttpVisit) =>
    html(visit.response, statusPage(await options.report(), languageFor(visit, options)))
  const pages: Readonly<Record<string, (visit: HttpVisit) => Promise<void>>> = {
    __proto__: null as never,
    // where no webmail is
    '/': whole,
    '/status': whole,
    '/status/body': async visit =>
      html(visit.response, statusBody(await options.report(), languageFor(visit, options))),
    '/healthz': async ({ response }) =>
      void response.writeHead(200, { ...headers, 'content-type': 'application/json' }).end('{"ok":true}'),
  }
  return visit => {
    const page = pages[visit.path]
    if (!page) return undefined
    const { method } = visit.request
    if (method === 'GET' || method === 'HEAD') return page(visit)
    visit.response.setHeader('allow', 'GET, HEAD')
    plain(visit.response, 405, 'This page is only for reading. このページは閲覧専用です。\n')
    return Promise.resolve()
  }
}

const headers = {
  'content-security-policy': statusSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

function html(response: ServerResponse, body: string): void {
  response.writeHead(200, { ...headers, 'content-type': 'text/html; charset=utf-8' }).end(body)
}

function languageFor({ query, request }: HttpVisit, { language }: StatusSiteOptions): Language {
  const lang = query.get('lang')
  if (lang === 'ja' || lang === 'en') return lang
  const asked = /^\s*(ja|en)\b/i.exec(request.headers['accept-language'] ?? '')?.[1]?.toLowerCase()
  return asked === 'ja' || asked === 'en' ? asked : (language?.() ?? 'en')
}
