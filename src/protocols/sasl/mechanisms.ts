/** Which mechanisms there are, and which are offered when. */
import type { ScramHash } from '#mail/auth.ts'
import type { ChannelBinding } from './channel-binding.ts'
import { maxResponseBytes } from './limits.ts'
import { login } from './login.ts'
import { plain } from './plain.ts'
import { bad } from './sasl.ts'
import type { SaslContext, SaslMechanism, SaslStep } from './sasl.ts'
import { scram, scramVariants } from './scram.ts'

const mechanisms: ReadonlyMap<string, SaslMechanism> = new Map([
  ...scramVariants.map((variant): [string, SaslMechanism] => [variant.name, scram(variant)]),
  ['PLAIN', plain],
  ['LOGIN', login],
])

export type Offer = {
  /** The connection is encrypted */
  readonly tls: boolean
  /** Verifiers of this kind are there for everybody */
  scramReady(hash: ScramHash): boolean
  readonly channelBinding: ChannelBinding | undefined
  /** By setting, for loopback: logins without TLS. Otherwise nothing is offered there: the mail itself would be in the open. */
  readonly plaintextAllowed?: boolean
}

/** Best first. */
export function offeredMechanisms(offer: Offer): readonly string[] {
  if (!offer.tls && !offer.plaintextAllowed) return []
  const binds = offer.channelBinding !== undefined
  const scrams = scramVariants.filter(({ hash, plus }) => (binds || !plus) && offer.scramReady(hash))
  return [...scrams.map(({ name }) => name), 'PLAIN', 'LOGIN']
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
