import assert from 'node:assert/strict'
import test from 'node:test'
import type { Invocation, JsonObject } from '#protocols/jmap/wire.ts'
import { Answers, Batch } from '../../jmap/batch.ts'
import type { PushFact } from '../../worker/told.ts'
import { type Device, octets, renew, subscribe, unsubscribe } from './push-device.ts'

const key = Buffer.from(Array.from({ length: 65 }, (_, at) => at * 3)).toString('base64url')
const day = 24 * 3_600_000

/** A push service and a server in memory. */
function openBed() {
  const server = new Map<string, { readonly id: string; expires: string; readonly url: string }>()
  const asked: JsonObject[] = []
  let made = 0
  const methods = (name: string, given: JsonObject): object => {
    asked.push(given)
    const { create, destroy, update, ids } = given as Readonly<Record<string, unknown>>
    if (name === 'PushSubscription/get') return { list: (ids as string[]).flatMap(id => server.get(id) ?? []) }
    for (const id of (destroy ?? []) as string[]) server.delete(id)
    for (const id of Object.keys(update ?? {})) {
      const one = server.get(id)
      if (one) one.expires = new Date(Date.now() + 30 * day).toISOString()
    }
    const device = (create as { readonly device: { readonly url: string } } | undefined)?.device
    if (!device) return {}
    const one = { id: `P${++made}`, url: device.url, expires: new Date(Date.now() + 30 * day).toISOString() }
    server.set(one.id, one)
    return { created: { device: one } }
  }
  const client = {
    session: { capabilities: { 'urn:ietf:params:jmap:webpush-vapid': { applicationServerKey: key } } },
    batch: () => new Batch('A1'),
    send: (batch: Batch) =>
      Promise.resolve(
        new Answers(batch.calls.map(([name, given, id]): Invocation => [name, methods(name, given) as JsonObject, id])),
      ),
  }
  let standing: PushSubscription | undefined
  let endpoints = 0
  const manager = {
    getSubscription: () => Promise.resolve(standing ?? null),
    subscribe(options: PushSubscriptionOptionsInit) {
      const endpoint = `https://push.example/${++endpoints}`
      standing = {
        endpoint,
        options: { applicationServerKey: (options.applicationServerKey as Uint8Array<ArrayBuffer>).buffer },
        toJSON: () => ({ endpoint, keys: { p256dh: 'p', auth: 'a' } }),
        unsubscribe() {
          standing = undefined
          return Promise.resolve(true)
        },
      } as unknown as PushSubscription
      return Promise.resolve(standing)
    },
  }
  let fact: PushFact | undefined
  const device = {
    client,
    manager,
    noted: () => Promise.resolve(fact),
    note: (now: PushFact | undefined) => Promise.resolve(void (fact = now)),
  } as unknown as Device
  return { device, server, asked, fact: () => fact, lose: () => (standing = undefined), standing: () => standing }
}

test('subscribed with the key of the server, and for what is delivered alone', async () => {
  const bed = openBed()
  await subscribe(bed.device)
  const [given] = bed.asked
  assert.equal(given && 'accountId' in given, false, 'it belongs to the user')
  const { deviceClientId, ...device } =
    ((given?.['create'] ?? {}) as Record<string, Record<string, unknown>>)['device'] ?? {}
  assert.match(String(deviceClientId), /^[\w-]{22}$/)
  const expected = {
    url: 'https://push.example/1',
    keys: { p256dh: 'p', auth: 'a' },
    types: ['EmailDelivery'],
    expires: null,
  }
  assert.deepEqual(device, expected)
  assert.equal(bed.fact()?.id, 'P1')
  assert.deepEqual(Buffer.from(octets(key)).toString('base64url'), key)
})

test('renewed before it ends, made anew where it is gone on either side, and one at a time', async () => {
  const bed = openBed()
  await subscribe(bed.device)
  await renew(bed.device)
  assert.equal(bed.server.size, 1)
  const [one] = bed.server.values()
  assert.ok(one)
  one.expires = new Date(Date.now() + 2 * day).toISOString()
  await renew(bed.device)
  assert.ok(Date.parse(one.expires) > Date.now() + 20 * day)
  assert.equal(bed.fact()?.expires, one.expires)
  bed.server.clear()
  await renew(bed.device)
  bed.lose()
  await renew(bed.device)
  assert.deepEqual(
    [...bed.server.values()].map(({ url }) => url),
    ['https://push.example/2'],
  )
})

test('whoever signs out is pushed to no more', async () => {
  const bed = openBed()
  await subscribe(bed.device)
  await unsubscribe(bed.device)
  assert.equal(bed.server.size, 0)
  assert.equal(bed.standing(), undefined)
  assert.equal(bed.fact(), undefined)
})
