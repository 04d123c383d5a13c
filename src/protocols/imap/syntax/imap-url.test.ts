import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { utf8 } from '#base/bytes.ts'
import { mailboxAt, parseImapUrl, printUrl } from './imap-url.ts'

const all = { part: [], text: { kind: 'ALL' } }
const inbox = { path: 'INBOX', fromTop: true }

const valid: readonly [url: string, fields: Record<string, unknown>][] = [
  ['/INBOX/;UID=20', { server: undefined, mailbox: inbox, uidValidity: undefined, uid: 20, section: all }],
  ['/Drafts;UIDVALIDITY=385759045/;UID=20/;section=1.MIME', { uidValidity: 385759045, uid: 20 }],
  ['/INBOX/;uid=20/;Section=1.2', { section: { part: [1, 2], text: { kind: 'ALL' } } }],
  [
    '/INBOX/;UID=20/;SECTION=HEADER.FIELDS%20(DATE%20FROM)',
    { section: { part: [], text: { kind: 'HEADER.FIELDS', fields: ['DATE', 'FROM'] } } },
  ],
  ['/INBOX/;UID=20/;SECTION=TEXT/;PARTIAL=0.1024', { partial: { offset: 0, count: 1024 } }],
  ['/INBOX/;UID=20/;PARTIAL=5', { partial: { offset: 5, count: 0xffff_ffff } }],
  ['/%E4%BC%9A%E8%AD%B0/2026/;UID=1', { mailbox: { path: '会議/2026', fromTop: true } }],
  ['Sub/;UID=1', { mailbox: { path: 'Sub', fromTop: false } }],
  [';UID=20/;SECTION=1.2', { mailbox: undefined, uid: 20 }],
  [
    'imap://hanako%40home.test;AUTH=*@Imap.home.test:143/INBOX/;UID=20',
    { server: { user: 'hanako@home.test', host: 'imap.home.test', port: 143 }, mailbox: inbox },
  ],
  ['//home.test/INBOX/;UID=20', { server: { user: undefined, host: 'home.test', port: undefined } }],
]
for (const [url, fields] of valid)
  test(`reads ${url}`, () => {
    const parsed = parseImapUrl(url) as Record<string, unknown> | undefined
    assert.ok(parsed)
    for (const [field, value] of Object.entries(fields)) assert.deepEqual(parsed[field], value, field)
  })

const invalid: readonly [url: string, why: string][] = [
  ['', 'nothing'],
  ['/INBOX', 'no message'],
  ['/INBOX;UID=20', 'UID is a level of its own'],
  ['/;UID=20', 'no mailbox'],
  ['/INBOX/;UID=0', 'UIDs begin at 1'],
  ['/INBOX;UIDVALIDITY=0/;UID=1', 'and so does UIDVALIDITY'],
  ['/INBOX/;UID=20/;SECTION=', 'no section'],
  ['/INBOX/;UID=20/;SECTION=1.BODY', 'no such section'],
  ['/INBOX/;UID=20/;SECTION=MIME', 'MIME needs a part'],
  ['/INBOX/;UID=20;URLAUTH=anonymous', 'URLAUTH'],
  ['/INBOX/;UID=20/;SECTION=1;URLAUTH=user+x:internal:00', 'URLAUTH of a part'],
  ['/INBOX?UID%2020', 'a search'],
  ['/INBOX/;UID=20#top', 'a fragment'],
  ['/../INBOX/;UID=20', 'levels go up'],
  ['/%FF/;UID=20', 'no UTF-8'],
  ['/a%00/;UID=20', 'a NUL'],
  ['/a%/;UID=20', 'no percent-encoding'],
  ['/a b/;UID=20', 'a blank'],
  ['http://home.test/INBOX/;UID=20', 'another scheme'],
  ['imap:/INBOX/;UID=20', 'a scheme without a server'],
  ['imap://a@b@c/INBOX/;UID=20', 'two users'],
  ['imap://home.test;UID=20', 'a server without a path'],
]
for (const [url, why] of invalid) test(`refuses ${url}: ${why}`, () => assert.equal(parseImapUrl(url), undefined))

test('a path that does not begin at the top is beside the selected mailbox', () => {
  const at = (url: string, selected: string | undefined) => {
    const parsed = parseImapUrl(url)
    assert.ok(parsed)
    return mailboxAt(parsed, selected)
  }
  assert.equal(at('Sub/;UID=1', 'Work/2026'), 'Work/Sub')
  assert.equal(at('Sub/;UID=1', 'INBOX'), 'Sub')
  assert.equal(at('Sub/;UID=1', undefined), 'Sub')
  assert.equal(at('/Sub/;UID=1', 'Work/2026'), 'Sub')
  assert.equal(at(';UID=1', 'Work/2026'), 'Work/2026')
  assert.equal(at(';UID=1', undefined), undefined)
})

test('what BADURL repeats ends no response code, whatever was sent', () => {
  assert.equal(printUrl(utf8('/会]\r\n')), '/%E4%BC%9A%5D%0D%0A')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
      const printed = printUrl(bytes)
      assert.match(printed, /^[!-\\^-~]*$/)
      parseImapUrl(printed)
    }),
    { numRuns: 2000 },
  )
})

test('a long URL is read in little time', () => {
  const begun = process.cpuUsage()
  for (const piece of ['/;UID=1', '/;SECTION=1', ';UIDVALIDITY=1', '/;PARTIAL=1.1', ';', '/'])
    assert.equal(parseImapUrl(`/x${piece.repeat(4096 / piece.length)}!`), undefined)
  const { user, system } = process.cpuUsage(begun)
  assert.ok(user + system < 2_000_000, `${user + system} µs`)
})
