import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { describeMessage } from './describe.ts'

function described(lines: readonly string[]) {
  const result = describeMessage(utf8(lines.join('\r\n')))
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
  return {
    ...result,
    envelope: text(result.envelope),
    body: text(result.body),
    bodyStructure: text(result.bodyStructure),
  }
}

test('the letter of RFC 9051 §8', () => {
  const { envelope, body, headerBytes } = described([
    'Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)',
    'From: Terry Gray <gray@cac.washington.edu>',
    'Subject: IMAP4rev2 WG mtg summary and minutes',
    'To: imap@cac.washington.edu',
    'cc: minutes@CNRI.Reston.VA.US, John Klensin <KLENSIN@MIT.EDU>',
    'Message-Id: <B27397-0100000@cac.washington.edu>',
    'MIME-Version: 1.0',
    'Content-Type: TEXT/PLAIN; CHARSET=US-ASCII',
    '',
    'x',
  ])
  const gray = '(("Terry Gray" NIL "gray" "cac.washington.edu"))'
  assert.equal(
    envelope,
    `("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev2 WG mtg summary and minutes" ${gray} ${gray} ${gray} ` +
      '((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US")' +
      '("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.edu>")',
  )
  assert.equal(body, '("text" "plain" ("charset" "US-ASCII") NIL NIL "7bit" 1 0)')
  assert.equal(headerBytes, 342)
})

test('ENVELOPE: groups, comments as names, missing fields, several fields of one name', () => {
  const { envelope } = described([
    'From: a@example.org (Comment "Name")',
    'Reply-To:',
    'To: A Group: "One, Two" <one@example.org>, two@example.org;, three@example.org',
    'To: undisclosed-recipients:;',
    'Cc: root',
    '',
    '',
  ])
  const from = '(("Comment \\"Name\\"" NIL "a" "example.org"))'
  assert.equal(
    envelope,
    `(NIL NIL ${from} ${from} ${from} ((NIL NIL "A Group" NIL)("One, Two" NIL "one" "example.org")(NIL NIL "two" "example.org")` +
      '(NIL NIL NIL NIL)(NIL NIL "three" "example.org")(NIL NIL "undisclosed-recipients" NIL)(NIL NIL NIL NIL)) ' +
      '((NIL NIL "root" "")) NIL NIL NIL)',
  )
})

test('ENVELOPE: text stays as it stands in the header', () => {
  const { envelope, subject } = described(['Subject: =?utf-8?B?5bGx?=', ' =?utf-8?B?55Sw?= "x" \\', '', ''])
  assert.ok(envelope.startsWith('(NIL "=?utf-8?B?5bGx?= =?utf-8?B?55Sw?= \\"x\\" \\\\" NIL'))
  assert.equal(subject, '山田 "x" \\')
  assert.ok(described(['Subject: 山', '', '']).envelope.startsWith('(NIL {3}\r\n山 NIL'))
  assert.ok(described(['Subject:', '', '']).envelope.startsWith('(NIL "" NIL'))
})

test('BODYSTRUCTURE: extension data, RFC 2231 continuations joined (§6 there)', () => {
  const { bodyStructure, body } = described([
    'Content-Type: application/pdf; name="a.pdf"',
    'Content-Transfer-Encoding: BASE64',
    'Content-ID: <id@example.org>',
    'Content-Description: what it is',
    'Content-MD5: Q2hlY2sgSW50ZWdyaXR5IQ==',
    'Content-Disposition: attachment; filename*0*=utf-8\'\'%E5%B1%B1; filename*1="b c.pdf"',
    'Content-Language: ja, en-GB',
    'Content-Location: https://example.org/a.pdf',
    '',
    'AAAA',
  ])
  const basic = '("application" "pdf" ("name" "a.pdf") "<id@example.org>" "what it is" "base64" 4'
  assert.equal(body, `${basic})`)
  assert.equal(
    bodyStructure,
    `${basic} "Q2hlY2sgSW50ZWdyaXR5IQ==" ("attachment" ("filename*" "utf-8''%E5%B1%B1b%20c.pdf")) ("ja" "en-GB") "https://example.org/a.pdf")`,
  )
})

test('BODYSTRUCTURE: a message inside, its lines and those of its text', () => {
  const inner = ['Subject: in', '', 'one', 'two', '']
  const { body } = described(['Content-Type: multipart/digest; boundary=b', '', '--b', '', ...inner, '--b--', ''])
  assert.equal(
    body,
    '(("message" "rfc822" NIL NIL NIL "7bit" 25 (NIL "in" NIL NIL NIL NIL NIL NIL NIL NIL) ' +
      '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 10 2) 4) "digest")',
  )
})

test('BODYSTRUCTURE: a multipart without parts has an empty one', () => {
  const { bodyStructure } = described(['Content-Type: multipart/mixed; boundary=b', '', 'nothing', ''])
  assert.equal(
    bodyStructure,
    '(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL) "mixed" ("boundary" "b") NIL NIL NIL)',
  )
})

test('references: in order, each once, bounded', () => {
  const few = described([
    'References: <a@x> <b@x>',
    ' <a@x>',
    'In-Reply-To: Your letter <c@x> <b@x>',
    'Message-ID: <m @ x>',
    '',
    '',
  ])
  assert.deepEqual(few.references, ['a@x', 'b@x', 'c@x'])
  assert.equal(few.messageId, 'm@x')
  const many = described([`References: ${Array.from({ length: 1000 }, (_, n) => `<${n}@x>`).join('\r\n ')}`, '', ''])
  assert.equal(many.references.length, 200)
  assert.equal(many.references[0], '0@x')
  assert.equal(many.references.at(-1), '999@x')
})

test('an empty message, and one of a body only', () => {
  const nothing = described([''])
  assert.equal(nothing.envelope, '(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)')
  assert.equal(nothing.body, '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0)')
  assert.equal(nothing.headerBytes, 0)
  assert.equal(nothing.date, undefined)
  const body = described(['', 'text', ''])
  assert.equal(body.body, '("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 6 1)')
})
