/** A table of paths for browsers of ours: small bodies in, small bodies out, never without TLS but on this machine. */
import { sendProblem } from '../jmap/answer.ts'
import { plainProblem } from '../jmap/syntax/problem.ts'
import { mayCarrySecrets } from './our-pages.ts'
import type { SignInOptions } from './signed-in.ts'
import type { HttpSite, HttpVisit } from './site.ts'

/** `name` is the last part of paths that end in `/*` */
export type Handler = (visit: HttpVisit, options: SignInOptions, name: string) => Promise<void>
export type Methods = Readonly<Partial<Record<'GET' | 'POST' | 'DELETE', Handler>>>
export type PathTable = Readonly<Record<string, Methods>>

export function ownPaths(table: PathTable, options: SignInOptions): HttpSite {
  const known = new Map(Object.entries(table))
  return visit => {
    const [, parent = '', name = ''] = /^(.+\/)([^/]+)$/.exec(visit.path) ?? []
    const exact = known.get(visit.path)
    const methods = exact ?? known.get(`${parent}*`)
    return methods && answer(methods, visit, options, exact ? '' : name)
  }
}

async function answer(methods: Methods, visit: HttpVisit, options: SignInOptions, name: string): Promise<void> {
  const { request, response } = visit
  const handler = new Map<string, Handler>(Object.entries(methods)).get(request.method ?? '')
  if (!handler)
    return sendProblem(response, plainProblem(405, 'Method Not Allowed', 'This method is not for this path'), {
      allow: Object.keys(methods).join(', '),
    })
  if (!mayCarrySecrets(visit, options.allowPlaintextLogin))
    return sendProblem(response, plainProblem(403, 'Forbidden', 'Signing in needs TLS here'))
  await handler(visit, options, name)
}
