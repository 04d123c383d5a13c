/** A command is data and a function; the state narrows the session's type, so `session.selected` exists only where it may be used. */
import type { Peer } from './peer.ts'
import type { Reply } from './reply.ts'
import type { SessionIn, SessionKind } from './session.ts'
import type { RequestName, RequestNamed } from './syntax/request.ts'

export type LiveKind = Exclude<SessionKind, 'gone'>

export type Command<Name extends RequestName, Kind extends LiveKind> = {
  readonly name: Name
  /** RFC 9051 §6: where the command is valid */
  readonly states: readonly Kind[]
  run(request: RequestNamed<Name>, session: SessionIn<Kind>, peer: Peer, tag: string): Promise<Reply> | Reply
}

export const anyState = ['unauthenticated', 'authenticated', 'selected'] as const
export const loggedIn = ['authenticated', 'selected'] as const
export const notLoggedIn = ['unauthenticated'] as const
export const mailboxSelected = ['selected'] as const
