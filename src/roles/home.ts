/** Home: mailboxes, the people who read and write, and the way out. */
import { join } from 'node:path'
import type { Access } from '#mail/access/access.ts'
import type { OpenAuthenticator } from '#mail/auth-authenticator.ts'
import { type OpenAccounts, openAccounts } from '#mail/accounts.ts'
import type { Content } from '#mail/content.ts'
import type { HomeReceiver } from '#mail/deliver.ts'
import type { OpenDirectory } from '#mail/directory/open.ts'
import { createImapEvents, type ImapEvents } from '#mail/imap-events/run.ts'
import type { MessageReceiver } from '#mail/receiving.ts'
import type { AccountId } from '#mail/ids.ts'
import type { OpenedQueue } from '#mail/queue/open-queue.ts'
import { createOutbox, type Outbox } from '#mail/outbox.ts'
import type { RefusedMail } from '#mail/refused.ts'
import { keepScrubbed } from '#mail/scrub.ts'
import type { SendingWatch } from '#mail/sending/watch.ts'
import type { DkimKeys } from '#mail/signing/dkim-keys.ts'
import { createGatewayQuestions, type GatewayQuestions } from '#mail/trace/gateway-questions.ts'
import { openHomeContent, openHomeRefused } from './content.ts'
import { type GatewayContacts, noting, openGatewayContacts } from './gateway-contacts.ts'
import { openHomePeople } from './home-people.ts'
import { homeReceiver, homeSubmission } from './home-receivers.ts'
import { homeServices, type HomeServices } from './home-services.ts'
import { openOutbound, type Outbound, type RelayWay, type Reroute } from './outbound.ts'
import { peersOf } from './peers.ts'
import { sieveAtHome, type SieveAtHome } from './sieve.ts'
import type { Surroundings } from './surroundings.ts'

export type RunningHome = {
  readonly accounts: OpenAccounts
  readonly content: Content
  readonly refused: RefusedMail
  readonly directory: OpenDirectory
  readonly authenticator: OpenAuthenticator
  readonly access: Access
  readonly receiver: HomeReceiver
  readonly outbound: OpenedQueue
  readonly submission: MessageReceiver
  readonly reroute: Reroute
  readonly dkim: DkimKeys
  readonly sieve: SieveAtHome
  readonly watch: SendingWatch
  /** The way out through our gateway */
  readonly relay: RelayWay
  readonly gateways: GatewayContacts
  readonly questions: GatewayQuestions
  readonly services: HomeServices
}

export async function startHome(around: Surroundings, scope: AsyncDisposableStack): Promise<RunningHome> {
  const { config, log, clock, events, folder, live } = around
  const quotas = new Map<AccountId, number>()
  const later: Later = {}
  const { accounts, content } = await openMail(around, { quotas, later }, scope)
  const refused = scope.use(await openHomeRefused(around, { accounts, content }))
  scope.use(keepScrubbed({ accounts, log }))
  const { access, authenticator, directory } = await openHomePeople(around, { accounts, quotas }, scope)
  const sieve = await sieveAtHome(
    around,
    { accounts, directory, hasWrittenTo: (account, address) => content.learning.knows(account, address) },
    scope,
  )
  const receiver = await homeReceiver(around, {
    accounts,
    directory,
    sieve,
    content,
    refused,
    outbound: () => later.outbound?.outbound,
    report: async about => later.outbound?.report(about),
  })
  const configured = config.home.gateways.map(({ name }) => name)
  const gateways = await openGatewayContacts({ folder: folder.path, configured, clock, log })
  const gatewayNames = () => gateways.names.values()
  later.outbound = await openOutbound(around, { directory, accounts, receiver, gatewayNames }, scope)
  const { outbound, reroute, dkim, watch, relay } = later.outbound
  later.outbox = scope.use(
    createOutbox({
      accounts,
      queue: outbound,
      watch,
      addressOf: async account => (await directory.userOf(account))?.address,
      events,
      clock,
      log,
      lifetimeMs: live.current.limits.outboundAge,
    }),
  )
  const { hostname } = config
  later.imapEvents = scope.use(createImapEvents({ accounts, ports: sieve.ports, hostname, clock, log }))
  const submission = homeSubmission(around, { directory, queue: outbound, watch })
  const questions = createGatewayQuestions(clock)
  const services = homeServices(around, {
    questions,
    accounts,
    scripts: accounts.scripts,
    authenticator,
    directory,
    receiver: noting(receiver, gateways),
    submission,
    peers: await peersOf(config.home.gateways),
  })
  return {
    accounts,
    content,
    refused,
    directory,
    authenticator,
    access,
    receiver,
    outbound,
    submission,
    reroute,
    dkim,
    sieve,
    watch,
    relay,
    gateways,
    questions,
    services,
  }
}

/** Asked for only when there is mail; opened after all that brings mail has been made */
type Later = { outbound?: Outbound; outbox?: Outbox; imapEvents?: ImapEvents }

async function openMail(
  around: Surroundings,
  { later, quotas }: { readonly later: Later; readonly quotas: ReadonlyMap<AccountId, number> },
  scope: AsyncDisposableStack,
) {
  const { clock, config, folder, log } = around
  const content = await openHomeContent(
    around,
    {
      mayWrite: () => accounts.diskHasRoom(),
      isContact: (account, address) => accounts.isContact(account as AccountId, address),
    },
    scope,
  )
  const accounts: OpenAccounts = scope.use(
    await openAccounts({
      followers: [content.learning],
      folder: join(folder.path, 'accounts'),
      log,
      clock,
      quotaOf: account => quotas.get(account),
      writerThreads: config.home.accounts.writerThreads,
      diskReserveBytes: config.home.accounts.diskReserve,
      maxScriptBytes: config.home.sieve.scriptSize,
      onOutbox: account => later.outbox?.wake(account),
      onImapEvents: account => later.imapEvents?.wake(account),
    }),
  )
  return { accounts, content }
}
