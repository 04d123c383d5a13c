/**
 * Where a request comes from. Cookies travel by themselves, whoever's page asks: what a cookie is to open must come from a page of ours.
 * Fetch Metadata says so in every browser of today, Origin in older ones; another port of the same host is `same-site`, and not ours.
 */
import ipaddr from 'ipaddr.js'
import { ownOrigin } from '../jmap/origin.ts'
import type { HttpVisit } from './site.ts'

/** For what a cookie opens. `navigates`: also what somebody opens by an address of their own (a download). */
export function isFromOurPages(visit: HttpVisit, { navigates = false } = {}): boolean {
  const { origin } = visit.request.headers
  const site = visit.request.headers['sec-fetch-site']
  if (origin !== undefined && origin !== ownOrigin(visit.request, visit.secure)) return false
  if (site === undefined) return origin !== undefined
  return site === 'same-origin' || (site === 'none' && navigates && isReading(visit))
}

/** For signing in, where a program that is no browser says neither. */
export function isFromElsewhere(visit: HttpVisit): boolean {
  const { origin } = visit.request.headers
  if (origin === undefined && visit.request.headers['sec-fetch-site'] === undefined) return false
  return !isFromOurPages(visit)
}

/** Secrets cross TLS, or stay on this machine, or go where the owner says so. */
export function mayCarrySecrets(visit: HttpVisit, allowPlaintextLogin: boolean): boolean {
  return visit.secure || allowPlaintextLogin || isThisMachine(visit)
}

/** A proxy on this machine that tells of somebody behind it is not this machine. */
function isThisMachine({ request: { headers }, clientAddress }: HttpVisit): boolean {
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined || headers.via !== undefined)
    return false
  return ipaddr.isValid(clientAddress) && ipaddr.process(clientAddress).range() === 'loopback'
}

function isReading({ request: { method } }: HttpVisit): boolean {
  return method === 'GET' || method === 'HEAD'
}
