// RFC 8291 and RFC 8292: their examples, and what a push service and a browser make of what we send.
import assert from 'node:assert/strict'
import { createPublicKey, verify } from 'node:crypto'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { encryptPush, maxPlaintextBytes, readKeys } from './encrypt.ts'
import { createVapid } from './vapid.ts'

const keys = {
  p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
  auth: 'BTBZMqHH6r4Tts7J_aSIgg',
}

test('RFC 8291 §5: the example, octet for octet', () => {
  const sealed = encryptPush(utf8('When I grow up, I want to be a watermelon'), keys, {
    privateKey: Buffer.from('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw', 'base64url'),
    salt: Buffer.from('DGv6ra1nlYgDCS1FRnbzlw', 'base64url'),
  })
  assert.equal(
    sealed.toString('base64url'),
    'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
  )
})

test('a push service takes what is longest (RFC 8030 §7.2); one octet more is refused', () => {
  assert.equal(encryptPush(new Uint8Array(maxPlaintextBytes), keys).length, 4_096)
  assert.throws(() => encryptPush(new Uint8Array(maxPlaintextBytes + 1), keys), RangeError)
})

test('keys that are none: too short, not on the curve, compressed', () => {
  assert.ok(readKeys(keys))
  const point = Buffer.from(keys.p256dh, 'base64url')
  const odd = Buffer.from(point)
  odd[64] = (odd[64] ?? 0) ^ 1
  for (const p256dh of [
    '',
    point.subarray(0, 64).toString('base64url'),
    odd.toString('base64url'),
    Buffer.concat([Uint8Array.of(3), point.subarray(1)]).toString('base64url'),
  ])
    assert.equal(readKeys({ ...keys, p256dh }), undefined)
  assert.equal(readKeys({ ...keys, auth: 'BTBZMqHH6r4Tts7J_aSI' }), undefined)
})

test('RFC 8292 §2: a token for the origin of the push service alone, signed by the key that is told', () => {
  const vapid = createVapid(new Uint8Array(32).fill(7), 'mailto:postmaster@home.test')
  const now = Date.UTC(2026, 10, 27)
  const field = vapid.authorization(new URL('https://push.internet.test:8443/send/abc?d=1'), now)
  const [, token = '', key = ''] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(field) ?? []
  assert.equal(key, vapid.publicKey)
  const [header = '', claims = '', signature = ''] = token.split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString()) as unknown
  assert.deepEqual(read(header), { typ: 'JWT', alg: 'ES256' })
  assert.deepEqual(read(claims), {
    aud: 'https://push.internet.test:8443',
    exp: now / 1000 + 12 * 3600,
    sub: 'mailto:postmaster@home.test',
  })
  const point = Buffer.from(key, 'base64url')
  const [x, y] = [point.subarray(1, 33).toString('base64url'), point.subarray(33).toString('base64url')]
  const publicKey = createPublicKey({ key: { kty: 'EC', crv: 'P-256', x, y }, format: 'jwk' })
  const signed = Buffer.from(`${header}.${claims}`)
  const bytes = Buffer.from(signature, 'base64url')
  assert.ok(verify('sha256', signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, bytes))
  assert.equal(createVapid(new Uint8Array(32).fill(7), 'x').publicKey, vapid.publicKey)
})
