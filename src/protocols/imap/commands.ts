/** The table of commands. A request whose command is missing here does not compile. */
import { append } from './commands/append.ts'
import { authenticate } from './commands/authenticate.ts'
import { cancelUpdate } from './commands/cancel-update.ts'
import { capability } from './commands/capability.ts'
import { close, unselect } from './commands/close.ts'
import { compress } from './commands/compress.ts'
import { copy, move } from './commands/copy.ts'
import { enable } from './commands/enable.ts'
import { esearch } from './commands/esearch.ts'
import { expunge } from './commands/expunge.ts'
import { fetch } from './commands/fetch.ts'
import { id } from './commands/id.ts'
import { idle } from './commands/idle.ts'
import { list, lsub } from './commands/list.ts'
import { login } from './commands/login.ts'
import { logout } from './commands/logout.ts'
import { create, remove, rename, subscribe, unsubscribe } from './commands/mailboxes.ts'
import { getMetadata, setMetadata } from './commands/metadata.ts'
import { namespace } from './commands/namespace.ts'
import { check, noop } from './commands/noop.ts'
import { notify } from './commands/notify.ts'
import { getQuota, getQuotaRoot, setQuota } from './commands/quota.ts'
import { replace } from './commands/replace.ts'
import { search } from './commands/search.ts'
import { examine, select } from './commands/select.ts'
import { sort } from './commands/sort.ts'
import { starttls } from './commands/starttls.ts'
import { status } from './commands/status.ts'
import { store } from './commands/store.ts'
import { thread } from './commands/thread.ts'
import { unauthenticate } from './commands/unauthenticate.ts'
import type { Peer } from './peer.ts'
import type { Reply } from './reply.ts'
import type { Session, SessionKind } from './session.ts'
import type { Request, RequestName } from './syntax/request.ts'
import { usesNumbers } from './uid-only.ts'

const commands = {
  CAPABILITY: capability,
  NOOP: noop,
  LOGOUT: logout,
  UNAUTHENTICATE: unauthenticate,
  ID: id,
  STARTTLS: starttls,
  COMPRESS: compress,
  AUTHENTICATE: authenticate,
  LOGIN: login,
  ENABLE: enable,
  NAMESPACE: namespace,
  SELECT: select,
  EXAMINE: examine,
  CREATE: create,
  DELETE: remove,
  RENAME: rename,
  SUBSCRIBE: subscribe,
  UNSUBSCRIBE: unsubscribe,
  LIST: list,
  LSUB: lsub,
  GETQUOTA: getQuota,
  GETQUOTAROOT: getQuotaRoot,
  SETQUOTA: setQuota,
  GETMETADATA: getMetadata,
  SETMETADATA: setMetadata,
  NOTIFY: notify,
  STATUS: status,
  APPEND: append,
  IDLE: idle,
  CHECK: check,
  CLOSE: close,
  UNSELECT: unselect,
  EXPUNGE: expunge,
  REPLACE: replace,
  SEARCH: search,
  ESEARCH: esearch,
  CANCELUPDATE: cancelUpdate,
  SORT: sort,
  THREAD: thread,
  FETCH: fetch,
  STORE: store,
  COPY: copy,
  MOVE: move,
} satisfies Record<RequestName, { readonly name: RequestName; readonly states: readonly SessionKind[] }>

/** A row of the table as the loop sees it. The state is checked before `run` is called, which is what the types stand for. */
type AnyCommand = {
  readonly name: RequestName
  readonly states: readonly SessionKind[]
  run(request: Request, session: Session, peer: Peer, tag: string): Promise<Reply> | Reply
}

export function commandFor(request: Request): AnyCommand {
  return commands[request.name] as unknown as AnyCommand
}

const numbered: ReadonlySet<RequestName> = new Set(['FETCH', 'STORE', 'SEARCH', 'SORT', 'THREAD'])

/**
 * Message numbers in the request or its answer must keep their meaning until the tagged reply: no EXPUNGE before it. With UIDs
 * nothing is lost by it (RFC 9051 §7.5.1), unless a search by UID has numbers among its keys (RFC 7162 §3.2.10.2).
 */
export function allowsExpunges(request: Request): boolean {
  if ('key' in request && usesNumbers(request)) return false
  return !numbered.has(request.name) || !('byUid' in request) || request.byUid
}
