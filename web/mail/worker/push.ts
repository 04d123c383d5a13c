/**
 * What a push brings: states and nothing else (RFC 8620 §7.1), so the server is asked what is new, with the session of this browser. Where it does not
 * answer, or nobody is signed in any more, that there is something is all that can be said.
 */
import type {
  Id,
  Invocation,
  JsonObject,
  Mailbox,
  PushSubscription as ServerSubscription,
  Response as JmapResponse,
  Session,
} from '#protocols/jmap/wire.ts'
import type { EmailRow } from '../model/emails.ts'
import { isNews, newLetter } from '../model/notify/letters.ts'
import { openShelf } from '../model/offline/indexed-shelf.ts'
import type { Shelf } from '../model/offline/shelf.ts'
import type { SignedIn } from '../jmap/sign-in.ts'
import { hear, showNothing, showReady, showUnknown } from './notifications.ts'
import { scope, type SubscriptionEvent } from './scope.ts'
import type { NewLetter, PushFact } from './told.ts'

type Kept = { readonly user: SignedIn; readonly session: Session }
type Message =
  | { readonly '@type': 'PushVerification'; readonly pushSubscriptionId: Id; readonly verificationCode: string }
  | { readonly '@type': 'StateChange' }

const answerMs = 20_000
const maxChanges = 50
const renewBeforeMs = 15 * 24 * 3_600_000
const rowProperties = ['id', 'threadId', 'mailboxIds', 'keywords', 'from', 'subject', 'receivedAt']

export async function pushed(message: Message | undefined): Promise<void> {
  try {
    if (message?.['@type'] === 'PushVerification') return await verify(message)
    const letters = await onShelf(whatIsNew)
    if (letters.length > 0) await hear({ kind: 'new', letters })
    else await showNothing()
  } catch {
    await showUnknown()
  }
}

/** RFC 8620 §7.2.2 */
async function verify({
  pushSubscriptionId: id,
  verificationCode,
}: Extract<Message, { verificationCode: string }>): Promise<void> {
  const isVerified = await onShelf(async (_shelf, { session }) => {
    const [answer] = await call(session, [['PushSubscription/set', { update: { [id]: { verificationCode } } }, 's']])
    return Object.hasOwn((answer?.[1]['updated'] as object | null) ?? {}, id)
  })
  await (isVerified ? showReady() : showNothing())
}

/** A browser makes subscriptions anew by itself: the server is told the new one. Push API §9.3 */
export async function subscriptionChanged({ oldSubscription, newSubscription }: SubscriptionEvent): Promise<void> {
  const options = oldSubscription?.options
  const now = newSubscription ?? (options && (await scope.registration.pushManager.subscribe(options)))
  await onShelf(async (shelf, { session }) => {
    const push = await shelf.get<PushFact>('facts', 'push')
    if (!push || !now) return
    const { endpoint: url, keys = {} } = now.toJSON()
    const device = { deviceClientId: push.deviceClientId, url, types: ['EmailDelivery'] }
    const create = {
      device: { ...device, keys: { p256dh: keys['p256dh'], auth: keys['auth'] } },
    } as unknown as JsonObject
    const [answer] = await call(session, [['PushSubscription/set', { create, destroy: [push.id] }, 's']])
    const made = (answer?.[1]['created'] as Record<string, ServerSubscription> | undefined)?.['device']
    if (made) await shelf.change([{ in: 'facts', key: 'push', value: { ...push, id: made.id, expires: made.expires } }])
  })
}

async function whatIsNew(shelf: Shelf, { user, session }: Kept, accountId: Id): Promise<readonly NewLetter[]> {
  const since = await shelf.get<string>('facts', 'pushState')
  const mine = { accountId }
  const ref = (resultOf: string, name: string, path: string) => ({ resultOf, name, path })
  const created = { '#ids': ref('c', 'Email/changes', '/created'), properties: rowProperties }
  const answers = await call(session, [
    ['Mailbox/get', { ...mine, ids: null, properties: ['id', 'role', 'unreadThreads'] }, 'm'],
    ['Email/get', { ...mine, ids: [], properties: ['id'] }, 'n'],
    ...(since === undefined
      ? []
      : ([
          ['Email/changes', { ...mine, sinceState: since, maxChanges }, 'c'],
          ['Email/get', { ...mine, ...created }, 'e'],
        ] satisfies Invocation[])),
  ])
  const of = (id: string) =>
    answers.find(([name, , one]) => one === id && name !== 'error')?.[1] as Record<string, unknown> | undefined
  const inbox = (of('m')?.['list'] as readonly Mailbox[] | undefined)?.find(({ role }) => role === 'inbox')
  const state = of('c')?.['newState'] ?? of('n')?.['state']
  await shelf.change([{ in: 'facts', key: 'pushState', value: state }])
  await scope.badge?.(inbox?.unreadThreads ?? 0)
  await renew(shelf, session)
  const rows = of('e')?.['list'] as readonly EmailRow[] | undefined
  // since when is not known, or too much has come
  if (!rows || !inbox) throw new Error('It cannot be said what is new')
  return rows.filter(row => isNews(row, inbox.id, user.username)).map(newLetter)
}

/** Before the server forgets us (30 days) */
async function renew(shelf: Shelf, session: Session): Promise<void> {
  const push = await shelf.get<PushFact>('facts', 'push')
  if (!push || Date.parse(push.expires) - Date.now() > renewBeforeMs) return
  const update = { [push.id]: { expires: null } }
  const get = { ids: [push.id], properties: ['id', 'expires'] }
  const answers = await call(session, [
    ['PushSubscription/set', { update }, 's'],
    ['PushSubscription/get', get, 'g'],
  ])
  const [found] = (answers[1]?.[1]['list'] ?? []) as readonly ServerSubscription[]
  if (found) await shelf.change([{ in: 'facts', key: 'push', value: { ...push, expires: found.expires } }])
}

/** Throws where nobody is signed in. */
async function onShelf<Value>(act: (shelf: Shelf, kept: Kept, accountId: Id) => Promise<Value>): Promise<Value> {
  const opened = await openShelf()
  if (!opened) throw new Error('Nobody is signed in')
  const { shelf, accountId } = opened
  try {
    const kept = await shelf.get<Kept>('facts', 'session')
    if (!kept) throw new Error('Nobody is signed in')
    return await act(shelf, kept, accountId)
  } finally {
    shelf.close()
  }
}

async function call(session: Session, methodCalls: readonly Invocation[]): Promise<readonly Invocation[]> {
  const response = await fetch(session.apiUrl.replace(/^https?:\/\/[^/]+/, ''), {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ using: Object.keys(session.capabilities), methodCalls }),
    signal: AbortSignal.timeout(answerMs),
  })
  if (!response.ok) throw new Error(`The server answered ${response.status}`)
  return ((await response.json()) as JmapResponse).methodResponses
}
