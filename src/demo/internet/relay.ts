/** A relay with SendGrid's habits: user `apikey`, a key that begins with `SG.`, verified sender identities only, credits. */
import type { SmtpReply } from '#formats/smtp-reply.ts'

export type RelayState = {
  /** The one key that works */
  apiKey: string
  /** Domains whose sender identities are verified */
  readonly verifiedDomains: readonly string[]
  creditsLeft: number
}

/** SendGrid's own words, quoted by its documentation; `doctor` and the queue recognise them. */
export function relayRefusal(state: RelayState, reversePath: string): SmtpReply | undefined {
  const domain = reversePath.slice(reversePath.lastIndexOf('@') + 1).toLowerCase()
  if (!state.verifiedDomains.includes(domain))
    return {
      code: 550,
      lines: [
        'The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.',
      ],
    }
  if (state.creditsLeft <= 0) return { code: 451, lines: ['Authentication failed: Maximum credits exceeded'] }
  state.creditsLeft--
  return undefined
}
