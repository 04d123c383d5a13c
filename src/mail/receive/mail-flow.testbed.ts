/** Gateway and home for tests: real directory, accounts and hold; the link between them is a function that can be cut. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { asciiText, concatBytes, utf8 } from '#base/bytes.ts'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import type { Envelope, RecipientResult } from '#formats/envelope.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { isPositive, printReply, type SmtpReply } from '#formats/smtp-reply.ts'
import { openAccounts, type OpenAccounts } from '../accounts.ts'
import { createHomeReceiver, type HomeOptions, type HomeReceiver } from '../deliver.ts'
import { openDirectory, type OpenDirectory } from '../directory/open.ts'
import type { LocalDeliveries } from '../delivery.ts'
import type { Downstream } from '../downstream.ts'
import { silentEvents, type Events, type MailEvent } from '../events.ts'
import { signFacts } from '../facts.ts'
import { receivedHash } from '../fingerprint.ts'
import type { AccountId } from '../ids.ts'
import { openPasswords } from '../passwords/passwords.ts'
import { openQueue } from '../queue/open-queue.ts'
import type { Queue } from '../queue/queue.ts'
import { createGatewayReceiver, type GatewayOptions } from '../receive.ts'
import type { IncomingTransaction, MessageReceiver, SessionFacts } from '../receiving.ts'
import { listContent } from '../recipient-list-file.ts'
import type { RecipientList } from '../recipient-list.ts'
import { createConfirmedHolds, holdTransport } from './hold.ts'

export const linkKey = new Uint8Array(32).fill(7)
const fingerprintKey = new Uint8Array(32).fill(9)

/** What happens to the next messages on the link. */
export type LinkFault =
  | 'none'
  /** Cannot be reached */
  | 'away'
  /** Home stores it, the answer is lost */
  | 'answer-lost'
  /** The message is stuck until `unstick`; then home gets it after all */
  | 'stuck'
  /** Lost before home has read it */
  | 'message-lost'

export type Link = {
  fault: LinkFault
  /** Lets what is stuck go on to home; resolves when home has answered all of it. */
  unstick(): Promise<void>
  /** Messages that reached home */
  arrived: number
  /** Transactions that are open now */
  open: number
}

export type Flow = {
  readonly directory: OpenDirectory
  readonly accounts: OpenAccounts
  readonly link: Link
  readonly events: MailEvent[]
  gateway: MessageReceiver
  home: HomeReceiver
  hold: Queue
  /** The gateway process is killed and started again. */
  restartGateway(): Promise<void>
  /** The home process is killed and started again. */
  restartHome(): Promise<void>
  readonly gatewayOptions: GatewayOptions
  count(address: string, mailbox?: string): Promise<number>
  /** Waits until the hold is empty. */
  drain(): Promise<void>
}

export type FlowOptions = {
  readonly list?: (content: RecipientList) => RecipientList
  readonly gateway?: Partial<GatewayOptions>
  readonly home?: Partial<HomeOptions>
  readonly quotaOf?: (account: AccountId) => number | undefined
  readonly diskReserveBytes?: number
  /** Between the gateway and its hold */
  readonly queue?: (queue: Queue) => GatewayOptions['queue']
  /** So many deliveries for these recipients fail before they succeed. */
  readonly failures?: Map<string, number>
}

export function sessionFacts(profile: SessionFacts['profile'], more: Partial<SessionFacts> = {}): SessionFacts {
  return {
    id: `session-${profile}`,
    profile,
    clientAddress: '192.0.2.7',
    clientPort: 40_000,
    localPort: 25,
    helo: 'mx.internet.test',
    tls: undefined,
    login: undefined,
    gateway: undefined,
    ...more,
  }
}

export async function startFlow(t: TestContext, options: FlowOptions = {}): Promise<Flow> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-flow-'))
  const passwords = openPasswords()
  const events: MailEvent[] = []
  const recorder: Events = { ...silentEvents, record: event => void events.push(event) }
  const common = { clock: systemClock, log: silentLog, events: recorder, sizeLimitBytes: 50_000_000, fingerprintKey }
  const openStore = () =>
    openAccounts({
      folder: join(folder, 'accounts'),
      log: silentLog,
      clock: systemClock,
      quotaOf: options.quotaOf ?? (() => undefined),
      diskReserveBytes: options.diskReserveBytes ?? 0,
      writerThreads: 2,
    })
  let accounts = await openStore()
  const directory = await openDirectory({
    folder,
    passwords,
    clock: systemClock,
    createAccount: async (id, language) => accounts.createAccount(id, language),
  })
  await directory.addDomain('home.test')
  for (const name of ['hanako', 'taro', 'gone']) await directory.addUser({ address: `${name}@home.test` })
  await directory.setEnabled('gone@home.test', false)
  await directory.addAlias('both@home.test', ['hanako@home.test', 'taro@home.test'])

  let homeBoot = 0
  const newHome = () =>
    createHomeReceiver({
      ...common,
      name: 'home',
      boot: ++homeBoot,
      hostname: 'home.home.test',
      directory,
      deliveries: failing(accounts, options.failures ?? new Map()),
      gateways: [{ name: 'gateway', domains: ['home.test'], key: linkKey }],
      ...options.home,
    })
  let gatewayBoot = 0
  const { link, downstream } = createLink(
    () => flow.home,
    () => gatewayBoot,
  )
  const content = await listContent(directory, systemClock.now())
  const list = listOf(Object.keys(content.recipients), content.recipients)
  let confirmedHolds = createConfirmedHolds()
  const gatewayOptions = (hold: Queue): GatewayOptions => ({
    ...common,
    name: 'gateway',
    boot: gatewayBoot,
    hostname: 'mx.home.test',
    list: options.list?.(list) ?? list,
    downstream,
    queue: options.queue?.(hold) ?? hold,
    confirmedHolds,
    slowAfterMs: 300,
    openWithinMs: 300,
    ...options.gateway,
  })
  const newGateway = (hold: Queue) => createGatewayReceiver(gatewayOptions(hold))
  const openHold = () => {
    confirmedHolds = createConfirmedHolds()
    const transport = holdTransport({ downstream, confirmedHolds })
    return openQueue({
      file: join(folder, 'hold', 'queue.db'),
      spoolFolder: join(folder, 'hold', 'spool'),
      name: 'hold',
      destinationOf: () => 'home',
      transportFor: (_, message) => transport(message),
      clock: systemClock,
      log: silentLog,
      events: recorder,
      diskReserveBytes: 0,
    })
  }
  gatewayBoot++
  const hold = await openHold()
  const flow: Flow = {
    directory,
    get accounts() {
      return accounts
    },
    link,
    events,
    hold,
    home: newHome(),
    gateway: newGateway(hold),
    gatewayOptions: gatewayOptions(hold),
    async restartGateway() {
      await flow.hold[Symbol.asyncDispose]()
      gatewayBoot++
      flow.hold = await openHold()
      flow.gateway = newGateway(flow.hold)
    },
    async restartHome() {
      await accounts[Symbol.asyncDispose]()
      accounts = await openStore()
      flow.home = newHome()
    },
    async count(address, mailbox = 'INBOX') {
      const user = await directory.user(address)
      if (!user) throw new Error(`${address} is nobody`)
      return (await (await accounts.account(user.account)).mailboxNamed(mailbox))?.messages ?? 0
    },
    async drain() {
      for (let tries = 0; flow.hold.depth > 0; tries++) {
        if (tries > 200) throw new Error(`The hold does not empty: ${JSON.stringify(await flow.hold.list())}`)
        await flow.hold.retry()
        await pause(20)
      }
    },
  }
  t.after(async () => {
    link.fault = 'none'
    await link.unstick()
    await flow.hold[Symbol.asyncDispose]()
    await directory[Symbol.asyncDispose]()
    await accounts[Symbol.asyncDispose]()
    await passwords[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  })
  return flow
}

function failing(accounts: OpenAccounts, failures: Map<string, number>): LocalDeliveries {
  return {
    deliver(delivery, signal) {
      const key = `${delivery.recipient} ${delivery.account}`
      const name = failures.has(key) ? key : delivery.recipient
      const left = failures.get(name) ?? 0
      if (left <= 0) return accounts.deliver(delivery, signal)
      failures.set(name, left - 1)
      return Promise.reject(new Error('planted'))
    },
    confirm: (account, recipient, ids) => accounts.confirm(account, recipient, ids),
    hasRoom: (account, sizeBytes) => accounts.hasRoom(account, sizeBytes),
    diskHasRoom: () => accounts.diskHasRoom(),
  }
}

/** LMTP with the socket left out: the signed field, one stream of bytes, and all that can go wrong between. */
function createLink(home: () => HomeReceiver, boot: () => number): { link: Link; downstream: Downstream } {
  const stuck: { go: () => void; done: Promise<unknown> }[] = []
  let sessions = 0
  const link: Link = {
    fault: 'none',
    arrived: 0,
    open: 0,
    async unstick() {
      const all = stuck.splice(0)
      for (const { go } of all) go()
      await Promise.allSettled(all.map(({ done }) => done))
    },
  }
  const downstream: Downstream = {
    async open(envelope, facts, declaredSize, signal) {
      if (link.fault === 'away') return undefined
      const session = sessionFacts('lmtp', { id: `link-${++sessions}`, gateway: 'gateway', helo: 'mx.home.test' })
      if (!home().hello(session, 'gateway', boot())) return undefined
      const begun = await home().begin(session, { ...envelope, recipients: [] }, declaredSize, signal)
      if (begun.kind === 'refused') return undefined
      const { transaction } = begun
      const accepted: string[] = []
      link.open++
      return {
        async recipient(recipient) {
          if (link.fault === 'away') return undefined
          const reply = await transaction.recipient(recipient, signal)
          if (isPositive(reply)) accepted.push(recipient.address)
          return reply
        },
        async message(trace, message, cutOff) {
          const { fault } = link
          if (fault === 'away' || fault === 'message-lost') return accepted.map(() => 'unsure' as const)
          const bound = { recipients: accepted, hash: await receivedHash(message), sizeBytes: message.sizeBytes, trace }
          const field = signFacts(facts, bound, linkKey)
          const source = memorySource(concatBytes([field, trace, await collect(message)]))
          const send = async () => {
            link.arrived++
            return (await transaction.message(source, new AbortController().signal)).results
          }
          if (fault === 'stuck') {
            let go = () => {}
            const done = new Promise<void>(resolve => (go = resolve)).then(send)
            stuck.push({ go, done })
            const givenUp = new Promise<void>(resolve =>
              cutOff.addEventListener('abort', () => resolve(), { once: true }),
            )
            await Promise.race([givenUp, done])
            return accepted.map(() => 'unsure' as const)
          }
          const results = await send()
          return fault === 'answer-lost' ? accepted.map(() => 'unsure' as const) : results
        },
        close() {
          link.open--
          transaction.settle('confirmed')
        },
      }
    },
    settle: settled => {
      if (link.fault !== 'away') home().settled(sessionFacts('lmtp', { gateway: 'gateway' }), settled)
    },
  }
  return { link, downstream }
}

export function listOf(
  names: readonly string[],
  states: Readonly<Record<string, 'known' | 'disabled' | 'deleted'>> = {},
): RecipientList {
  return {
    domains: ['home.test'],
    ageMs: () => 0,
    look(address) {
      if (!address.toLowerCase().endsWith('@home.test')) return { kind: 'not-ours', fresh: true }
      if (states[address] === 'disabled') return { kind: 'disabled', fresh: true }
      return names.includes(address) ? { kind: 'known' } : { kind: 'unknown', fresh: true }
    },
  }
}

export const noSignal = new AbortController().signal

export function envelopeFrom(reversePath: string, more: Partial<Envelope> = {}): Envelope {
  return { reversePath, recipients: [], body: '8BITMIME', smtpUtf8: false, ...more }
}

export type Sent = {
  readonly recipients: readonly string[]
  readonly reply: string
  readonly results: readonly RecipientResult[]
  readonly transaction: IncomingTransaction
}

/** One transaction without its end: the caller settles. */
export async function send(
  receiver: MessageReceiver,
  recipients: readonly string[],
  message: MessageSource,
  options: { reversePath?: string; session?: SessionFacts; declaredSize?: number } = {},
): Promise<Sent> {
  const session = options.session ?? sessionFacts('mx')
  const envelope = envelopeFrom(options.reversePath ?? 'aki@internet.test')
  const begun = await receiver.begin(session, envelope, options.declaredSize, noSignal)
  if (begun.kind === 'refused') throw new Error(`MAIL was refused: ${printReply(begun.reply)}`)
  const replies: SmtpReply[] = []
  for (const address of recipients) replies.push(await begun.transaction.recipient({ address }, noSignal))
  const printed = replies.map(printReply)
  if (!replies.some(isPositive)) {
    begun.transaction.settle('aborted')
    return { recipients: printed, reply: '', results: [], transaction: begun.transaction }
  }
  const verdict = await begun.transaction.message(message, noSignal)
  return {
    recipients: printed,
    reply: printReply(verdict.reply),
    results: verdict.results,
    transaction: begun.transaction,
  }
}

/** A whole transaction; the reply. */
export async function deliverNow(
  receiver: MessageReceiver,
  recipients: readonly string[],
  message: MessageSource,
  outcome: 'confirmed' | 'gone' = 'confirmed',
): Promise<string> {
  const sent = await send(receiver, recipients, message)
  sent.transaction.settle(outcome)
  await pause(5)
  return sent.reply
}

let letters = 0

export function letter(text = 'Hello', head = ''): MessageSource {
  const id = `${++letters}.flow@internet.test`
  return memorySource(
    utf8(
      `${head}From: Aki <aki@internet.test>\r\nTo: hanako@home.test\r\nSubject: Flow\r\nMessage-ID: <${id}>\r\n\r\n${text}\r\n`,
    ),
  )
}

/** The same bytes as another object: what a sender's retry is. */
export function again(message: MessageSource): MessageSource {
  if (message.place.kind !== 'memory') throw new Error('Only messages in memory')
  return memorySource(Uint8Array.from(message.place.bytes))
}

export async function collect(source: MessageSource): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const part of source.open()) parts.push(part)
  return concatBytes(parts)
}

export async function storedText(flow: Flow, address: string, index = 0, mailbox = 'INBOX'): Promise<string> {
  const user = await flow.directory.user(address)
  if (!user) throw new Error(`${address} is nobody`)
  const account = await flow.accounts.account(user.account)
  const inbox = await account.mailboxNamed(mailbox)
  if (!inbox) throw new Error('No such mailbox')
  using view = await account.open(inbox.id)
  const stored = view && (await account.message(view.emailId(index)))
  if (!stored) throw new Error('No such message')
  return asciiText(await collect(stored))
}

export function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
