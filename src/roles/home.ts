/** Home: mailboxes, the people who read and write, and the way out. */
import { join } from 'node:path'
import { type Access, createAccess } from '#mail/access/access.ts'
import { createAuthenticator, type OpenAuthenticator } from '#mail/auth-authenticator.ts'
import { type OpenAccounts, openAccounts } from '#mail/accounts.ts'
import type { Content } from '#mail/content.ts'
import { createHomeReceiver, type HomeReceiver, type KnownGateway } from '#mail/deliver.ts'
import { type OpenDirectory, openDirectory } from '#mail/directory/open.ts'
import { openPasswords } from '#mail/passwords/passwords.ts'
import { createImapEvents, type ImapEvents } from '#mail/imap-events/run.ts'
import type { MessageReceiver } from '#mail/receiving.ts'
import type { AccountId } from '#mail/ids.ts'
import type { OpenedQueue } from '#mail/queue/open-queue.ts'
import { createOutbox, forwardInto, type Outbox } from '#mail/outbox.ts'
import { keepRecipientListWritten } from '#mail/recipient-list-file.ts'
import type { RefusedMail } from '#mail/refused.ts'
import { keepScrubbed } from '#mail/scrub.ts'
import type { SendingWatch } from '#mail/sending/watch.ts'
import type { DkimKeys } from '#mail/signing/dkim-keys.ts'
import { createSrs } from '#mail/srs.ts'
import { createSubmissionReceiver } from '#mail/submit.ts'
import { createGatewayQuestions, type GatewayQuestions } from '#mail/trace/gateway-questions.ts'
import { openHomeContent, openHomeRefused } from './content.ts'
import { type GatewayContacts, noting, openGatewayContacts } from './gateway-contacts.ts'
import { fromGateways, homeServices, type HomeServices } from './home-services.ts'
import { openOutbound, type Outbound, type RelayWay, type Reroute } from './outbound.ts'
import { peersOf } from './peers.ts'
import { sieveAtHome, type SieveAtHome } from './sieve.ts'
import { readKey, type Surroundings } from './surroundings.ts'

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
  const { config, live, log, clock, events, folder } = around
  const quotas = new Map<AccountId, number>()
  let outbox: Outbox | undefined
  let imapEvents: ImapEvents | undefined
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
      onOutbox: account => outbox?.wake(account),
      onImapEvents: account => imapEvents?.wake(account),
    }),
  )
  const refused = scope.use(await openHomeRefused(around, { accounts, content }))
  scope.use(keepScrubbed({ accounts, log }))
  const passwords = scope.use(openPasswords())
  const directory = scope.use(
    await openDirectory({
      folder: folder.path,
      clock,
      passwords,
      createAccount: (id, language) => accounts.createAccount(id, language),
      scramHashes: config.home.scramSha1 ? ['sha-256', 'sha-1'] : ['sha-256'],
    }),
  )
  scope.use(await followQuotas(directory, quotas))
  const access = scope.use(createAccess({ rows: directory.access, clock, key: folder.deriveKey('access') }))
  const { appPasswords } = access
  const authenticator = scope.use(
    createAuthenticator({
      directory,
      passwords,
      clock,
      log,
      events,
      scramKey: folder.deriveKey('scram'),
      appPasswords,
    }),
  )
  if (config.home.recipientsFile !== undefined)
    scope.use(await keepRecipientListWritten({ directory, file: config.home.recipientsFile, clock, log }))
  const fingerprintKey = folder.deriveKey('fingerprint')
  let report: Outbound['report'] | undefined
  let waiting: OpenedQueue | undefined
  const sieve = await sieveAtHome(
    around,
    {
      accounts,
      directory,
      hasWrittenTo: (account, address) => content.learning.knows(account, address),
    },
    scope,
  )
  const receiver = createHomeReceiver({
    name: 'home',
    boot: folder.boot,
    hostname: config.hostname,
    directory,
    deliveries: accounts,
    gateways: await knownGateways(around),
    fingerprintKey,
    clock,
    log,
    events,
    get sizeLimitBytes() {
      return live.current.limits.messageSize
    },
    get maxRecipients() {
      return Math.max(fromGateways, live.current.limits.recipients)
    },
    report: async about => report?.(about),
    filerFor: account => sieve.filerFor(account),
    srs: createSrs(folder.deriveKey('srs')),
    forward: message =>
      forwardInto(waiting, message, { now: clock.now(), lifetimeMs: live.current.limits.outboundAge }),
    judge: content.judge,
    keepRefused: about => refused.keep(about),
  })
  const configured = config.home.gateways.map(({ name }) => name)
  const gateways = await openGatewayContacts({ folder: folder.path, configured, clock, log })
  const {
    outbound,
    reroute,
    dkim,
    watch,
    relay,
    report: reported,
  } = await openOutbound(around, { directory, accounts, receiver, gatewayNames: () => gateways.names.values() }, scope)
  report = reported
  waiting = outbound
  outbox = scope.use(
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
  imapEvents = scope.use(createImapEvents({ accounts, ports: sieve.ports, hostname, clock, log }))
  const submission = createSubmissionReceiver({
    name: 'home',
    boot: folder.boot,
    hostname: config.hostname,
    directory,
    queue: outbound,
    watch,
    get recipientsPerHour() {
      const { recipientsPerHour } = live.current.limits.perUser
      return recipientsPerHour === 0 ? Infinity : 2 * recipientsPerHour
    },
    fingerprintKey,
    clock,
    log,
    events,
    get sizeLimitBytes() {
      return live.current.limits.messageSize
    },
    get maxRecipients() {
      return live.current.limits.recipients
    },
    get expiresAfterMs() {
      return live.current.limits.outboundAge
    },
  })
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

/** Deliveries ask for quotas often: they are answered from memory. */
async function followQuotas(directory: OpenDirectory, quotas: Map<AccountId, number>): Promise<Disposable> {
  const read = async () => {
    const users = await directory.users()
    quotas.clear()
    for (const user of users) if (user.quotaBytes !== undefined) quotas.set(user.account, user.quotaBytes)
  }
  await read()
  return directory.watch(() => void read())
}

async function knownGateways({ config }: Surroundings): Promise<KnownGateway[]> {
  const configured = config.home.gateways.map(async gateway => ({
    name: gateway.name,
    domains: gateway.domains,
    key: gateway.linkKeyFile === undefined ? undefined : await readKey(gateway.linkKeyFile),
  }))
  const known: KnownGateway[] = await Promise.all(configured)
  // the other role in this process speaks for itself
  if (config.role.includes('gateway') && !known.some(({ name }) => name === config.gateway.name))
    known.push({ name: config.gateway.name, domains: 'all', key: undefined })
  return known
}
