import assert from 'node:assert/strict'
import test from 'node:test'
import { type Answer, type JmapBed, password, withJmap } from '../jmap/jmap.testbed.ts'
import { createDevice, type Device } from './authenticator.testbed.ts'
import { asks, cookieOf, json, ours, signedIn, signIn } from './sign-in.testbed.ts'

const parse = (answer: Answer) => JSON.parse(answer.bytes.toString())

function post(bed: JmapBed, path: string, body: object, headers = {}): Promise<Answer> {
  const sent = { ...json, ...ours, ...host(bed), ...headers }
  return bed.ask({ method: 'POST', path, headers: sent, body: JSON.stringify(body), anonymous: true })
}

/** WebAuthn knows no addresses as names. */
const host = ({ port }: JmapBed) => ({ host: `localhost:${port}` })
const originOf = ({ port }: JmapBed) => `http://localhost:${port}`

async function enrolled(bed: JmapBed, cookie: string, device: Device): Promise<{ id: string }> {
  const options = await post(bed, '/passkeys/new/options', { password }, { cookie })
  assert.equal(options.status, 200, options.bytes.toString())
  const response = device.create(parse(options), originOf(bed))
  const added = await post(bed, '/passkeys', { name: 'key ring', response }, { cookie })
  assert.equal(added.status, 201, added.bytes.toString())
  return parse(added)
}

const options = async (bed: JmapBed) => parse(await post(bed, '/session/passkey/options', {}))

test('a passkey is enrolled, signs in, and is removed', async () => {
  await withJmap(async bed => {
    const cookie = await signedIn(bed)
    assert.equal((await post(bed, '/passkeys/new/options', { password: 'wrong' }, { cookie })).status, 401)
    const device = createDevice()
    const { id } = await enrolled(bed, cookie, device)
    const passkey = device.get(await options(bed), originOf(bed))
    const answer = await signIn(bed, { passkey }, host(bed))
    assert.equal(answer.status, 200, answer.bytes.toString())
    assert.equal((await asks(bed, cookieOf(answer))('GET', '/session')).status, 200)
    // the same words once more
    assert.equal((await signIn(bed, { passkey }, host(bed))).status, 401)
    assert.deepEqual(parse(await asks(bed, cookie)('GET', '/passkeys')).passkeys[0].name, 'key ring')
    assert.equal((await asks(bed, cookie)('DELETE', `/passkeys/${id}`)).status, 204)
    assert.equal((await signIn(bed, { passkey: device.get(await options(bed), originOf(bed)) }, host(bed))).status, 401)
  })
})

test('what proves nothing: other origins and hosts, no finger, another’s key, a count that goes back, a challenge of elsewhere', async () => {
  await withJmap(async bed => {
    const cookie = await signedIn(bed)
    const device = createDevice()
    await enrolled(bed, cookie, device)
    const status = async (passkey: object, headers: Readonly<Record<string, string>> = host(bed)) =>
      (await signIn(bed, { passkey }, headers)).status
    const origin = originOf(bed)
    assert.equal(await status(device.get(await options(bed), 'https://evil.example')), 401)
    assert.equal(await status(device.get({ ...(await options(bed)), rpId: 'evil.example' }, origin)), 401)
    // the words were for localhost; whoever passes them on under another name gets nothing
    assert.equal(await status(device.get(await options(bed), origin), { host: 'evil.example' }), 401)
    assert.equal(await status(device.get(await options(bed), origin, { flags: 0x01 })), 401)
    assert.equal(await status(createDevice().get(await options(bed), origin)), 401)
    assert.equal(await status({ ...device.get(await options(bed), origin), id: 'x' }), 401)
    const { challenge } = parse(await post(bed, '/passkeys/new/options', { password }, { cookie }))
    assert.notEqual(await status(device.get({ challenge, rpId: 'localhost' }, origin)), 200)
    assert.equal(await status(device.get(await options(bed), origin)), 200)
    assert.notEqual(await status(device.get(await options(bed), origin, { counter: 1 })), 200)
    assert.notEqual((await signIn(bed, { passkey: [] }, host(bed))).status, 200)
    const strange = createDevice().create({ challenge: 'AAAA', rp: { id: 'localhost' } }, origin)
    assert.equal((await post(bed, '/passkeys', { name: 'x', response: strange }, { cookie })).status, 403)
    await bed.directory.setEnabled('yuki@home.test', false)
    assert.notEqual(await status(device.get(await options(bed), origin)), 200)
  })
})
