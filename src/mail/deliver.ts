/**
 * Home: a message for some recipients into the accounts behind them, one verdict per recipient.
 *
 * Invariants: nothing is relayed, only local recipients are taken; a yes means that every account behind the recipient has the
 * message on disk; whatever comes twice under one delivery id, or again after a lost reply, gets the first result; what our own
 * gateway or settings do wrong is a 4xx.
 */
import { extend } from '#base/extend.ts'
import { canonicalAddress } from '#formats/address/address.ts'
import type { Envelope } from '#formats/envelope.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import { BootFence } from './deliver/fence.ts'
import { lmtpOrigin, type HomeOptions, type HomeParts, type KnownGateway, type Peer } from './deliver/options.ts'
import { HomeTransaction } from './deliver/transaction.ts'
import { UnderWay } from './deliver/under-way.ts'
import type { DeliveryFacts, Settled } from './downstream.ts'
import { createAttemptTable } from './receive/attempts.ts'
import { createDeliveryIds } from './receive/delivery-ids.ts'
import type { MessageReceiver, SessionFacts } from './receiving.ts'

export type { HomeOptions, KnownGateway }

export type HomeReceiver = Required<MessageReceiver> & {
  /** For what runs in the same process: the facts are a value, not a field. */
  take(facts: DeliveryFacts, envelope: Envelope, declaredSize: number | undefined): HomeTransaction
  /** As `settled`, without asking who says so. */
  confirm(settled: readonly Settled[]): void
}

export function createHomeReceiver(options: HomeOptions): HomeReceiver {
  const parts: HomeParts = extend(options, {
    nextId: createDeliveryIds(lmtpOrigin(options.name), options.boot),
    attempts: createAttemptTable(),
    fence: new BootFence(),
    underWay: new UnderWay(),
  })
  const gatewayOf = (session: SessionFacts) => options.gateways.find(({ name }) => name === session.gateway)
  return {
    async begin(session, envelope, declaredSize) {
      const gateway = gatewayOf(session)
      if (session.gateway !== undefined && !gateway)
        return { kind: 'refused', reply: smtpReply(451, '4.7.0', 'This gateway is not known here') }
      if (declaredSize !== undefined && declaredSize > options.sizeLimitBytes)
        return { kind: 'refused', reply: smtpReply(552, '5.3.4', 'Message too big') }
      const speaker = gateway && parts.fence.speaker(session)
      if (speaker && parts.fence.isOld(speaker))
        return { kind: 'refused', reply: smtpReply(421, '4.3.2', 'A later start of that box is known already') }
      const peer: Peer = { gateway, speaker, session }
      const transaction = new HomeTransaction(parts, peer, envelope, { declaredSize })
      return { kind: 'open', reply: smtpReply(250, '2.1.0', 'Sender OK'), transaction }
    },

    hello(session, origin, boot) {
      const gateway = gatewayOf(session)
      if (gateway?.name !== origin || !Number.isSafeInteger(boot) || boot < 0) {
        options.log.error('A gateway speaks under another name', { gateway: session.gateway, origin, boot })
        return false
      }
      const fresh = parts.fence.hello(session, origin, boot)
      if (!fresh) options.log.warn('An older start of a gateway still speaks', { gateway: origin, boot })
      return fresh
    },

    settled(session, settled) {
      const gateway = gatewayOf(session)
      if (gateway)
        void confirm(
          parts,
          settled.filter(({ id }) => id.startsWith(`${gateway.name}.`)),
        )
    },

    take(facts, envelope, declaredSize) {
      const { origin: name, boot } = facts.attempt
      const peer: Peer = {
        gateway: { name, domains: 'all', key: undefined },
        speaker: facts.held ? undefined : { origin: name, boot },
        session: undefined,
      }
      return new HomeTransaction(parts, peer, envelope, { declaredSize, facts })
    },

    confirm: settled => void confirm(parts, settled),
  }
}

/** Lazy, and lost when it fails: an unconfirmed row only stays open for a repeat a little longer. */
async function confirm({ directory, deliveries, log }: HomeParts, settled: readonly Settled[]): Promise<void> {
  try {
    for (const { id, recipient } of settled) {
      const canonical = canonicalAddress(recipient)
      const found = canonical && (await directory.resolve(canonical))
      if (!found || found.kind !== 'local') continue
      for (const { account } of found.targets) deliveries.confirm(account, canonical, [id])
    }
  } catch (error) {
    log.warn('Confirmations could not be passed on', { error: String(error) })
  }
}
