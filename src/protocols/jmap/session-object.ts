/** What a login may see and how large things may be. RFC 8620 §2 */
import { createHash } from 'node:crypto'
import type { Login } from '#mail/auth.ts'
import { printAccountId } from '#mail/object-ids.ts'
import {
  maxCallsInRequest,
  maxConcurrentRequests,
  maxConcurrentUpload,
  maxObjectsInGet,
  maxObjectsInSet,
  maxSizeRequest,
} from './limits.ts'
import { coreCapability, type Session } from './wire.ts'

export type SessionOptions = {
  readonly maxSizeUpload: number
  /** `https://mail.example.org`: as the client names us */
  readonly origin: string
}

export const paths = {
  wellKnown: '/.well-known/jmap',
  session: '/jmap/session',
  api: '/jmap/api',
  upload: '/jmap/upload/',
  download: '/jmap/download/',
  events: '/jmap/events',
} as const

export function sessionFor(login: Login, options: SessionOptions): Session {
  const { origin } = options
  const account = printAccountId(login.account)
  const session = {
    capabilities: { [coreCapability]: coreOf(options) },
    accounts: {
      [account]: { name: login.address, isPersonal: true, isReadOnly: false, accountCapabilities: {} },
    },
    primaryAccounts: {},
    username: login.address,
    apiUrl: origin + paths.api,
    downloadUrl: `${origin}${paths.download}{accountId}/{blobId}/{name}?type={type}`,
    uploadUrl: `${origin}${paths.upload}{accountId}/`,
    eventSourceUrl: `${origin}${paths.events}?types={types}&closeafter={closeafter}&ping={ping}`,
  }
  return { ...session, state: stateOf(login, options) }
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
    collationAlgorithms: [],
  }
}

/** Another one when anything else in the object is another, the addresses by which a client reached us aside. */
export function stateOf(login: Login, options: Pick<SessionOptions, 'maxSizeUpload'>): string {
  const told = JSON.stringify([login.account, login.address, coreOf(options)])
  return createHash('sha256').update(told).digest('base64url').slice(0, 16)
}

/** Capabilities that `using` may name. */
export const knownCapabilities: ReadonlySet<string> = new Set([coreCapability])
