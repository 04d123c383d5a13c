/** What is said on a WebSocket, told apart by `@type`. RFC 8887 §4.3 */
import { type PushType, pushTypes, type ProblemDetails, type WebSocketRequestError } from '../wire.ts'
import type { Json } from '../syntax/json.ts'
import { notRequest } from '../syntax/problem.ts'
import { isArray, isObject } from '../syntax/request.ts'

export type Said =
  /** Its envelope is checked by whoever carries it out. */
  | { readonly kind: 'request'; readonly id: string | undefined; readonly value: Json }
  | { readonly kind: 'enable'; readonly types: ReadonlySet<PushType>; readonly since: string | undefined }
  | { readonly kind: 'disable' }
  | { readonly kind: 'wrong'; readonly id: string | null; readonly problem: ProblemDetails }

const maxTypes = 100

export function readSaid(value: Json): Said {
  if (!isObject(value)) return wrong('A message is an object')
  const { id, '@type': type } = value
  switch (typeof type === 'string' ? type : '') {
    case 'Request':
      if (id !== undefined && typeof id !== 'string') return wrong('“id” is a string')
      return { kind: 'request', id, value }
    case 'WebSocketPushEnable':
      return readEnable(value['dataTypes'], value['pushState'])
    case 'WebSocketPushDisable':
      return { kind: 'disable' }
    default:
      return wrong(
        '“@type” is Request, WebSocketPushEnable or WebSocketPushDisable',
        typeof id === 'string' ? id : null,
      )
  }
}

/** Types that we do not know never change. */
function readEnable(dataTypes: Json | undefined, since: Json | undefined): Said {
  if (since !== undefined && since !== null && typeof since !== 'string') return wrong('“pushState” is a string')
  const state = typeof since === 'string' ? since : undefined
  if (dataTypes === undefined || dataTypes === null) return { kind: 'enable', types: new Set(pushTypes), since: state }
  if (!isArray(dataTypes) || dataTypes.length > maxTypes || !dataTypes.every(name => typeof name === 'string'))
    return wrong('“dataTypes” is null or an array of names of types')
  return { kind: 'enable', types: new Set(pushTypes.filter(type => dataTypes.includes(type))), since: state }
}

function wrong(detail: string, id: string | null = null): Said {
  return { kind: 'wrong', id, problem: notRequest(detail) }
}

/** RFC 8887 §4.3.4: members of RFC 7807, and what they answer. */
export function requestError(problem: ProblemDetails, requestId: string | null): WebSocketRequestError {
  return { '@type': 'RequestError', requestId, ...problem }
}
