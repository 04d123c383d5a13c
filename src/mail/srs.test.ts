import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { canonicalAddress, parseAddress } from '#formats/address/address.ts'
import { createSrs } from './srs.ts'

const now = Date.UTC(2026, 10, 27)
const dayMs = 24 * 3600 * 1000
const srs = createSrs(new Uint8Array(32).fill(1))
const other = createSrs(new Uint8Array(32).fill(2))

test('a reverse-path goes out under our domain and comes back, also in lower case', () => {
  const out = srs.forward('Aki@internet.test', 'home.test', now)
  assert.match(out, /^SRS0=[a-z2-7]{8}=[a-z2-7]{2}=internet\.test=Aki@home\.test$/)
  assert.deepEqual(srs.back(out, now), { kind: 'good', address: 'Aki@internet.test' })
  assert.deepEqual(srs.back(canonicalAddress(out) ?? '', now), { kind: 'good', address: 'aki@internet.test' })
})

test("another forwarder's SRS0 becomes SRS1, and stays as short after a third", () => {
  const first = other.forward('aki@internet.test', 'example.org', now)
  const second = srs.forward(first, 'home.test', now)
  assert.match(second, /^SRS1=[a-z2-7]{8}=example\.org==[a-z2-7]{8}=[a-z2-7]{2}=internet\.test=aki@home\.test$/)
  assert.deepEqual(srs.back(second, now), { kind: 'good', address: first })
  const third = other.forward(second, 'example.net', now)
  assert.equal(third.length, second.length - 'home.test'.length + 'example.net'.length)
  assert.deepEqual(other.back(third, now), { kind: 'good', address: first })
})

test('the null path stays null', () => assert.equal(srs.forward('', 'home.test', now), ''))

test('what others made, what was changed and what is old leads nowhere', () => {
  const out = srs.forward('aki@internet.test', 'home.test', now)
  assert.deepEqual(other.back(out, now), { kind: 'bad' })
  assert.deepEqual(srs.back(out.replace('=aki@', '=aji@'), now), { kind: 'bad' })
  assert.deepEqual(srs.back(out.replace('internet', 'intranet'), now), { kind: 'bad' })
  assert.deepEqual(srs.back(out, now + 35 * dayMs), { kind: 'good', address: 'aki@internet.test' })
  assert.deepEqual(srs.back(out, now + 36 * dayMs), { kind: 'bad' })
  assert.deepEqual(srs.back('SRS0=x@home.test', now), { kind: 'bad' })
  for (const hash of ['éééééééé', 'İaaaaaaa', '🐦🐦🐦🐦'])
    assert.deepEqual(srs.back(`SRS0=${hash}=aa=internet.test=aki@home.test`, now), { kind: 'bad' })
  assert.deepEqual(srs.back('aki@home.test', now), { kind: 'not-srs' })
})

test('whatever the local part, it comes back as it was', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom(...Array.from('abcZ09=+-._"!#')) }),
      localpart => {
        const address = parseAddress(`${localpart}@internet.test`)
        if (!address || /^srs[01]/i.test(address.localpart)) return
        const out = srs.forward(`${localpart}@internet.test`, 'home.test', now)
        const back = srs.back(out, now)
        assert.equal(back.kind, 'good')
        assert.deepEqual(back.kind === 'good' && parseAddress(back.address), address)
      },
    ),
  )
})
