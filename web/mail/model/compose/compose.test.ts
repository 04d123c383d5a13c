import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import type { EmailAddress } from '#protocols/jmap/wire.ts'
import type { Letter } from '../conversation.ts'
import { isAddress, printAddress, readTypedAddresses } from './addresses.ts'
import type { Attachment, Content } from './content.ts'
import { emailObject } from './email-object.ts'
import {
  forwardSubject,
  forwardText,
  quotedText,
  replyRecipients,
  replySubject,
  saysAttached,
  threadFields,
} from './quote.ts'

const person = (email: string, name: string | null = null): EmailAddress => ({ name, email })

test('addresses as people type them', () => {
  for (const [text, addresses, rest] of [
    ['taro@home.test', [person('taro@home.test')], ''],
    ['花子 <hanako@home.test>, taro@home.test;', [person('hanako@home.test', '花子'), person('taro@home.test')], ''],
    ['"Suzuki, Aki" <aki@internet.test>', [person('aki@internet.test', 'Suzuki, Aki')], ''],
    ['a..b.@docomo.example', [person('a..b.@docomo.example')], ''],
    ['花子　＜ｈａｎａｋｏ＠ｈｏｍｅ．ｔｅｓｔ＞、次郎', [person('hanako@home.test', '花子')], '次郎'],
    ['aki@internet.test\nyuki@internet.test', [person('aki@internet.test'), person('yuki@internet.test')], ''],
    ['かな@例え.テスト', [person('かな@例え.テスト')], ''],
    ['hanako@home', [], 'hanako@home'],
    ['hanako', [], 'hanako'],
    ['a@b@c.test', [], 'a@b@c.test'],
    ['<script>@x.test', [], '<script>@x.test'],
    [' , ;', [], ''],
  ] as const)
    assert.deepEqual(readTypedAddresses(text), { addresses, rest }, text)
})

test('what is printed is read as the same', () => {
  const local = fc.stringMatching(/^[a-z0-9.+_-]{1,20}$/)
  const name = fc.option(fc.string({ unit: 'grapheme', maxLength: 30 }).filter(isName), { nil: null })
  fc.assert(
    fc.property(local, name, (part, called) => {
      const address = person(`${part}@home.test`, called)
      assert.deepEqual(readTypedAddresses(`${printAddress(address)}, x@y.test`).addresses[0], address)
    }),
  )
})

function isName(text: string): boolean {
  return text.trim() === text && text !== '' && !/[\\\n"<>＜＞，；、]/.test(text)
}

test('no address has room for a second line', () => {
  assert.equal(isAddress('a@b.test\r\nBcc: c@d.test'), false)
  assert.equal(isAddress('a b@c.test'), false)
})

test('subjects are marked once', () => {
  assert.equal(replySubject('Re: RE: Aw: 会議'), 'Re: 会議')
  assert.equal(replySubject('Fwd: Re[2]: plans'), 'Re: plans')
  assert.equal(replySubject(null), 'Re:')
  assert.equal(replySubject('Regarding the roof'), 'Re: Regarding the roof')
  assert.equal(forwardSubject('返信：会議'), 'Fwd: 会議')
})

const aki = person('aki@internet.test', 'Aki')
const hanako = person('hanako@home.test')
const taro = person('taro@home.test')
const own = ['hanako@home.test', 'hana@home.test']

test('an answer goes to who wrote, or to where they want answers, or with one’s own letter to its recipients', () => {
  const letter = { from: [aki], replyTo: null, to: [hanako, taro], cc: [person('HANA@home.test'), aki] }
  assert.deepEqual(replyRecipients(letter, own, false), { to: [aki], cc: [] })
  assert.deepEqual(replyRecipients(letter, own, true), { to: [aki], cc: [taro] })
  const list = person('list@internet.test')
  assert.deepEqual(replyRecipients({ ...letter, replyTo: [list] }, own, false).to, [list])
  const mine = { from: [hanako], replyTo: null, to: [aki], cc: [taro] }
  assert.deepEqual(replyRecipients(mine, own, false), { to: [aki], cc: [] })
  assert.deepEqual(replyRecipients(mine, own, true), { to: [aki], cc: [taro] })
})

test('fields of the thread (RFC 5322 §3.6.4)', () => {
  const fields = (messageId: string[] | null, references: string[] | null, inReplyTo: string[] | null = null) =>
    threadFields({ messageId, references, inReplyTo })
  assert.deepEqual(fields(['c@x'], ['a@x', 'b@x']), { inReplyTo: ['c@x'], references: ['a@x', 'b@x', 'c@x'] })
  assert.deepEqual(fields(['c@x'], null, ['b@x']), { inReplyTo: ['c@x'], references: ['b@x', 'c@x'] })
  assert.deepEqual(fields(['c@x'], null, ['a@x', 'b@x']).references, ['c@x'])
  assert.deepEqual(fields(null, ['a@x']), { inReplyTo: null, references: null })
  const long = fields(
    ['z@x'],
    Array.from({ length: 200 }, (_, at) => `${at}@x`),
  ).references
  assert.deepEqual([long?.length, long?.[0], long?.at(-1)], [40, '0@x', 'z@x'])
})

test('what is passed on says whose it was', () => {
  const words = {
    wrote: (date: string, name: string) => `${date} ${name}:`,
    forwarded: '-- Forwarded --',
    from: 'From',
    to: 'To',
    cc: 'Cc',
    date: 'Date',
    subject: 'Subject',
  }
  const letter = {
    from: [aki],
    to: [hanako],
    cc: null,
    subject: 'Roof',
    textBody: [{ partId: '1' }],
    bodyValues: { '1': { value: 'It leaks.\r\n' } },
  } as unknown as Letter
  assert.equal(
    forwardText(letter, words, 'today'),
    '\n\n-- Forwarded --\nFrom: Aki <aki@internet.test>\nDate: today\nSubject: Roof\nTo: hanako@home.test\n\nIt leaks.\n',
  )
  assert.equal(quotedText('a\n> b\n\nc'), '> a\n>> b\n>\n> c')
})

test('who says that something is attached, in words of their own', () => {
  for (const text of ['See the attached file.', '請求書を添付します', 'two attachments', '同封の書類'])
    assert.ok(saysAttached(text), text)
  for (const text of ['> the attached file', 'an attaché', 'On Monday Aki wrote:\nattached', 'Hello'])
    assert.ok(!saysAttached(text), text)
})

const content: Content = {
  identityId: 'I1',
  from: hanako,
  to: [aki],
  cc: [],
  bcc: [],
  subject: '会議',
  format: 'plain',
  html: '',
  text: 'Hello',
  attachments: [],
  inReplyTo: null,
  references: null,
  answered: undefined,
}
const file = (key: string, more: Partial<Attachment> = {}): Attachment => ({
  key,
  name: `${key}.pdf`,
  type: 'application/pdf',
  sizeBytes: 1,
  blobId: `B${key}`,
  cid: undefined,
  progress: 1,
  ...more,
})
const typesIn = (part: { type?: unknown; subParts?: unknown }): unknown =>
  Array.isArray(part.subParts) ? [part.type, part.subParts.map(typesIn)] : part.type

test('the parts of a letter: no more than it needs (RFC 8621 §4.6)', () => {
  const structure = (more: Partial<Content>) => {
    const { bodyStructure } = emailObject(
      { ...content, ...more },
      { mailboxId: 'M1', sentAt: '2026-11-27T09:00:00Z', messageId: 'a@x.test' },
    )
    return typesIn(bodyStructure as object)
  }
  assert.equal(structure({}), 'text/plain')
  assert.deepEqual(structure({ attachments: [file('a'), file('b', { blobId: undefined })] }), [
    'multipart/mixed',
    ['text/plain', 'application/pdf'],
  ])
  assert.deepEqual(structure({ format: 'rich', html: '<p>Hello</p>' }), [
    'multipart/alternative',
    ['text/plain', 'text/html'],
  ])
  const image = file('i', { type: 'image/png', cid: 'i1@hikyaku' })
  assert.deepEqual(structure({ format: 'rich', html: '<img src="cid:i1@hikyaku">', attachments: [image, file('a')] }), [
    'multipart/mixed',
    [['multipart/alternative', ['text/plain', ['multipart/related', ['text/html', 'image/png']]]], 'application/pdf'],
  ])
  // one that was taken out of the text again is attached, not lost
  assert.deepEqual(structure({ format: 'rich', html: '', attachments: [image] }), [
    'multipart/mixed',
    [['multipart/alternative', ['text/plain', 'text/html']], 'image/png'],
  ])
})

test('what is not there is not sent', () => {
  const email = emailObject(content, { mailboxId: 'M1', sentAt: '2026-11-27T09:00:00Z', messageId: 'a@x.test' })
  assert.deepEqual(Object.keys(email).toSorted(), [
    'bodyStructure',
    'bodyValues',
    'from',
    'keywords',
    'mailboxIds',
    'messageId',
    'sentAt',
    'subject',
    'to',
  ])
})
