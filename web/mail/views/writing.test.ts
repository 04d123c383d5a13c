import assert from 'node:assert/strict'
import test from 'node:test'
import { addressesIn, startWriting, takeAsked, takeWriteAddress, writing } from './writing.ts'

test('addresses of mailto links', () => {
  for (const [href, expected] of [
    ['mailto:aki@internet.test', ['aki@internet.test']],
    [
      'MAILTO:aki@internet.test,yuki@internet.test?subject=x&bcc=evil@x.example',
      ['aki@internet.test', 'yuki@internet.test'],
    ],
    ['mailto:gorby%25kremvax@example.com', ['gorby%kremvax@example.com']],
    ['mailto:?to=aki@internet.test', []],
    ['mailto:a%0d%0aBcc:b@x.example', []],
    ['mailto:%', []],
  ] as const)
    assert.deepEqual(
      addressesIn(href).map(({ email }) => email),
      expected,
      href,
    )
})

test('a letter that is asked for by the address is begun once', () => {
  assert.equal(takeWriteAddress({ pathname: '/mail/inbox', search: '?mailto=mailto:a@x.example' }), false)
  assert.equal(takeAsked(), undefined)
  assert.equal(
    takeWriteAddress({ pathname: '/mail/write', search: `?mailto=${encodeURIComponent('mailto:a@x.example')}` }),
    true,
  )
  assert.deepEqual(takeAsked(), { kind: 'new', to: [{ name: null, email: 'a@x.example' }] })
  assert.equal(takeAsked(), undefined)
  assert.equal(takeWriteAddress({ pathname: '/mail/write', search: '' }), true)
  assert.deepEqual(takeAsked(), { kind: 'new' })
})

test('what a key asks for before writing is there is begun when it is', () => {
  startWriting({ kind: 'new' })
  assert.deepEqual(takeAsked(), { kind: 'new' })
  const begun: object[] = []
  writing.value = { start: request => void begun.push(request) } as typeof writing.value
  startWriting({ kind: 'new', subject: 'a' })
  assert.deepEqual(begun, [{ kind: 'new', subject: 'a' }])
  assert.equal(takeAsked(), undefined)
  writing.value = undefined
})
