// RFC 8620 §7.2 with a push service of our own (RFC 8030): verified first, told then, encrypted for the device, retried, forgotten.
import assert from 'node:assert/strict'
import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:https'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { delivery } from '#mail/accounts.testbed.ts'
import { openLocalCa } from '#net/tls/local-ca.ts'
import { resolverOf } from '../../http/image-proxy.testbed.ts'
import { type JmapBed, withJmap } from '../jmap.testbed.ts'
import type { JsonObject, PushVerification, StateChange } from '../wire.ts'
import { Pusher } from './pusher.ts'
import { createVapid } from './vapid.ts'

type Pushed = {
  readonly path: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly message: unknown
}

/** A browser's half: keys, and what it reads with them (RFC 8291 §3). */
class Device {
  readonly #key = createECDH('prime256v1')
  readonly #secret = randomBytes(16)

  constructor() {
    this.#key.generateKeys()
  }

  get keys(): { readonly p256dh: string; readonly auth: string } {
    return { p256dh: this.#key.getPublicKey('base64url'), auth: this.#secret.toString('base64url') }
  }

  read(body: Buffer): unknown {
    const [salt, sender, sealed] = [body.subarray(0, 16), body.subarray(21, 86), body.subarray(86)]
    assert.equal(body.readUInt32BE(16), 4096)
    const info = Buffer.concat([Buffer.from('WebPush: info\0'), this.#key.getPublicKey(), sender])
    const derive = (secret: Uint8Array, by: Uint8Array, what: Uint8Array, bytes: number) =>
      Buffer.from(hkdfSync('sha256', secret, by, what, bytes))
    const material = derive(this.#key.computeSecret(sender), this.#secret, info, 32)
    const key = derive(material, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16)
    const nonce = derive(material, salt, Buffer.from('Content-Encoding: nonce\0'), 12)
    const decipher = createDecipheriv('aes-128-gcm', key, nonce)
    decipher.setAuthTag(sealed.subarray(-16))
    const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
    assert.equal(plain.at(-1), 2)
    return JSON.parse(plain.subarray(0, -1).toString())
  }
}

type PushBed = JmapBed & {
  readonly device: Device
  readonly pushes: Pushed[]
  /** What the service answers from now on, first one first, then 201 */
  readonly answers: { readonly status: number; readonly retryAfter?: string }[]
  /** At the service */
  readonly url: string
  subscribe(more?: object): Promise<string>
  next(): Promise<Pushed>
  restart(): Promise<void>
}

async function withPush(act: (bed: PushBed) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'push-'))
  const ca = await openLocalCa(folder)
  const device = new Device()
  const pushes: Pushed[] = []
  const answers: { status: number; retryAfter?: string }[] = []
  const service = createServer(await ca.issueServer(['push.internet.test']), (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { status, retryAfter } = answers.shift() ?? { status: 201 }
      response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter }).end()
      if (status >= 300) return
      const body = Buffer.concat(chunks)
      const isSealed = request.headers['content-encoding'] === 'aes128gcm'
      const message: unknown = isSealed ? device.read(body) : JSON.parse(body.toString())
      pushes.push({ path: request.url ?? '', headers: request.headers, message })
    })
  })
  await once(service.listen(0, '127.0.0.1'), 'listening')
  const { port } = service.address() as AddressInfo
  const url = `https://push.internet.test:${port}/send/1`
  try {
    await withJmap(async bed => {
      const begin = () =>
        new Pusher({
          subscriptions: bed.access.pushSubscriptions,
          accounts: bed.accounts,
          sending: () => bed.sending,
          clock: systemClock,
          log: silentLog,
          vapid: createVapid(new Uint8Array(32).fill(7), 'mailto:postmaster@home.test'),
          resolver: resolverOf(name => (name === 'push.internet.test' ? ['127.0.0.1'] : ['192.0.2.1'])),
          alsoAllowed: (address, at) => address === '127.0.0.1' && at === port,
          ca: ca.certificatePem,
          delays: { gap: 20, firstRetry: 50, lastRetry: 200 },
        })
      let pusher = begin()
      try {
        await act({
          ...bed,
          device,
          pushes,
          answers,
          url,
          subscribe: more => subscribe(bed, { url, keys: device.keys, ...more }),
          next: () => next(pushes),
          async restart() {
            await pusher[Symbol.asyncDispose]()
            pusher = begin()
          },
        })
      } finally {
        await pusher[Symbol.asyncDispose]()
      }
    })
  } finally {
    service.closeAllConnections()
    await new Promise(resolve => service.close(resolve))
    await rm(folder, { recursive: true })
  }
}

async function set(bed: JmapBed, given: object): Promise<JsonObject> {
  const [response] = await bed.calls(['PushSubscription/set', given])
  assert.equal(response?.[0], 'PushSubscription/set', JSON.stringify(response))
  return response[1]
}

async function subscribe(bed: JmapBed, more: object): Promise<string> {
  const { created } = await set(bed, { create: { p: { deviceClientId: 'phone-1', types: null, ...more } } })
  const { id } = (created as { readonly p: { readonly id: string } }).p
  return id
}

async function list(bed: JmapBed): Promise<readonly JsonObject[]> {
  const [response] = await bed.calls(['PushSubscription/get', { ids: null }])
  assert.ok(response)
  return (response[1] as unknown as { readonly list: readonly JsonObject[] }).list
}

async function next(pushes: Pushed[]): Promise<Pushed> {
  for (const end = performance.now() + 5_000; pushes.length === 0; await sleep(5))
    assert.ok(performance.now() < end, 'Nothing was pushed')
  const pushed = pushes.shift()
  assert.ok(pushed)
  return pushed
}

async function verified(bed: PushBed, more: object = {}): Promise<string> {
  const id = await bed.subscribe(more)
  const { message } = await bed.next()
  const { verificationCode } = message as PushVerification
  assert.deepEqual((await set(bed, { update: { [id]: { verificationCode } } }))['updated'], { [id]: null })
  return id
}

const deliver = (bed: JmapBed) =>
  bed.accounts.deliver(delivery(bed.account, { recipient: 'yuki@home.test' }), AbortSignal.timeout(5_000))

test('verified by a push, told by pushes: encrypted for the device, for us by VAPID, nothing in it but states', async () => {
  await withPush(async bed => {
    const id = await bed.subscribe({ types: ['EmailDelivery', 'Email'] })
    const verification = await bed.next()
    assert.equal(verification.path, '/send/1')
    const { headers } = verification
    assert.deepEqual(
      [headers['content-type'], headers['content-encoding'], headers['ttl'], headers['urgency']],
      ['application/json', 'aes128gcm', '86400', 'normal'],
    )
    assert.match(String(headers['topic']), /^[\w-]{1,32}$/)
    assert.match(String(headers['authorization']), /^vapid t=.*, k=/)
    const { verificationCode } = verification.message as PushVerification
    assert.deepEqual(verification.message, { '@type': 'PushVerification', pushSubscriptionId: id, verificationCode })
    await deliver(bed)
    await sleep(100)
    assert.equal(bed.pushes.length, 0, 'told before it was verified')
    const wrong = await set(bed, { update: { [id]: { verificationCode: `${verificationCode}x` } } })
    assert.deepEqual(wrong['notUpdated'], {
      [id]: {
        type: 'invalidProperties',
        properties: ['verificationCode'],
        description: 'It is not the one that was sent',
      },
    })
    assert.deepEqual((await list(bed))[0]?.['verificationCode'], null)
    await set(bed, { update: { [id]: { verificationCode } } })
    assert.deepEqual((await list(bed))[0]?.['verificationCode'], verificationCode)
    await deliver(bed)
    const { state } = await bed.call('Email/get', { ids: [] })
    const told = (await bed.next()).message as StateChange
    assert.deepEqual(Object.keys(told.changed[bed.accountId] ?? {}).toSorted(), ['Email', 'EmailDelivery'])
    assert.equal(told.changed[bed.accountId]?.['Email'], state)
  })
})

test('what a service does not take is told later, the newest states alone; one that is gone is forgotten', async () => {
  await withPush(async bed => {
    await verified(bed, { types: ['Email'] })
    bed.answers.push({ status: 500 }, { status: 429, retryAfter: '0' }, { status: 503 })
    await deliver(bed)
    await deliver(bed)
    const { state } = await bed.call('Email/get', { ids: [] })
    let told = (await bed.next()).message as StateChange
    // the first may have gone out between the two deliveries
    if (told.changed[bed.accountId]?.['Email'] !== state) told = (await bed.next()).message as StateChange
    assert.deepEqual(told.changed, { [bed.accountId]: { Email: state } })
    assert.equal(bed.answers.length, 0)
    bed.answers.push({ status: 410 })
    await deliver(bed)
    for (const end = performance.now() + 5_000; (await list(bed)).length > 0; await sleep(10))
      assert.ok(performance.now() < end, 'It was kept')
  })
})

test('over a restart: what changed meanwhile is told, what was told is not told again', async () => {
  await withPush(async bed => {
    await verified(bed, { types: ['Email'] })
    await deliver(bed)
    await bed.next()
    // one whose answer is lost is told again; this one has its answer
    await sleep(100)
    await bed.restart()
    await sleep(200)
    assert.deepEqual(bed.pushes, [])
    await bed.restart()
    await deliver(bed)
    const { state } = await bed.call('Email/get', { ids: [] })
    assert.equal(((await bed.next()).message as StateChange).changed[bed.accountId]?.['Email'], state)
  })
})

test('without keys it goes in the clear over TLS; other types, another end, and then none', async () => {
  await withPush(async bed => {
    const id = await verified(bed, { keys: null, types: ['Mailbox'] })
    await set(bed, { update: { [id]: { types: ['Quota', 'EmailDelivery'] } } })
    await deliver(bed)
    const pushed = await bed.next()
    assert.equal(pushed.headers['content-encoding'], undefined)
    const { changed } = pushed.message as StateChange
    assert.deepEqual(Object.keys(changed[bed.accountId] ?? {}).toSorted(), ['EmailDelivery', 'Quota'])
    const late = { update: { [id]: { expires: '2099-01-01T00:00:00Z' } } }
    assert.deepEqual((await set(bed, late))['updated'], { [id]: null })
    const [one] = await list(bed)
    assert.ok(Date.parse(one?.['expires'] as string) < Date.now() + 31 * 86_400_000)
    assert.deepEqual((await set(bed, { destroy: [id, 'none'] }))['destroyed'], [id])
    await deliver(bed)
    await sleep(100)
    assert.deepEqual(bed.pushes, [])
  })
})

test('a disabled user is told nothing, and a new password ends what was subscribed with the old one', async () => {
  await withPush(async bed => {
    await verified(bed, { types: ['Email'] })
    await bed.directory.setEnabled('yuki@home.test', false)
    await deliver(bed).catch(() => undefined)
    await sleep(100)
    assert.deepEqual(bed.pushes, [])
    assert.deepEqual(bed.access.pushSubscriptions.list(bed.account), [])
  })
})

test('a subscriber’s URL leads nowhere but to the public internet', async () => {
  await withPush(async bed => {
    for (const url of ['https://127.0.0.1:1/', 'https://router.internet.test/', 'https://[::1]/'])
      await bed.subscribe({ url, deviceClientId: url })
    await sleep(150)
    assert.deepEqual(bed.pushes, [])
    assert.ok((await list(bed)).every(one => one['verificationCode'] === null))
  })
})

test('errors: URLs, keys and properties that are none, too many, secrets that are asked for', async () => {
  await withPush(async bed => {
    const good = { deviceClientId: 'a', url: bed.url, keys: bed.device.keys, types: null }
    const wrong: readonly (readonly [object, string])[] = [
      [{ url: 'http://push.internet.test/' }, 'url'],
      [{ url: 'https://user:word@push.internet.test/' }, 'url'],
      [{ url: 'nowhere' }, 'url'],
      [{ keys: { p256dh: 'AA', auth: 'AA' } }, 'keys'],
      [{ keys: {} }, 'keys'],
      [{ deviceClientId: '' }, 'deviceClientId'],
      [{ types: 'Email' }, 'types'],
      [{ verificationCode: 'x' }, 'verificationCode'],
      [{ expires: 'tomorrow' }, 'expires'],
      [{ id: 'x' }, 'id'],
    ]
    for (const [more, property] of wrong) {
      const { notCreated } = await set(bed, { create: { p: { ...good, ...more } } })
      const error = (notCreated as { readonly p?: JsonObject } | null)?.p
      assert.deepEqual(
        [error?.['type'], error?.['properties']],
        ['invalidProperties', [property]],
        JSON.stringify(more),
      )
    }
    const { notUpdated } = await set(bed, { update: { none: { types: null } } })
    assert.deepEqual(notUpdated, { none: { type: 'notFound' } })
    const create = Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`p${at}`, good]))
    const { created, notCreated } = await set(bed, { create })
    assert.equal(Object.keys(created ?? {}).length, 20)
    assert.equal((Object.values(notCreated ?? {})[0] as JsonObject)['type'], 'overQuota')
    const [url] = await bed.calls(['PushSubscription/get', { ids: null, properties: ['id', 'url'] }])
    assert.deepEqual([url?.[0], url?.[1]['type']], ['error', 'forbidden'])
    const [unknown] = await bed.calls(['PushSubscription/get', { ids: null, properties: ['colour'] }])
    assert.deepEqual([unknown?.[0], unknown?.[1]['type']], ['error', 'invalidArguments'])
  })
})
