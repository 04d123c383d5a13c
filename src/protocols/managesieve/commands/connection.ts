import { offeredMechanisms } from '../../sasl/mechanisms.ts'
import type { Command, Peer } from '../command.ts'
import { gone, type Authenticated, type Session, unauthenticated, type Unauthenticated } from '../session.ts'
import { printString } from '../syntax/response.ts'
import { texts } from '../texts.ts'

/** RFC 5804 §1.7, §2.4; also said unasked, in the greeting and after STARTTLS. */
export const capability = {
  states: ['unauthenticated', 'authenticated'],
  run(_request, session, peer) {
    writeCapabilities(session, peer)
    peer.ok()
    return undefined
  },
} satisfies Command<'capability', Unauthenticated | Authenticated>

export function writeCapabilities(session: Session, peer: Peer): void {
  const { extensions, listSchemes, maxRedirects, notifyMethods } = peer.features
  const say = (name: string, value?: string) =>
    peer.writeLine(printString(name), ...(value === undefined ? [] : [' ', printString(value)]))
  say('IMPLEMENTATION', 'Hikyaku')
  say('SASL', session.kind === 'authenticated' ? '' : mechanismsOf(peer).join(' '))
  say('SIEVE', extensions.join(' '))
  say('NOTIFY', notifyMethods.join(' '))
  if (listSchemes.length > 0) say('EXTLISTS', listSchemes.join(' '))
  say('MAXREDIRECTS', String(maxRedirects))
  if (session.kind === 'unauthenticated' && peer.mayStartTls) say('STARTTLS')
  if (session.kind === 'authenticated') {
    say('LANGUAGE', session.language)
    say('OWNER', session.login.address)
  }
  say('UNAUTHENTICATE')
  say('VERSION', '1.0')
}

/** Without TLS none: `SASL ""` (§1.7) */
export function mechanismsOf(peer: Peer): readonly string[] {
  return offeredMechanisms({
    tls: peer.encrypted,
    scramReady: hash => peer.authenticator.scramReady(hash),
    channelBinding: peer.channelBinding,
    plaintextAllowed: peer.mayLogIn,
  })
}

/** §2.2: whatever was sent before counts for nothing afterwards, and the capabilities come again. */
export const starttls = {
  states: ['unauthenticated'],
  async run(_request, _session, peer) {
    if (!peer.mayStartTls) {
      peer.no(peer.encrypted ? texts.tlsActive : texts.tlsNotOffered)
      return undefined
    }
    peer.ok(texts.tlsBegins)
    await peer.startTls()
    writeCapabilities(unauthenticated, peer)
    peer.ok(texts.tlsDone)
    return undefined
  },
} satisfies Command<'starttls', Unauthenticated>

/** §2.3 */
export const logout = {
  states: ['unauthenticated', 'authenticated'],
  run(_request, _session, peer) {
    peer.ok(texts.goodbye)
    return gone
  },
} satisfies Command<'logout', Unauthenticated | Authenticated>

/** §2.13 */
export const noop = {
  states: ['unauthenticated', 'authenticated'],
  run({ tag }, _session, peer) {
    peer.ok(texts.done, tag && { tag })
    return undefined
  },
} satisfies Command<'noop', Unauthenticated | Authenticated>

/** §2.14 */
export const unauthenticate = {
  states: ['authenticated'],
  run(_request, _session, peer) {
    peer.ok()
    return unauthenticated
  },
} satisfies Command<'unauthenticate', Authenticated>
