/** Which capability allows what a request asks for: so that one that is switched off is not only hidden. */
import { savedResult } from './syntax/sequence-set.ts'
import type { FetchItem, Request, RequestName, SearchKey, SearchReturn, StatusItem } from './syntax/request.ts'

/** Upper case, as capabilities are compared */
type Needs = readonly string[]

/** Of the command itself; those of several forms are looked at below. */
const commandNeeds: Record<RequestName, string | undefined> = {
  CAPABILITY: undefined,
  NOOP: undefined,
  LOGOUT: undefined,
  UNAUTHENTICATE: 'UNAUTHENTICATE',
  ID: 'ID',
  STARTTLS: 'STARTTLS',
  COMPRESS: 'COMPRESS=DEFLATE',
  AUTHENTICATE: undefined,
  LOGIN: undefined,
  ENABLE: 'ENABLE',
  NAMESPACE: 'NAMESPACE',
  SELECT: undefined,
  EXAMINE: undefined,
  CREATE: undefined,
  DELETE: undefined,
  RENAME: undefined,
  SUBSCRIBE: undefined,
  UNSUBSCRIBE: undefined,
  LIST: undefined,
  LSUB: undefined,
  GETQUOTA: 'QUOTA',
  GETQUOTAROOT: 'QUOTA',
  SETQUOTA: 'QUOTA',
  GETMETADATA: 'METADATA',
  SETMETADATA: 'METADATA',
  STATUS: undefined,
  APPEND: undefined,
  IDLE: 'IDLE',
  CHECK: undefined,
  CLOSE: undefined,
  UNSELECT: 'UNSELECT',
  EXPUNGE: undefined,
  REPLACE: 'REPLACE',
  SEARCH: undefined,
  ESEARCH: 'MULTISEARCH',
  CANCELUPDATE: 'CONTEXT=SEARCH',
  SORT: 'SORT',
  THREAD: undefined,
  FETCH: undefined,
  STORE: undefined,
  COPY: undefined,
  MOVE: 'MOVE',
}

/** The first capability that the request needs and that is among `off` (upper case). */
export function switchedOff(request: Request, off: ReadonlySet<string>): string | undefined {
  if (off.size === 0) return undefined
  const own = commandNeeds[request.name]
  if (own !== undefined && off.has(own)) return own
  return partNeeds(request).find(name => off.has(name))
}

function partNeeds(request: Request): Needs {
  switch (request.name) {
    case 'SELECT':
    case 'EXAMINE':
      return [...when(request.condstore, 'CONDSTORE'), ...when(request.resync !== undefined, 'QRESYNC')]
    case 'CREATE':
      return when(request.role !== undefined, 'CREATE-SPECIAL-USE')
    case 'LIST':
      return [
        ...when(request.extended, 'LIST-EXTENDED'),
        ...when([...request.select, ...request.give].includes('SPECIAL-USE'), 'SPECIAL-USE'),
        ...when(request.metadata !== undefined, 'LIST-METADATA'),
        ...(request.status ? ['LIST-STATUS', ...statusNeeds(request.status)] : []),
      ]
    case 'STATUS':
      return statusNeeds(request.items)
    case 'APPEND':
      return [
        ...when(request.messages.length > 1, 'MULTIAPPEND'),
        ...when(
          request.messages.some(({ message }) => message.kind === 'catenation'),
          'CATENATE',
        ),
      ]
    case 'REPLACE':
      return when(request.message.message.kind === 'catenation', 'CATENATE')
    case 'EXPUNGE':
      return [...when(request.uids !== undefined, 'UIDPLUS'), ...when(request.uids === savedResult, 'SEARCHRES')]
    case 'SEARCH':
    case 'ESEARCH':
      return [
        ...when(request.give !== undefined, 'ESEARCH'),
        ...returnNeeds(request.give ?? [], 'CONTEXT=SEARCH'),
        ...when(request.partial !== undefined, 'PARTIAL'),
        ...keyNeeds(request.key),
      ]
    case 'SORT':
      return [
        ...when(request.give !== undefined, 'ESORT'),
        ...returnNeeds(request.give ?? [], 'CONTEXT=SORT'),
        ...when(request.partial !== undefined, 'PARTIAL'),
        ...when(
          request.program.some(({ key }) => key === 'DISPLAYFROM' || key === 'DISPLAYTO'),
          'SORT=DISPLAY',
        ),
        ...when(
          request.program.some(({ key }) => key === 'RELEVANCY'),
          'SEARCH=FUZZY',
        ),
        ...keyNeeds(request.key),
      ]
    case 'THREAD':
      return [`THREAD=${request.algorithm}`, ...keyNeeds(request.key)]
    case 'FETCH':
      return [
        ...when(request.messages === savedResult, 'SEARCHRES'),
        ...when(request.changedSince !== undefined, 'CONDSTORE'),
        ...when(request.vanished, 'QRESYNC'),
        ...when(request.partial !== undefined, 'PARTIAL'),
        ...request.items.flatMap(itemNeeds),
      ]
    case 'STORE':
      return [
        ...when(request.messages === savedResult, 'SEARCHRES'),
        ...when(request.unchangedSince !== undefined, 'CONDSTORE'),
      ]
    case 'COPY':
    case 'MOVE':
      return when(request.messages === savedResult, 'SEARCHRES')
    default:
      return []
  }
}

function when(is: boolean, name: string): Needs {
  return is ? [name] : []
}

function itemNeeds({ item }: FetchItem): Needs {
  switch (item) {
    case 'MODSEQ':
      return ['CONDSTORE']
    case 'EMAILID':
    case 'THREADID':
      return ['OBJECTID']
    case 'SAVEDATE':
    case 'PREVIEW':
      return [item]
    case 'BINARY[]':
    case 'BINARY.SIZE[]':
      return ['BINARY']
    default:
      return []
  }
}

function statusNeeds(items: readonly StatusItem[]): Needs {
  const of: Partial<Record<StatusItem, string>> = {
    SIZE: 'STATUS=SIZE',
    HIGHESTMODSEQ: 'CONDSTORE',
    MAILBOXID: 'OBJECTID',
    APPENDLIMIT: 'APPENDLIMIT',
    'DELETED-STORAGE': 'QUOTA=RES-STORAGE',
  }
  return items.flatMap(item => of[item] ?? [])
}

function returnNeeds(give: readonly SearchReturn[], context: 'CONTEXT=SEARCH' | 'CONTEXT=SORT'): Needs {
  return give.flatMap(item => {
    if (item === 'SAVE') return ['SEARCHRES']
    if (item === 'CONTEXT' || item === 'UPDATE') return [context]
    return item === 'RELEVANCY' ? ['SEARCH=FUZZY'] : []
  })
}

function keyNeeds(key: SearchKey): Needs {
  switch (key.key) {
    case 'AND':
    case 'OR':
      return key.of.flatMap(keyNeeds)
    case 'NOT':
      return keyNeeds(key.of)
    case 'FUZZY':
      return ['SEARCH=FUZZY', ...keyNeeds(key.of)]
    case 'OLDER':
    case 'YOUNGER':
      return ['WITHIN']
    case 'SAVEDBEFORE':
    case 'SAVEDON':
    case 'SAVEDSINCE':
    case 'SAVEDATESUPPORTED':
      return ['SAVEDATE']
    case 'EMAILID':
    case 'THREADID':
      return ['OBJECTID']
    case 'MODSEQ':
      return ['CONDSTORE']
    case 'SEQUENCE':
    case 'UID':
      return when(key.set === savedResult, 'SEARCHRES')
    default:
      return []
  }
}
