/**
 * XCLIENT: from here on another client counts, as if it had just connected. Postfix, XCLIENT_README
 * Only peers that the owner has named may say it, by their own address: what an earlier XCLIENT claimed gives no such right and takes none.
 */
import type { SessionFacts } from '#mail/receiving.ts'
import { say, type Command, type Outcome } from '../outcome.ts'
import type { Session } from '../session.ts'
import { type ClientClaim, readClientClaim } from '../syntax/xclient.ts'

export function xclientOffered({ profile, options, peerAddress }: Session): boolean {
  return profile.name === 'mx' && options.isTrustedProxy?.(peerAddress) === true
}

export const xclient = {
  name: 'XCLIENT',
  run({ argument }, session) {
    if (!xclientOffered(session)) return say(550, '5.7.0', 'You may not speak for others')
    if (session.state.kind === 'mail' || session.state.kind === 'chunks')
      return say(503, '5.5.1', 'There is a transaction already')
    const claim = readClientClaim(argument)
    if (!claim) return say(501, '5.5.4', 'Write XCLIENT attribute=value …')
    return become(claim, session)
  },
} satisfies Command<'XCLIENT'>

function become(claim: ClientClaim, session: Session): Outcome {
  const { options, profile } = session
  const refusal = session.replaceClient(claimed(session.facts, claim, session.peerAddress))
  if (refusal) return { kind: 'close', reply: refusal }
  // 220 like a greeting: what was said before does not count, the client's HELO apart
  if (session.facts.helo !== undefined) session.state = { kind: 'greeted' }
  return { kind: 'reply', reply: { code: 220, lines: [`${options.hostname} ${profile.protocol} Hikyaku`] } }
}

function claimed(facts: SessionFacts, claim: ClientClaim, via: string): SessionFacts {
  const { reverse, ...rest } = facts
  const found = reverseOf(claim) ?? (claim.address === undefined ? reverse : undefined)
  return {
    ...rest,
    clientAddress: addressOf(claim) ?? facts.clientAddress,
    clientPort: claim.port === undefined ? facts.clientPort : claim.port === 'unavailable' ? 0 : claim.port,
    via,
    helo: claim.helo === undefined || claim.helo === 'unavailable' ? undefined : claim.helo.domain,
    ...(found && { reverse: found }),
  }
}

/** A client whose address the proxy does not know is judged by none. */
function addressOf({ address }: ClientClaim): string | undefined {
  return address === 'unavailable' ? '' : address?.address
}

/** The proxy has looked: RFC 8601 §2.7.3 in its words. */
function reverseOf({ name, reverseName }: ClientClaim): SessionFacts['reverse'] {
  if (name === undefined) return undefined
  if (name === 'temporary' || reverseName === 'temporary') return { result: 'temperror' }
  if (name !== 'unavailable') return { result: 'pass', name: name.name }
  return typeof reverseName === 'object' ? { result: 'fail', name: reverseName.name } : { result: 'permerror' }
}
