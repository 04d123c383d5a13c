// RFC 6068 §6
import assert from 'node:assert/strict'
import test from 'node:test'
import { type Mailto, parseMailto } from './mailto.ts'

const none = { to: [], cc: [], bcc: [], fields: [] }
const read: readonly (readonly [string, Partial<Mailto>])[] = [
  ['mailto:chris@example.com', { to: ['chris@example.com'] }],
  ['mailto:infobot@example.com?subject=current-issue', { to: ['infobot@example.com'], subject: 'current-issue' }],
  ['mailto:infobot@example.com?body=send%20current-issue', { to: ['infobot@example.com'], body: 'send current-issue' }],
  [
    'mailto:infobot@example.com?body=send%20current-issue%0D%0Asend%20index',
    { to: ['infobot@example.com'], body: 'send current-issue\r\nsend index' },
  ],
  [
    'mailto:list@example.org?In-Reply-To=%3C3469A91.D10AF4C@example.com%3E',
    { to: ['list@example.org'], fields: [['In-Reply-To', '<3469A91.D10AF4C@example.com>']] },
  ],
  [
    'mailto:majordomo@example.com?body=subscribe%20bamboo-l',
    { to: ['majordomo@example.com'], body: 'subscribe bamboo-l' },
  ],
  [
    'mailto:joe@example.com?cc=bob@example.com&body=hello',
    { to: ['joe@example.com'], cc: ['bob@example.com'], body: 'hello' },
  ],
  ['mailto:gorby%25kremvax@example.com', { to: ['gorby%kremvax@example.com'] }],
  [
    'mailto:unlikely%3Faddress@example.com?blat=foop',
    { to: ['unlikely?address@example.com'], fields: [['blat', 'foop']] },
  ],
  ['mailto:Mike%26family@example.org', { to: ['Mike&family@example.org'] }],
  ['mailto:%22not%40me%22@example.org', { to: ['"not@me"@example.org'] }],
  ['mailto:user@example.org?subject=caf%C3%A9', { to: ['user@example.org'], subject: 'café' }],
  [
    'mailto:user@%E7%B4%8D%E8%B1%86.example.org?subject=Test&body=NATTO',
    { to: ['user@納豆.example.org'], subject: 'Test', body: 'NATTO' },
  ],
  ['mailto:addr1@an.example,addr2@an.example', { to: ['addr1@an.example', 'addr2@an.example'] }],
  ['mailto:?to=addr1@an.example,addr2@an.example', { to: ['addr1@an.example', 'addr2@an.example'] }],
  ['MAILTO:addr1@an.example?bcc=x@an.example', { to: ['addr1@an.example'], bcc: ['x@an.example'] }],
]
for (const [uri, value] of read) test(uri, () => assert.deepEqual(parseMailto(uri), { ...none, ...value }))
for (const uri of [
  'mailto',
  'http://a@b.example',
  'mailto:nobody',
  'mailto:a@b.example?subject=%E3%81',
  'mailto:a@b.example?=x',
  `mailto:a@b.example?body=${'x'.repeat(9000)}`,
  'mailto:a@b.example?cc=nobody',
  'mailto:a%0d%0aBcc:x@b.example',
])
  test(`no mailto: ${uri.slice(0, 50)}`, () => assert.equal(parseMailto(uri), undefined))
