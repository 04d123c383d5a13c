/** This browser as a device that the server pushes to: subscribed by a click, renewed, and forgotten when somebody signs out. RFC 8620 §7.2, RFC 9749 */
import {
  vapidCapability,
  type Id,
  type PushSubscription as ServerSubscription,
  type VapidCapability,
} from '#protocols/jmap/wire.ts'
import type { Client } from '../../jmap/client.ts'
import type { PushFact } from '../../worker/told.ts'

export type Device = {
  readonly client: Pick<Client, 'batch' | 'send' | 'session'>
  /** The Push API's */
  readonly manager: Pick<PushManager, 'getSubscription' | 'subscribe'>
  /** What was noted of the subscription the last time */
  readonly noted: () => Promise<PushFact | undefined>
  readonly note: (fact: PushFact | undefined) => Promise<void>
}

/** New mail is all that a device is woken for */
const types = ['EmailDelivery']
const renewBeforeMs = 15 * 24 * 3_600_000

export function canPush({ session }: Pick<Client, 'session'>): boolean {
  return keyOf(session) !== undefined
}

/** The browser asks its push service: it throws where there is none, or where notifications are not allowed. */
export async function subscribe(device: Device): Promise<void> {
  const { client, manager, noted, note } = device
  const key = keyOf(client.session)
  if (key === undefined) throw new Error('This server does not push')
  const before = await noted()
  const subscription = await subscriptionFor(manager, key)
  const { endpoint: url, keys = {} } = subscription.toJSON()
  const deviceClientId = before?.deviceClientId ?? newDeviceId()
  const create = {
    device: { deviceClientId, url, keys: { p256dh: keys['p256dh'], auth: keys['auth'] }, types, expires: null },
  }
  const calls = client.batch()
  const set = calls.callForUser('PushSubscription/set', { create, ...(before && { destroy: [before.id] }) })
  const made = (await client.send(calls, { again: false })).of(set).created?.['device']
  if (made?.id === undefined) throw new Error('The server does not take the subscription')
  await note({ id: made.id, deviceClientId, expires: made.expires ?? new Date().toISOString() })
}

async function subscriptionFor(manager: Device['manager'], key: string): Promise<PushSubscription> {
  const applicationServerKey = octets(key)
  const existing = await manager.getSubscription()
  // a subscription belongs to the key with which it was made
  if (existing && base64url(existing.options.applicationServerKey) === key) return existing
  await existing?.unsubscribe()
  return manager.subscribe({ userVisibleOnly: true, applicationServerKey })
}

/** At the beginning of each page: what has gone is made anew, what ends soon goes on. */
export async function renew(device: Device): Promise<void> {
  const { client, manager, noted, note } = device
  const fact = await noted()
  const [found] = fact ? await find(client, fact.id) : []
  if (!fact || !found || !(await manager.getSubscription())) return subscribe(device)
  if (Date.parse(found.expires) - Date.now() > renewBeforeMs) return note({ ...fact, expires: found.expires })
  const calls = client.batch()
  calls.callForUser('PushSubscription/set', { update: { [fact.id]: { expires: null } } })
  await client.send(calls)
  const [renewed] = await find(client, fact.id)
  if (renewed) await note({ ...fact, expires: renewed.expires })
}

export async function unsubscribe({ client, manager, noted, note }: Device): Promise<void> {
  const fact = await noted()
  await (await manager.getSubscription())?.unsubscribe()
  if (!fact) return
  await note(undefined)
  const calls = client.batch()
  calls.callForUser('PushSubscription/set', { destroy: [fact.id] })
  await client.send(calls, { again: false })
}

async function find(client: Device['client'], id: Id): Promise<readonly ServerSubscription[]> {
  const calls = client.batch()
  const get = calls.callForUser('PushSubscription/get', { ids: [id] })
  return (await client.send(calls)).of(get).list
}

function keyOf({ capabilities }: Client['session']): string | undefined {
  return (capabilities as { readonly [vapidCapability]?: VapidCapability })[vapidCapability]?.applicationServerKey
}

function newDeviceId(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(16)).buffer)
}

export function octets(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, sign => sign.charCodeAt(0))
}

function base64url(buffer: ArrayBuffer | null): string {
  const binary = String.fromCharCode(...new Uint8Array(buffer ?? new ArrayBuffer(0)))
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
