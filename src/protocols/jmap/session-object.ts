/** What a login may see and how large things may be. RFC 8620 §2 */
import { createHash } from 'node:crypto'
import { viewableCharsets } from '#formats/charset/viewable.ts'
import { maxTextBytes } from '#formats/message/limits.ts'
import { extensions, notifyMethods } from '#formats/sieve/extensions.ts'
import { maxScriptNameBytes } from '#mail/account-scripts.ts'
import { maxMailboxDepth, maxMailboxNameBytes } from '#mail/mailbox-name.ts'
import type { Login } from '#mail/auth.ts'
import { printAccountId } from '#mail/object-ids.ts'
import { maxScripts } from '#mail/scripts.ts'
import { blobTypeNames, digestAlgorithms } from './blob/facts.ts'
import { collations, emailSortOptions } from './email/sort.ts'
import {
  maxCallsInRequest,
  maxConcurrentRequests,
  maxConcurrentUpload,
  maxDataSources,
  maxObjectsInGet,
  maxObjectsInSet,
  maxSizeRequest,
} from './limits.ts'
import type { Sending } from './sending.ts'
import {
  type BlobCapability,
  blobCapability,
  coreCapability,
  type MailCapability,
  mailCapability,
  preferencesCapability,
  quotaCapability,
  searchCapability,
  type Session,
  sieveCapability,
  submissionCapability,
  vacationCapability,
  type VapidCapability,
  vapidCapability,
  viewCapability,
  type WebSocketCapability,
  webSocketCapability,
} from './wire.ts'
import type { SieveCapability, SubmissionCapability } from './wire-sending.ts'
import { type ContactsCapability, contactsCapability } from './wire-contacts.ts'
import { filtersCapability } from './wire-filters.ts'
import { traceCapability } from './wire-trace.ts'
import type { ViewCapability } from './wire-view.ts'

export type SessionOptions = {
  readonly maxSizeUpload: number
  readonly applicationServerKey: string
  readonly sending: Pick<Sending, 'maxDelayMs' | 'sieve'>
  /** Which capabilities are offered: those that are whole */
  readonly capabilities: ReadonlySet<string>
  /** `https://mail.example.org`: as the client names us */
  readonly origin: string
}

export const paths = {
  wellKnown: '/.well-known/jmap',
  session: '/jmap/session',
  api: '/jmap/api',
  upload: '/jmap/upload/',
  download: '/jmap/download/',
  events: '/jmap/eventsource',
  webSocket: '/jmap/ws',
} as const

export function sessionFor(login: Login, options: SessionOptions): Session {
  const { origin } = options
  const account = printAccountId(login.account)
  const offered = accountCapabilitiesOf(options)
  const each = (value: (capability: string) => unknown) =>
    Object.fromEntries(Object.keys(offered).map(capability => [capability, value(capability)]))
  const session = {
    capabilities: {
      [coreCapability]: coreOf(options),
      ...(each(() => ({})) as Readonly<Record<string, object>>),
      ...(options.capabilities.has(vapidCapability) && { [vapidCapability]: vapidOf(options) }),
      ...(options.capabilities.has(sieveCapability) && { [sieveCapability]: { implementation: 'Hikyaku' } }),
      ...(options.capabilities.has(webSocketCapability) && { [webSocketCapability]: webSocketOf(origin) }),
    },
    accounts: {
      [account]: {
        name: login.address,
        isPersonal: true,
        isReadOnly: login.readOnly === true,
        accountCapabilities: offered,
      },
    },
    primaryAccounts: each(() => account) as Readonly<Record<string, string>>,
    username: login.address,
    apiUrl: origin + paths.api,
    downloadUrl: `${origin}${paths.download}{accountId}/{blobId}/{name}?type={type}`,
    uploadUrl: `${origin}${paths.upload}{accountId}/`,
    eventSourceUrl: `${origin}${paths.events}?types={types}&closeafter={closeafter}&ping={ping}`,
  }
  return { ...session, state: stateOf(login, options) }
}

/** What the account has of each capability that is offered, in one order. */
function accountCapabilitiesOf(
  options: Pick<SessionOptions, 'maxSizeUpload' | 'capabilities' | 'sending'>,
): Readonly<Record<string, object>> {
  const all: Readonly<Record<string, object>> = {
    [mailCapability]: mailOf(options),
    [submissionCapability]: submissionOf(options),
    [vacationCapability]: {},
    [sieveCapability]: sieveOf(options),
    [quotaCapability]: {},
    [contactsCapability]: contacts,
    [blobCapability]: blobOf(options),
    [searchCapability]: {},
    [filtersCapability]: {},
    [preferencesCapability]: {},
    [traceCapability]: {},
    [viewCapability]: { charsets: viewableCharsets, maxTextBytes } satisfies ViewCapability,
  }
  return Object.fromEntries(Object.entries(all).filter(([capability]) => options.capabilities.has(capability)))
}

/** RFC 9610 §1.4.1. A card may be in as many as there are. */
const contacts: ContactsCapability = { maxAddressBooksPerCard: null, mayCreateAddressBook: true }

/** RFC 9749 §3 */
function vapidOf({ applicationServerKey }: Pick<SessionOptions, 'applicationServerKey'>): VapidCapability {
  return { applicationServerKey }
}

/** RFC 8887 §3 */
function webSocketOf(origin: string): WebSocketCapability {
  return { url: origin.replace(/^http/, 'ws') + paths.webSocket, supportsPush: true }
}

/** RFC 8621 §1.3.2 */
function submissionOf({ sending: { maxDelayMs } }: Pick<SessionOptions, 'sending'>): SubmissionCapability {
  const maxDelayedSend = Math.floor(maxDelayMs / 1000)
  return {
    maxDelayedSend,
    submissionExtensions: {
      DSN: [],
      REQUIRETLS: [],
      ...(maxDelayedSend > 0 && { FUTURERELEASE: [String(maxDelayedSend)] }),
    },
  }
}

/** RFC 9661 §1.2.1. Lists: those of the administrator have either scheme, the owner's address book is an urn */
function sieveOf({ sending: { sieve } }: Pick<SessionOptions, 'sending'>): SieveCapability {
  return {
    maxSizeScriptName: maxScriptNameBytes,
    maxSizeScript: sieve.maxScriptBytes,
    maxNumberScripts: maxScripts,
    maxNumberRedirects: sieve.maxRedirects,
    sieveExtensions: extensions,
    notificationMethods: notifyMethods,
    externalLists: ['tag', 'urn'],
  }
}

/** RFC 9404 §3 */
function blobOf({ maxSizeUpload }: Pick<SessionOptions, 'maxSizeUpload'>): BlobCapability {
  return {
    maxSizeBlobSet: maxSizeUpload,
    maxDataSources,
    supportedTypeNames: blobTypeNames,
    supportedDigestAlgorithms: digestAlgorithms,
  }
}

function coreOf({
  maxSizeUpload,
}: Pick<SessionOptions, 'maxSizeUpload'>): Session['capabilities'][typeof coreCapability] {
  return {
    maxSizeUpload,
    maxConcurrentUpload,
    maxSizeRequest,
    maxConcurrentRequests,
    maxCallsInRequest,
    maxObjectsInGet,
    maxObjectsInSet,
    collationAlgorithms: collations,
  }
}

/** RFC 8621 §1.3.1 */
function mailOf({ maxSizeUpload }: Pick<SessionOptions, 'maxSizeUpload'>): MailCapability {
  return {
    maxMailboxesPerEmail: null,
    maxMailboxDepth,
    maxSizeMailboxName: maxMailboxNameBytes,
    maxSizeAttachmentsPerEmail: maxSizeUpload,
    emailQuerySortOptions: emailSortOptions,
    mayCreateTopLevelMailbox: true,
  }
}

/** Another one when anything else in the object is another, the addresses by which a client reached us aside. */
export function stateOf(login: Login, options: Omit<SessionOptions, 'origin'>): string {
  const told = [
    login.account,
    login.address,
    login.readOnly === true,
    coreOf(options),
    accountCapabilitiesOf(options),
    options.applicationServerKey,
  ]
  return createHash('sha256').update(JSON.stringify(told)).digest('base64url').slice(0, 16)
}

/** All that we know, whole or not. */
export const allCapabilities: ReadonlySet<string> = new Set([
  coreCapability,
  mailCapability,
  submissionCapability,
  vacationCapability,
  sieveCapability,
  quotaCapability,
  contactsCapability,
  blobCapability,
  searchCapability,
  filtersCapability,
  preferencesCapability,
  traceCapability,
  viewCapability,
  webSocketCapability,
  vapidCapability,
])
/** What a server of ours offers. */
export const wholeCapabilities: ReadonlySet<string> = new Set([
  coreCapability,
  mailCapability,
  submissionCapability,
  vacationCapability,
  sieveCapability,
  quotaCapability,
  contactsCapability,
  blobCapability,
  searchCapability,
  filtersCapability,
  preferencesCapability,
  traceCapability,
  viewCapability,
  webSocketCapability,
  vapidCapability,
])
