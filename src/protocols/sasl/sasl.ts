/** SASL without its framing: each protocol carries challenges and responses in its own way (IMAP `+`, SMTP 334, POP3 `+`). RFC 4422 */
import type { Authenticator, AuthResult, LoginAttempt } from '#mail/auth.ts'
import type { ChannelBinding } from './channel-binding.ts'

export type SaslContext = {
  readonly authenticator: Authenticator
  readonly attempt: Omit<LoginAttempt, 'mechanism'>
  /** Of the TLS connection beneath; undefined without one */
  readonly channelBinding: ChannelBinding | undefined
  /** For tests: what the server's nonce is made of; random when absent */
  readonly nonce?: () => string
}

export type SaslStep =
  /** Send `data`, then hand the peer's response to `next`. A peer that cancels (`*`) is simply not asked further. */
  | { readonly kind: 'challenge'; readonly data: Uint8Array; next(response: Uint8Array): Promise<SaslStep> }
  | { readonly kind: 'done'; readonly result: AuthResult }
  /** What came is no message of this mechanism: a syntax error (BAD, 501), not a wrong password */
  | { readonly kind: 'bad'; readonly reason: string }

/** One mechanism: `initial` is undefined when the peer sent no initial response. */
export type SaslMechanism = (initial: Uint8Array | undefined, context: SaslContext) => Promise<SaslStep>

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** UTF-8, strictly. */
export function responseText(response: Uint8Array): string | undefined {
  try {
    return decoder.decode(response)
  } catch {
    return undefined
  }
}

export function bad(reason: string): SaslStep {
  return { kind: 'bad', reason }
}

/** The peer is told the same as for a wrong password. */
export const refused: SaslStep = { kind: 'done', result: { kind: 'refused', reason: 'wrong-password' } }
