/** Which capability allows what a request asks for: so that one that is switched off is not only hidden. */
import { savedResult } from './syntax/sequence-set.ts'
import type {
  AppendMessage,
  FetchItem,
  Request,
  RequestName,
  RequestNamed,
  SearchKey,
  SearchReturn,
  StatusItem,
} from './syntax/request.ts'
import { someKey } from './syntax/search-keys.ts'

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
  SETQUOTA: 'QUOTASET',
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
  NOTIFY: 'NOTIFY',
}

/** The first capability that the request needs and that is among `off` (upper case). */
export function switchedOff(request: Request, off: ReadonlySet<string>): string | undefined {
  if (off.size === 0) return undefined
  const own = commandNeeds[request.name]
  if (own !== undefined && off.has(own)) return own
  // the row of a name takes the request of that name
  const needs = partNeeds[request.name] as ((request: Request) => Needs) | undefined
  return needs?.(request).find(name => off.has(name))
}

type PartNeeds = { readonly [Name in RequestName]?: (request: RequestNamed<Name>) => Needs }

/** Of what the command is asked to do. */
const partNeeds: PartNeeds = {
  SELECT: selectNeeds,
  EXAMINE: selectNeeds,
  CREATE: request => when(request.role !== undefined, 'CREATE-SPECIAL-USE'),
  LIST: request => [
    ...when(request.extended, 'LIST-EXTENDED'),
    ...when([...request.select, ...request.give].includes('SPECIAL-USE'), 'SPECIAL-USE'),
    ...when(request.metadata !== undefined, 'LIST-METADATA'),
    ...(request.status ? ['LIST-STATUS', ...statusNeeds(request.status)] : []),
  ],
  STATUS: request => statusNeeds(request.items),
  APPEND: request => [...when(request.messages.length > 1, 'MULTIAPPEND'), ...request.messages.flatMap(contentNeeds)],
  REPLACE: request => contentNeeds(request.message),
  EXPUNGE: request => [
    ...when(request.uids !== undefined, 'UIDPLUS'),
    ...when(request.uids === savedResult, 'SEARCHRES'),
  ],
  SEARCH: searchNeeds,
  ESEARCH: searchNeeds,
  SORT: request => [
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
  ],
  THREAD: request => [`THREAD=${request.algorithm}`, ...keyNeeds(request.key)],
  FETCH: request => [
    ...when(request.messages === savedResult, 'SEARCHRES'),
    ...when(request.changedSince !== undefined, 'CONDSTORE'),
    ...when(request.vanished, 'QRESYNC'),
    ...when(request.partial !== undefined, 'PARTIAL'),
    ...request.items.flatMap(({ item }) => itemNeeds[item] ?? []),
  ],
  STORE: request => [
    ...when(request.messages === savedResult, 'SEARCHRES'),
    ...when(request.unchangedSince !== undefined, 'CONDSTORE'),
  ],
  COPY: request => when(request.messages === savedResult, 'SEARCHRES'),
  MOVE: request => when(request.messages === savedResult, 'SEARCHRES'),
}

function contentNeeds({ message }: AppendMessage): Needs {
  if (message.kind === 'utf8') return ['UTF8=ACCEPT']
  if (message.kind !== 'catenation') return when(message.binary, 'BINARY')
  return [
    'CATENATE',
    ...when(
      message.parts.some(({ kind }) => kind === 'utf8'),
      'UTF8=ACCEPT',
    ),
  ]
}

function selectNeeds(request: RequestNamed<'SELECT' | 'EXAMINE'>): Needs {
  return [...when(request.condstore, 'CONDSTORE'), ...when(request.resync !== undefined, 'QRESYNC')]
}

function searchNeeds(request: RequestNamed<'SEARCH' | 'ESEARCH'>): Needs {
  return [
    ...when(request.give !== undefined, 'ESEARCH'),
    ...returnNeeds(request.give ?? [], 'CONTEXT=SEARCH'),
    ...when(request.partial !== undefined, 'PARTIAL'),
    ...keyNeeds(request.key),
  ]
}

function when(is: boolean, name: string): Needs {
  return is ? [name] : []
}

const itemNeeds: { readonly [Item in FetchItem['item']]?: string } = {
  MODSEQ: 'CONDSTORE',
  EMAILID: 'OBJECTID',
  THREADID: 'OBJECTID',
  SAVEDATE: 'SAVEDATE',
  PREVIEW: 'PREVIEW',
  'BINARY[]': 'BINARY',
  'BINARY.SIZE[]': 'BINARY',
}

const statusItemNeeds: { readonly [Item in StatusItem]?: string } = {
  SIZE: 'STATUS=SIZE',
  HIGHESTMODSEQ: 'CONDSTORE',
  MAILBOXID: 'OBJECTID',
  APPENDLIMIT: 'APPENDLIMIT',
  'DELETED-STORAGE': 'QUOTA=RES-STORAGE',
}

function statusNeeds(items: readonly StatusItem[]): Needs {
  return items.flatMap(item => statusItemNeeds[item] ?? [])
}

function returnNeeds(give: readonly SearchReturn[], context: 'CONTEXT=SEARCH' | 'CONTEXT=SORT'): Needs {
  return give.flatMap(item => {
    if (item === 'SAVE') return ['SEARCHRES']
    if (item === 'CONTEXT' || item === 'UPDATE') return [context]
    return item === 'RELEVANCY' ? ['SEARCH=FUZZY'] : []
  })
}

const searchKeyNeeds: { readonly [Key in SearchKey['key']]?: string } = {
  FUZZY: 'SEARCH=FUZZY',
  OLDER: 'WITHIN',
  YOUNGER: 'WITHIN',
  SAVEDBEFORE: 'SAVEDATE',
  SAVEDON: 'SAVEDATE',
  SAVEDSINCE: 'SAVEDATE',
  SAVEDATESUPPORTED: 'SAVEDATE',
  EMAILID: 'OBJECTID',
  THREADID: 'OBJECTID',
  MODSEQ: 'CONDSTORE',
}

function keyNeeds(key: SearchKey): Needs {
  const needs = new Set<string>()
  someKey(key, one => {
    const own = 'set' in one && one.set === savedResult ? 'SEARCHRES' : searchKeyNeeds[one.key]
    if (own !== undefined) needs.add(own)
    return false
  })
  return [...needs]
}
