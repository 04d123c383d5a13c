/**
 * The cookie of a session (RFC 6265). With TLS its name says that nobody but this very host can have set it (`__Host-`); without, which is for
 * this machine alone, no such name is possible.
 */
import { ownOrigin } from '../jmap/origin.ts'
import type { HttpVisit } from './site.ts'

/** Undefined: none is shown. */
export function shownCookie(visit: HttpVisit): string | undefined {
  const name = nameFor(visit)
  for (const pair of (visit.request.headers.cookie ?? '').split(';')) {
    const [key = '', value = ''] = pair.trim().split('=', 2)
    if (key === name && /^[A-Za-z0-9_-]{1,200}$/.test(value)) return value
  }
  return undefined
}

/** @param expires milliseconds since 1970 */
export function setCookie(visit: HttpVisit, token: string, expires: number): void {
  write(visit, token, `Expires=${new Date(expires).toUTCString()}`)
}

export function clearCookie(visit: HttpVisit): void {
  write(visit, '', 'Max-Age=0')
}

function write(visit: HttpVisit, value: string, until: string): void {
  const secure = isSecure(visit) ? '; Secure' : ''
  const cookie = `${nameFor(visit)}=${value}; Path=/; HttpOnly${secure}; SameSite=Strict; ${until}`
  visit.response.setHeader('set-cookie', cookie)
}

function nameFor(visit: HttpVisit): string {
  return isSecure(visit) ? '__Host-hikyaku' : 'hikyaku'
}

/** For the browser: a proxy on this machine may speak TLS for us. */
function isSecure({ request, secure }: HttpVisit): boolean {
  return ownOrigin(request, secure)?.startsWith('https:') === true
}
