import assert from 'node:assert/strict'
import test from 'node:test'
import type { RawField } from './authentication-results.ts'
import { unsubscribing } from './list-unsubscribe.ts'

const ours = ['mx.home.test']
const field = (name: string, value: string): RawField => ({ name, value: ` ${value}` })
const home = field('Received', 'from mx.home.test by mail.home.test with LMTPS id 1; Fri, 27 Nov 2026 09:00:00 +0000')
const gateway = field('Received', 'from a.example by mx.home.test with ESMTPS id 2; Fri, 27 Nov 2026 09:00:00 +0000')
const results = (dkim: string) =>
  field('Authentication-Results', `mx.home.test; ${dkim}; dmarc=pass header.from=shop.example`)
const passed = results('dkim=pass header.d=shop.example header.s=s1')
const signature = (names: string, domain = 'shop.example', selector = 's1') =>
  field('DKIM-Signature', `v=1; a=rsa-sha256; d=${domain}; s=${selector};\r\n h=${names}; bh=eA==; b=eA==`)
const both = 'From:List-Unsubscribe :\r\n List-Unsubscribe-Post'
const leave = field(
  'List-Unsubscribe',
  '<mailto:leave@shop.example?subject=leave>,\r\n <https://shop.example/leave?id=1>',
)
const post = field('List-Unsubscribe-Post', 'List-Unsubscribe=One-Click')
const page = 'https://shop.example/leave?id=1'

test('one click where the letter says so and a good signature covers both fields (RFC 8058 §4, §8)', () => {
  assert.deepEqual(unsubscribing([home, passed, gateway, signature(both), leave, post], ours), {
    oneClick: { url: page, signedBy: 'shop.example' },
    mail: 'mailto:leave@shop.example?subject=leave',
    page,
  })
})

test('else not: unsigned, signed in part, not proved, by whomever, twice, or asked for otherwise', () => {
  const cases: Readonly<Record<string, readonly RawField[]>> = {
    'no signature': [home, passed, gateway, leave, post],
    'the field alone': [home, passed, gateway, signature('From:List-Unsubscribe'), leave, post],
    'the other alone': [home, passed, gateway, signature('From:List-Unsubscribe-Post'), leave, post],
    'it failed': [home, results('dkim=fail header.d=shop.example header.s=s1'), gateway, signature(both), leave, post],
    'another one passed': [
      home,
      results('dkim=pass header.d=other.example header.s=s1'),
      gateway,
      signature(both),
      leave,
      post,
    ],
    'another selector passed': [
      home,
      results('dkim=pass header.d=shop.example header.s=s2'),
      gateway,
      signature(both),
      leave,
      post,
    ],
    'nobody of ours looked': [home, gateway, passed, signature(both), leave, post],
    'two of the same name': [home, passed, gateway, signature('From'), signature(both), leave, post],
    'two results of the same name': [
      home,
      results('dkim=fail header.d=shop.example header.s=s1; dkim=pass header.d=shop.example header.s=s1'),
      gateway,
      signature(both),
      leave,
      post,
    ],
    'no post': [home, passed, gateway, signature(both), leave],
    'another post': [home, passed, gateway, signature(both), leave, field('List-Unsubscribe-Post', 'yes')],
    'two posts': [home, passed, gateway, signature(both), leave, post, post],
  }
  for (const [name, headers] of Object.entries(cases)) {
    const found = unsubscribing(headers, ours)
    assert.deepEqual([found?.oneClick, found?.page], [undefined, page], name)
  }
})

test('what is no way out is none', () => {
  assert.equal(unsubscribing([home, passed, gateway, signature(both), post], ours), undefined)
  assert.equal(unsubscribing([leave, leave], ours), undefined)
  const only = (value: string) => unsubscribing([field('List-Unsubscribe', value)], ours)
  assert.equal(only('https://shop.example/'), undefined)
  assert.equal(only('<javascript:alert(1)>, <http://shop.example/>, <https://>'), undefined)
  assert.equal(only(`<https://shop.example/${'x'.repeat(2_000)}>`), undefined)
  assert.deepEqual(only('<https://shop.example/a\r\n b>'), {
    oneClick: undefined,
    mail: undefined,
    page: 'https://shop.example/ab',
  })
})
