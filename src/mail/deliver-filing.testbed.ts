/** What the tests of filing share: a home whose filer is what a test says, and letters to it. */
import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { isPositive, printReply } from '#formats/smtp-reply.ts'
import type { HomeOptions } from './deliver/options.ts'
import type { WaitingOutboxItem } from './delivery.ts'
import type { DeliveryFacts } from './downstream.ts'
import type { Filed, MessageToFile } from './filing.ts'
import type { AccountId, DeliveryId } from './ids.ts'
import type { ContentVerdict } from './judging.ts'
import {
  envelopeFrom,
  type Flow,
  letter,
  noSignal,
  send,
  sessionFacts,
  startFlow,
} from './receive/mail-flow.testbed.ts'
import { createSrs } from './srs.ts'
import type { Verdicts } from './verdicts.ts'
export const hanako = 'hanako@home.test'
export const taro = 'taro@home.test'
export const aki = 'aki@internet.test'
export const postfix = sessionFacts('lmtp', { id: 'postfix' })
export const srs = createSrs(new Uint8Array(32).fill(3))

export const kept: Filed = {
  placements: [{ mailbox: { role: 'inbox' }, flags: [], implicit: true }],
  effects: [],
  copies: [],
  remember: [],
}
export const discarded: Filed = { ...kept, placements: [] }
export const into = (name: string, flags: readonly string[] = []) => ({ mailbox: { name, create: true }, flags })
export const redirect = (to: string, message: MessageToFile): Filed['effects'][number] => {
  return { kind: 'redirect', index: 0, to, message: message.message }
}

export const clean: ContentVerdict = { verdict: 'clean', score: 0, junkFrom: 5, reasons: [], spamtest: 1, virustest: 1 }
export const judgedAs = (verdict: ContentVerdict['verdict']) => async () => ({ ...clean, verdict })

/** A flow in which the accounts have this rule. */
export function filing(
  t: TestContext,
  rule: (message: MessageToFile) => Filed | Promise<Filed>,
  home: Partial<HomeOptions> = {},
): Promise<Flow> {
  return startFlow(t, { home: { srs, filerFor: async () => async message => rule(message), ...home } })
}

export async function deliver(flow: Flow, to = [hanako], message = letter(), reversePath = aki) {
  return send(flow.home, to, message, { session: postfix, reversePath })
}

export async function accountOf(flow: Flow, address: string): Promise<AccountId> {
  const user = await flow.directory.user(address)
  assert.ok(user)
  return user.account
}

export async function outboxOf(flow: Flow, address = hanako): Promise<readonly WaitingOutboxItem[]> {
  return flow.accounts.outbox(await accountOf(flow, address), 100)
}

export const verdictsOf = (spf: 'pass' | 'fail', disposition: 'none' | 'quarantine' = 'none'): Verdicts => ({
  authenticity: {
    fromDomain: 'internet.test',
    spf: { result: spf, scope: 'mailfrom', domain: 'internet.test' },
    dkim: [],
    dmarc: { result: spf, domain: 'internet.test', policy: 'quarantine', alignedBy: [], disposition },
    arc: { result: 'none', sealers: [] },
  },
})

let takes = 0
/** As the gateway of the same process hands it over. */
export async function take(
  flow: Flow,
  more: Partial<DeliveryFacts>,
  to = [hanako],
  id = `gw.1.${++takes}`,
  message = letter(),
  signal = noSignal,
) {
  const attempt = { id: id as DeliveryId, origin: 'gw', boot: 1, gone: [], confirmed: false }
  const facts = { attempt, clientAddress: '192.0.2.1', helo: 'x', tls: undefined, receivedAt: 5, held: false, ...more }
  const transaction = flow.home.take(facts, envelopeFrom(aki), undefined)
  for (const address of to) assert.ok(isPositive(await transaction.recipient({ address })))
  return printReply((await transaction.deliver(new Uint8Array(0), message, signal)).reply)
}
