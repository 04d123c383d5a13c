// The letters that scripts send, and the messages that they change, octet for octet where it matters.
import assert from 'node:assert/strict'
import test from 'node:test'
import { decodeWords } from '#formats/message/encoded-word.ts'
import { fieldValue, headerLength, parseHeader } from '#formats/message/header.ts'
import { textOf } from '#formats/message/text-of.ts'
import type { Filed } from '../filing.ts'
import { bytesOf, fileLetter, type Letter, summary, testNow } from './sieve.testbed.ts'

const asked = `From: Taro <taro@example.org>
To: Hanako <hanako@home.test>
Subject: =?utf-8?B?44GK5L2P44G+44GE?=
Message-ID: <question@example.org>
References: <first@example.org> <second@example.org>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Hello
`

function reply(filed: Filed): { field: (key: string) => string | undefined; text: string; bytes: Buffer } {
  const effect = filed.effects.find(({ kind }) => kind !== 'redirect')
  assert.ok(effect && effect.kind !== 'redirect')
  assert.equal(effect.envelope.reversePath, '')
  const bytes = Buffer.from(effect.message)
  const fields = parseHeader(bytes)
  for (const line of bytes.toString().split('\r\n')) assert.ok(line.length <= 998 && !line.includes('\n'))
  const field = (key: string) => {
    const value = fieldValue(bytes, fields, key)
    return value && decodeWords(value)
  }
  return { field, text: textOf(bytes), bytes }
}

test('vacation: what the answer says and which letter it answers. RFC 5230 §5', async () => {
  const filed = await fileLetter('require "vacation"; vacation "明日まで不在です。";', { text: asked })
  const { field, text, bytes } = reply(filed)
  assert.equal(field('from'), '山田花子 <hanako@home.test>')
  assert.equal(field('to'), '<taro@example.org>')
  assert.equal(field('subject'), 'Auto: お住まい')
  assert.equal(field('in-reply-to'), '<question@example.org>')
  assert.equal(field('references'), '<first@example.org> <second@example.org> <question@example.org>')
  assert.equal(field('auto-submitted'), 'auto-replied (vacation)')
  assert.equal(field('date'), 'Fri, 27 Nov 2026 15:00:00 +0900')
  assert.equal(text.trim(), '明日まで不在です。')
  assert.ok(bytes.every(byte => byte < 0x80))
  const [effect] = filed.effects
  assert.ok(effect?.kind === 'reply')
  assert.deepEqual(effect.envelope.recipients, [{ address: 'taro@example.org', notify: { never: true } }])
  assert.equal(effect.once, filed.remember[0]?.key)
  assert.equal(filed.remember[0]?.until, testNow + 7 * 86_400_000)
})

test('vacation: the same delivery makes the same letter, another one another', async () => {
  const script = 'require "vacation"; vacation "away";'
  const [first, again, other] = await Promise.all(
    ['a.1.1', 'a.1.1', 'a.1.2'].map(async id => reply(await fileLetter(script, { text: asked, id })).bytes.toString()),
  )
  assert.equal(first, again)
  assert.notEqual(first, other)
})

test('vacation: subject, from, mime; nobody writes in the name of others', async () => {
  const own = await fileLetter('require "vacation"; vacation :subject "留守" :from "Yamada <Yamada@home.test>" "x";', {
    text: asked,
  })
  assert.equal(reply(own).field('from'), 'Yamada <Yamada@home.test>')
  assert.equal(reply(own).field('subject'), '留守')
  const foreign = await fileLetter('require "vacation"; vacation :from "boss@example.org" "x";', { text: asked })
  assert.equal(reply(foreign).field('from'), '山田花子 <hanako@home.test>')
  const mime = await fileLetter(
    'require "vacation"; vacation :mime "Content-Type: text/html; charset=utf-8\r\nBcc: all@example.org\r\nSubject: forged\r\n\r\n<p>é</p>";',
    { text: asked },
  )
  const { field, bytes } = reply(mime)
  assert.equal(field('content-type'), 'text/html; charset=utf-8')
  assert.equal(field('bcc'), undefined)
  assert.equal(field('subject'), 'Auto: お住まい')
  assert.equal(field('content-transfer-encoding'), '8bit')
  assert.ok(bytes.includes('<p>é</p>'))
})

test('vacation: no input of script or letter ends a field', async () => {
  const evil = asked.replace(
    'Subject: =?utf-8?B?44GK5L2P44G+44GE?=',
    'Subject: =?utf-8?Q?a=0D=0ABcc:_x@example.org=0D=0A=0D=0Abody?=',
  )
  const { field, bytes } = reply(
    await fileLetter(
      'require ["vacation", "variables"]; if header :matches "subject" "*" { vacation :subject "Re: ${1}" "${1}"; }',
      { text: evil },
    ),
  )
  assert.equal(field('bcc'), undefined)
  assert.equal(bytes.subarray(0, headerLength(bytes)).toString().split('\r\n\r\n').length, 2)
})

const noAnswer: readonly (readonly [string, Partial<Letter>])[] = [
  ['the null path', { from: '' }],
  ['to oneself', { from: 'yamada@home.test' }],
  ['to oneself, in other letters', { from: 'HANAKO@Home.Test' }],
  ['mailer-daemon', { from: 'MAILER-DAEMON@example.org' }],
  ['a list owner', { from: 'owner-list@example.org' }],
  ['a list by VERP', { from: 'list-bounces+hanako=home.test@example.org' }],
  ['no-reply', { from: 'no-reply@example.org' }],
  ['junk', { content: { verdict: 'junk' } }],
  ['what its domain calls forged', { junk: true }],
  ['a mailing list', { text: `List-Id: <list.example.org>\n${asked}` }],
  ['bulk', { text: `Precedence: bulk\n${asked}` }],
  ['an automatic reply', { text: `Auto-Submitted: auto-replied\n${asked}` }],
  ['a generated letter', { text: `Auto-Submitted: AUTO-generated; x\n${asked}` }],
  ['a letter that wants no answer', { text: `X-Auto-Response-Suppress: DR, OOF\n${asked}` }],
  ['a report', { text: asked.replace('text/plain; charset=utf-8', 'multipart/report; boundary=x') }],
  ['a blind copy', { text: asked.replace('hanako@home.test', 'others@home.test') }],
]

for (const [what, letter] of noAnswer)
  test(`vacation: none for ${what}. RFC 3834 §2, RFC 5230 §4.5, §4.6`, async () => {
    const filed = await fileLetter('require "vacation"; vacation "away";', { text: asked, ...letter })
    assert.deepEqual(summary(filed), ['keep'])
    assert.deepEqual(filed.remember, [])
  })

const answered: readonly (readonly [string, string])[] = [
  ['Auto-Submitted: no', `Auto-Submitted: no\n${asked}`],
  ['Cc', asked.replace('To: Hanako <hanako@home.test>', 'To: a@example.org\nCc: Yamada@home.test')],
  ['Resent-To', asked.replace('To: Hanako <hanako@home.test>', 'To: a@example.org\nResent-To: hanako@home.test')],
]
for (const [what, text] of answered)
  test(`vacation: an answer for ${what}`, async () => {
    const filed = await fileLetter('require "vacation"; vacation "away";', { text })
    assert.deepEqual(summary(filed), ['keep', 'reply to taro@example.org'])
  })

test('vacation: once for a sender and a text, by handle whatever the text. RFC 5230 §4.2', async () => {
  const run = (script: string, letter: Letter, remembered: Filed['remember'] = []) =>
    fileLetter(`require ["vacation", "vacation-seconds"]; ${script}`, letter, { remembered })
  const first = await run('vacation "away";', { text: asked })
  const keys = first.remember
  assert.deepEqual(summary(await run('vacation "away";', { text: asked }, keys)), ['keep'])
  assert.equal((await run('vacation "elsewhere";', { text: asked }, keys)).effects.length, 1)
  assert.equal((await run('vacation :subject "s" "away";', { text: asked }, keys)).effects.length, 1)
  assert.equal((await run('vacation "away";', { text: asked, from: 'jiro@example.org' }, keys)).effects.length, 1)
  assert.equal((await run('vacation "away";', { text: asked, from: 'TARO@example.org' }, keys)).effects.length, 0)
  const handled = (await run('vacation :handle "h" "a";', { text: asked })).remember
  assert.equal((await run('vacation :handle "h" "b";', { text: asked }, handled)).effects.length, 0)
  const days = await run('vacation :days 3 "a";', { text: asked })
  assert.equal(days.remember[0]?.until, testNow + 3 * 86_400_000)
  const bounded = await run('vacation :days 3000 "a";', { text: asked })
  assert.equal(bounded.remember[0]?.until, testNow + 30 * 86_400_000)
})

test('reject: an MDN with the reason. RFC 5429 §2.2', async () => {
  const filed = await fileLetter('require "reject"; reject "いりません";', { text: asked })
  assert.deepEqual(filed.rejected, { kind: 'reject', reason: 'いりません' })
  const { field, text, bytes } = reply(filed)
  assert.match(field('content-type') ?? '', /^multipart\/report; report-type=disposition-notification/)
  assert.equal(field('auto-submitted'), 'auto-replied (rejected)')
  assert.equal(field('in-reply-to'), '<question@example.org>')
  assert.match(text, /いりません/)
  assert.match(
    bytes.toString(),
    /\r\nFinal-Recipient: rfc822; hanako@home\.test\r\nOriginal-Message-ID: <question@example\.org>\r\nDisposition: automatic-action\/MDN-sent-automatically; deleted\r\n/,
  )
  assert.match(bytes.toString(), /Content-Type: text\/rfc822-headers\r\n\r\nFrom: Taro <taro@example\.org>\r\n/)
})

test('ereject: a DSN with the reason. RFC 5429 §2.1', async () => {
  const filed = await fileLetter('require "ereject"; ereject "no more";', { text: asked })
  assert.deepEqual(filed.rejected, { kind: 'ereject', reason: 'no more' })
  const { field, bytes } = reply(filed)
  assert.match(field('content-type') ?? '', /^multipart\/report; report-type=delivery-status/)
  assert.match(bytes.toString(), /\r\nAction: failed\r\nStatus: 5\.7\.1\r\n/)
  assert.match(bytes.toString(), /no more/)
})

test('reject of what has the null path tells nobody', async () => {
  const filed = await fileLetter('require "reject"; reject "no";', { text: asked, from: '' })
  assert.deepEqual(summary(filed), ['reject: no'])
})

test('notify: what the letter says. RFC 5436 §2.7', async () => {
  const script =
    'require "enotify"; notify :importance "1" :message "新着" "mailto:phone@example.net?cc=b@example.net&body=look%0Ahere&X-Tag=t&From=x@example.org&Auto-Submitted=no";'
  const filed = await fileLetter(script, { text: asked })
  const { field, text, bytes } = reply(filed)
  assert.equal(field('auto-submitted'), 'auto-notified; owner-email="hanako@home.test"')
  assert.equal(field('from'), '山田花子 <hanako@home.test>')
  assert.equal(field('to'), '<phone@example.net>')
  assert.equal(field('cc'), '<b@example.net>')
  assert.equal(field('subject'), '新着')
  assert.equal(field('importance'), 'High')
  assert.equal(field('x-tag'), 't')
  assert.equal(field('in-reply-to'), undefined)
  assert.equal(text, 'look\r\nhere\r\n')
  assert.equal(bytes.toString().match(/^from:/gim)?.length, 1)
  const [effect] = filed.effects
  assert.ok(effect?.kind === 'notify')
  assert.deepEqual(
    effect.envelope.recipients.map(({ address }) => address),
    ['phone@example.net', 'b@example.net'],
  )
})

test('notify: without words it tells who wrote what', async () => {
  const { field, text } = reply(
    await fileLetter('require "enotify"; notify "mailto:phone@example.net";', { text: asked }),
  )
  assert.equal(field('subject'), 'お住まい')
  assert.equal(text, 'From: Taro <taro@example.org>\r\nSubject: お住まい\r\n')
})

for (const [what, letter] of [
  ['a notification', { text: `Auto-Submitted: auto-notified; owner-email="x@example.org"\n${asked}` }],
  ['a report', { from: '' }],
  ['junk', { content: { verdict: 'junk' } }],
] as const)
  test(`notify: none of ${what}`, async () => {
    const filed = await fileLetter('require "enotify"; notify "mailto:phone@example.net";', { text: asked, ...letter })
    assert.deepEqual(summary(filed), ['keep'])
  })

test('notify: not to oneself', async () => {
  assert.deepEqual(summary(await fileLetter('require "enotify"; notify "mailto:yamada@home.test";', { text: asked })), [
    'keep',
  ])
})

async function edited(script: string, text = asked): Promise<string> {
  const filed = await fileLetter(script, { text })
  assert.equal(filed.problem, undefined)
  const source = filed.placements[0]?.edited
  assert.ok(source)
  const bytes = await bytesOf(source)
  assert.equal(source.sizeBytes, Buffer.byteLength(bytes))
  return bytes.replaceAll('\r\n', '\n')
}

test('editheader: fields are added in front or behind, and everything else stays. RFC 5293 §4', async () => {
  assert.equal(await edited('require "editheader"; addheader "X-A" "b";'), `X-A: b\n${asked}`)
  const last = await edited('require "editheader"; addheader :last "X-A" "é";')
  assert.equal(last, asked.replace('\n\n', '\nX-A: =?UTF-8?B?w6k=?=\n\n'))
  assert.equal(await edited('require "editheader"; deleteheader "references";'), asked.replace(/References: .*\n/, ''))
})

test('editheader: no value ends its field', async () => {
  const text = await edited('require "editheader"; addheader "X-A" "b\r\nBcc: x@example.org\r\n\r\nbody";')
  assert.equal(text.match(/^Bcc:/m), null)
  assert.ok(text.endsWith(asked))
})

test('editheader: each action takes the message as it is then. RFC 5293 §3', async () => {
  const filed = await fileLetter(
    'require ["editheader", "fileinto"]; fileinto "a"; addheader "X-A" "1"; fileinto "b"; redirect "x@example.net"; addheader "X-A" "2"; keep;',
    { text: asked },
  )
  assert.deepEqual(summary(filed), ['fileinto a', 'fileinto b edited', 'keep edited', 'redirect x@example.net'])
  const [, second, third] = filed.placements
  assert.ok(second?.edited && third?.edited)
  assert.match(await bytesOf(second.edited), /^X-A: 1\r\nFrom/)
  assert.match(await bytesOf(third.edited), /^X-A: 2\r\nX-A: 1\r\nFrom/)
  const [redirected] = filed.effects
  assert.ok(redirected?.kind === 'redirect')
  assert.match(await bytesOf(redirected.message), /^X-A: 1\r\nFrom/)
})

const parts = `Subject: parts
From: taro@example.org
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

before
--x
Content-Type: text/plain

words
--x
Content-Type: application/zip; name=a.zip
Content-Transfer-Encoding: base64

UEsDBAo=
--x--
after
`

test('replace: one part, and the rest stays as it is. RFC 5703 §5', async () => {
  const text = await edited(
    'require ["foreverypart", "mime", "replace"]; foreverypart { if header :mime :subtype "content-type" "zip" { replace "取り除きました"; } }',
    parts,
  )
  const entity =
    'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n=E5=8F=96=E3=82=8A=E9=99=A4=E3=81=8D=E3=81=BE=E3=81=97=E3=81=9F\n'
  assert.equal(
    text,
    parts.replace('Content-Type: application/zip; name=a.zip\nContent-Transfer-Encoding: base64\n\nUEsDBAo=', entity),
  )
})

test('replace: a multipart and what is in it; the loop passes over what is gone', async () => {
  const inner = parts.replace(
    'Content-Type: text/plain\n\nwords',
    'Content-Type: multipart/alternative; boundary=y\n\n--y\n\none\n--y\nContent-Type: text/html\n\ntwo\n--y--',
  )
  const script = `require ["foreverypart", "mime", "replace", "variables", "fileinto"];
foreverypart {
  set "seen" "\${seen}.";
  if header :mime :contenttype "content-type" "multipart/alternative" { replace "gone"; }
}
fileinto "\${seen}";`
  const filed = await fileLetter(script, { text: inner })
  assert.deepEqual(summary(filed), ['fileinto ... edited'])
  const source = filed.placements[0]?.edited
  assert.ok(source)
  const text = await bytesOf(source)
  assert.ok(!text.includes('two') && text.includes('gone') && text.includes('UEsDBAo='))
})

test('replace: the whole message with a new subject; the old one is kept', async () => {
  const text = await edited('require "replace"; replace :subject "removed" "nothing here";', parts)
  assert.equal(
    text,
    'From: taro@example.org\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 7bit\nOriginal-Subject: parts\nSubject: removed\n\nnothing here\n',
  )
})

test('replace: a MIME entity', async () => {
  const text = await edited(
    'require ["foreverypart", "mime", "replace"]; foreverypart { if header :mime :subtype "content-type" "zip" { replace :mime "Content-Type: text/html\r\n\r\n<b>gone</b>"; } }',
    parts,
  )
  assert.match(text, /--x\nContent-Type: text\/html\n\n<b>gone<\/b>\n--x--/)
})

test('enclose: the message within another, and redirect passes on the inner one. RFC 5703 §6', async () => {
  const filed = await fileLetter(
    'require ["enclose", "copy"]; enclose :subject "警告" :headers ["From"] "careful"; redirect :copy "x@example.net";',
    { text: parts },
  )
  const source = filed.placements[0]?.edited
  assert.ok(source)
  const bytes = Buffer.from(await bytesOf(source))
  assert.equal(source.sizeBytes, bytes.length)
  const fields = parseHeader(bytes)
  const subject = fieldValue(bytes, fields, 'subject')
  assert.equal(subject && decodeWords(subject), '警告')
  assert.equal(fieldValue(bytes, fields, 'from')?.toString(), Buffer.from('taro@example.org').toString())
  assert.equal(textOf(bytes).trim(), 'careful')
  assert.ok(
    bytes.includes(
      `Content-Type: message/rfc822\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${parts.replaceAll('\n', '\r\n')}`,
    ),
  )
  const [redirected] = filed.effects
  assert.ok(redirected?.kind === 'redirect')
  assert.equal(await bytesOf(redirected.message), parts.replaceAll('\n', '\r\n'))
})

test('redirect without edits passes on the very source', async () => {
  const filed = await fileLetter('redirect "x@example.net";', { text: asked })
  const [redirected] = filed.effects
  assert.ok(redirected?.kind === 'redirect')
  assert.equal(redirected.message.place.kind, 'memory')
  assert.equal(await bytesOf(redirected.message), asked.replaceAll('\n', '\r\n'))
})
