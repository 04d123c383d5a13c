/** Which mechanisms there are, and which are offered when. */
import type { ChannelBinding } from './channel-binding.ts'
import { maxResponseBytes } from './limits.ts'
import { login } from './login.ts'
import { plain } from './plain.ts'
import { bad } from './sasl.ts'
import type { SaslContext, SaslMechanism, SaslStep } from './sasl.ts'
import { scramSha256, scramSha256Plus } from './scram.ts'

const mechanisms: ReadonlyMap<string, SaslMechanism> = new Map([
  ['SCRAM-SHA-256-PLUS', scramSha256Plus],
  ['SCRAM-SHA-256', scramSha256],
  ['PLAIN', plain],
  ['LOGIN', login],
])

export type Offer = {
  /** The connection is encrypted */
  readonly tls: boolean
  readonly scramReady: boolean
  readonly channelBinding: ChannelBinding | undefined
  /** By setting, for loopback: logins without TLS. Otherwise nothing is offered there: the mail itself would be in the open. */
  readonly plaintextAllowed?: boolean
}

/** Best first. */
export function offeredMechanisms(offer: Offer): readonly string[] {
  if (!offer.tls && !offer.plaintextAllowed) return []
  const scram = offer.channelBinding ? ['SCRAM-SHA-256-PLUS', 'SCRAM-SHA-256'] : ['SCRAM-SHA-256']
  return [...(offer.scramReady ? scram : []), 'PLAIN', 'LOGIN']
}

/**
 * Begins an exchange; undefined for a mechanism that is not offered now. `initial` is decoded, undefined when there was none.
 * Every response is checked for its size here; the framing bounds what it reads before.
 */
export function startSasl(
  mechanism: string,
  initial: Uint8Array | undefined,
  context: SaslContext,
  offered: readonly string[],
): Promise<SaslStep> | undefined {
  const name = mechanism.toUpperCase()
  const run = offered.includes(name) ? mechanisms.get(name) : undefined
  if (!run) return undefined
  if (initial && initial.length > maxResponseBytes) return Promise.resolve(bad('The response is too long'))
  return run(initial, context).then(bounded)
}

function bounded(step: SaslStep): SaslStep {
  if (step.kind !== 'challenge') return step
  return {
    ...step,
    next: response =>
      response.length > maxResponseBytes
        ? Promise.resolve(bad('The response is too long'))
        : step.next(response).then(bounded),
  }
}
