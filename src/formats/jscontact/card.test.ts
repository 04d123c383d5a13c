import assert from 'node:assert/strict'
import test from 'node:test'
import { type CardRefusal, changedCard, newCard, type WrittenCard } from './card.ts'
import type { JsonObject } from './json.ts'
import { patched } from './patch.ts'

const png = Buffer.from('89504e470d0a1a0a', 'hex')
const around = {
  nowMs: Date.parse('2026-11-27T09:30:00Z'),
  newUid: () => 'urn:uuid:new',
  hasBook: (book: string) => book === 'B1',
  bytesOf: (blobId: string) => (blobId === 'U1' ? png : undefined),
}
const whole = { version: '1.0', addressBookIds: { B1: true }, name: { full: '山田太郎' } } as const

const parse = (text: string) => JSON.parse(text) as JsonObject

function made(given: JsonObject): WrittenCard {
  const card = newCard(given, around)
  assert.ok('text' in card, JSON.stringify(card))
  return card
}

function refusal(card: WrittenCard | CardRefusal | undefined): string {
  assert.ok(card && 'refused' in card, 'it should be refused')
  return card.refused === 'invalid-property' ? card.property : card.refused
}

test('what the server sets is set, and what it does not know is kept', () => {
  const card = made({ ...whole, 'example.com:shoe': { size: 27 } })
  assert.deepEqual(parse(card.text), {
    ...whole,
    'example.com:shoe': { size: 27 },
    '@type': 'Card',
    uid: 'urn:uuid:new',
    created: '2026-11-27T09:30:00Z',
    updated: '2026-11-27T09:30:00Z',
  })
  assert.deepEqual(Object.keys(card.told).toSorted(), ['@type', 'created', 'uid', 'updated'])
})

test('what is no card is refused by the property', () => {
  const cases: readonly (readonly [given: JsonObject, property: string])[] = [
    [{ addressBookIds: { B1: true } }, 'version'],
    [{ version: '2.0', addressBookIds: { B1: true } }, 'version'],
    [{ version: '1.0' }, 'addressBookIds'],
    [{ ...whole, addressBookIds: {} }, 'addressBookIds'],
    [{ ...whole, addressBookIds: { B2: true } }, 'addressBookIds'],
    [{ ...whole, addressBookIds: { B1: false } }, 'addressBookIds/B1'],
    [{ ...whole, id: 'C1' }, 'id'],
    [{ ...whole, uid: '' }, 'uid'],
    [{ ...whole, '@type': 'Group' }, '@type'],
    [{ ...whole, created: '2026-13-27T09:30:00Z' }, 'created'],
    [{ ...whole, name: null }, 'name'],
    [{ ...whole, name: {} }, 'name'],
    [
      { ...whole, name: { components: [{ kind: 'given', value: 'Joe' }, { kind: 'surname' }] } },
      'name/components/1/value',
    ],
    [{ ...whole, emails: { 'a b': { address: 'joe@example.com' } } }, 'emails/a b'],
    [{ ...whole, emails: { e1: { address: 'joe@example.com', pref: 0 } } }, 'emails/e1/pref'],
    [{ ...whole, emails: { e1: { address: 'joe@example.com', contexts: { work: 1 } } } }, 'emails/e1/contexts/work'],
    [{ ...whole, phones: [] }, 'phones'],
    [{ ...whole, phones: { p1: { '@type': 'Mobile', number: '090' } } }, 'phones/p1/@type'],
    [{ ...whole, onlineServices: { o1: { service: 'Mastodon' } } }, 'onlineServices/o1'],
    [
      { ...whole, anniversaries: { a1: { kind: 'birth', date: { '@type': 'Timestamp' } } } },
      'anniversaries/a1/date/utc',
    ],
    [{ ...whole, anniversaries: { a1: { kind: 'birth', date: { month: 14 } } } }, 'anniversaries/a1/date/month'],
    [{ ...whole, members: { 'urn:uuid:a': true } }, 'members'],
    [{ ...whole, media: { m1: { kind: 'photo' } } }, 'media/m1'],
    [{ ...whole, media: { m1: { kind: 'photo', uri: 'https://example.com/a.png', blobId: 'U1' } } }, 'media/m1'],
    [{ ...whole, media: { m1: { kind: 'photo', blobId: 'U2' } } }, 'media/m1/blobId'],
    [{ ...whole, media: { m1: { kind: 'photo', uri: 'data:image/png;base64,§' } } }, 'media/m1/uri'],
    [{ ...whole, 'a/b': 1, keywords: { 'x/y~z': false } }, 'keywords/x~1y~0z'],
  ]
  for (const [given, property] of cases) assert.equal(refusal(newCard(given, around)), property, JSON.stringify(given))
})

test('a photo is kept apart, whether it came as a URI or as a blob', () => {
  const inline = { m1: { kind: 'photo', uri: `data:image/png;base64,${png.toString('base64')}` } }
  const uploaded = { m1: { kind: 'photo', blobId: 'U1' } }
  const cards = [inline, uploaded].map(media => made({ ...whole, media }))
  for (const { blobs, octets, text } of cards) {
    const [[hash, bytes] = []] = [...blobs]
    assert.deepEqual(Buffer.from(bytes ?? []), png)
    assert.deepEqual(parse(text).media, { m1: { kind: 'photo', blobId: `P${hash}`, mediaType: 'image/png' } })
    assert.equal(octets, Buffer.byteLength(text) + png.length)
  }
})

test('RFC 2397: octets of a data URI may be escaped, whatever text they would be', () => {
  const escaped = [...png].map(octet => `%${octet.toString(16).padStart(2, '0')}`).join('')
  const uris: readonly [string, Buffer, string][] = [
    [`data:image/png,${escaped}`, png, 'image/png'],
    [`data:,${escaped.toUpperCase()}`, png, 'image/png'],
    [`data:image/png;base64,${png.toString('base64').replaceAll('+', '%2B').replaceAll('=', '%3d')}`, png, 'image/png'],
    ['data:text/plain,a%20%ff雪%E9%9b%AA', Buffer.from('6120ffe99baae99baa', 'hex'), 'text/plain'],
    ['data:text/plain,', Buffer.alloc(0), 'text/plain'],
  ]
  for (const [uri, octets, mediaType] of uris) {
    const { blobs, text } = made({ ...whole, media: { m1: { kind: 'photo', uri } } })
    const [[hash, bytes] = []] = [...blobs]
    assert.deepEqual(Buffer.from(bytes ?? [1]), octets, uri)
    assert.deepEqual(parse(text).media, { m1: { kind: 'photo', blobId: `P${hash}`, mediaType } })
  }
  for (const uri of ['data:,%', 'data:,%f', 'data:,%fg', 'data:,a%%41', 'data:;base64,%ff', 'data:image/png'])
    assert.equal(refusal(newCard({ ...whole, media: { m1: { kind: 'photo', uri } } }, around)), 'media/m1/uri', uri)
})

test('a patch reaches into what is there, and no further', () => {
  const value = { a: { b: { c: 1 }, 'x/y': 2 }, list: [1] }
  assert.deepEqual(patched(value, { 'a/b/c': 3, 'a/x~1y': null, new: [] }), { a: { b: { c: 3 } }, list: [1], new: [] })
  assert.deepEqual(patched(value, { gone: null }), value)
  const none: readonly JsonObject[] = [
    { 'a/z/c': 1 },
    { 'list/0': 2 },
    { 'a/b/c/d': 1 },
    { a: {}, 'a/b': 1 },
    { 'a/b-c': 1, 'a/b': {}, 'a/b/c': 2 },
  ]
  for (const patch of none) assert.equal(patched(value, patch), undefined, JSON.stringify(patch))
})

test('names that objects inherit are names like others', () => {
  const hostile = JSON.parse('{"__proto__":{"size":1},"constructor":"x"}') as JsonObject
  const card = made({ ...whole, ...hostile })
  assert.match(card.text, /"__proto__":\{"size":1\}/)
  const after = patched(parse(card.text), JSON.parse('{"__proto__/size":2,"toString":"y"}') as JsonObject)
  assert.match(JSON.stringify(after), /"__proto__":\{"size":2\}.*"toString":"y"/)
  assert.equal(({} as { size?: number }).size, undefined)
  assert.equal(patched({}, { 'constructor/name': 1 }), undefined)
})

test('a card has bounds', () => {
  let deep: JsonObject = {}
  for (let level = 0; level < 40; level++) deep = { deep }
  assert.equal(refusal(newCard({ ...whole, deep }, around)), '')
  const emails = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, n) => [`e${n}`, { address: `a${n}@example.com` }]),
  )
  assert.equal(refusal(newCard({ ...whole, emails }, around)), 'value-too-large')
  const uri = `data:image/png;base64,${Buffer.alloc(300_000).toString('base64')}`
  assert.equal(refusal(newCard({ ...whole, media: { m1: { kind: 'photo', uri } } }, around)), 'value-too-large')
  const many = Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`p${n}`, 1]))
  assert.equal(refusal(changedCard(parse(made(whole).text), 'C1', many, around)), 'invalid-patch')
})

test('a change says when it was made, unless it says so itself or changes nothing', () => {
  const before = parse(made(whole).text)
  const later = { ...around, nowMs: Date.parse('2026-12-01T00:00:00Z') }
  const changed = changedCard(before, 'C1', { 'name/full': '山田花子', id: 'C1' }, later)
  assert.ok(changed && 'text' in changed)
  assert.deepEqual(parse(changed.text), { ...before, name: { full: '山田花子' }, updated: '2026-12-01T00:00:00Z' })
  assert.deepEqual(changed.told, { updated: '2026-12-01T00:00:00Z' })
  assert.equal(changedCard(before, 'C1', { name: { full: '山田太郎' } }, later), undefined)
  assert.equal(refusal(changedCard(before, 'C1', { id: 'C2' }, later)), 'id')
  assert.equal(refusal(changedCard(before, 'C1', { 'emails/e1': {} }, later)), 'invalid-patch')
  assert.equal(refusal(changedCard(before, 'C1', { uid: null }, later)), 'uid')
})
