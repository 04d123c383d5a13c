import { notLoggedIn, type Command } from '../command.ts'
import { logIn, loginReply } from '../login.ts'
import { no } from '../reply.ts'

/** LOGIN. RFC 9051 §6.2.3 */
export const login = {
  name: 'LOGIN',
  states: notLoggedIn,
  async run({ user, password }, _session, peer) {
    // RFC 9051 §6.2.3: LOGINDISABLED was advertised; the password is lost already, but must not seem welcome
    if (!peer.mayLogIn) return no('PRIVACYREQUIRED', 'Use TLS first')
    const decoder = new TextDecoder()
    const result = await peer.authenticator.password(
      decoder.decode(user),
      decoder.decode(password),
      peer.attempt('LOGIN'),
    )
    return result.kind === 'ok' ? logIn(result.login, peer, 'LOGIN') : loginReply(result, peer)
  },
} satisfies Command<'LOGIN', 'unauthenticated'>
