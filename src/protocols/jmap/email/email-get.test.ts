import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { memorySource } from '#formats/message-source.ts'
import { deletedFlag, draftFlag, flaggedFlag, seenFlag } from '#mail/account.ts'
import { printEmailId } from '#mail/object-ids.ts'
import { type JmapBed, withJmap } from '../jmap.testbed.ts'
import type { Email, EmailBodyPart, JsonObject } from '../wire.ts'

type Part = EmailBodyPart & { readonly subParts: readonly Part[] }
type Shown = Omit<Email, 'bodyStructure' | 'textBody' | 'htmlBody' | 'attachments'> & {
  readonly bodyStructure: Part
  readonly textBody: readonly Part[]
  readonly htmlBody: readonly Part[]
  readonly attachments: readonly Part[]
}

async function put(
  bed: JmapBed,
  text: string | Uint8Array,
  system = 0,
  keywords: readonly string[] = [],
): Promise<string> {
  const account = await bed.accounts.account(bed.account)
  const inbox = await account.mailboxNamed('INBOX')
  const bytes = typeof text === 'string' ? utf8(text.replaceAll(/\r?\n/g, '\r\n')) : text
  const flags = { mode: 'replace', system, keywords } as const
  const internalDate = Date.parse('2026-11-27T09:30:00Z')
  const placed = await account.append(inbox!.id, [{ message: memorySource(bytes), flags, internalDate }])
  assert.ok(!('refused' in placed) && placed[0])
  return printEmailId(placed[0].emailId)
}

async function get(bed: JmapBed, id: string, more: object): Promise<Shown> {
  const { list } = (await bed.call('Email/get', { ids: [id], ...more })) as { readonly list: readonly JsonObject[] }
  assert.equal(list.length, 1)
  return list[0] as Shown
}

/** RFC 8621 §4.1.4: the example of how parts are sorted, with its letters as content */
const sorted = `From: a@internet.test
Subject: Parts
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=m1

--m1
Content-Disposition: inline

A
--m1
Content-Type: multipart/mixed; boundary=m2

--m2
Content-Type: multipart/alternative; boundary=a1

--a1
Content-Type: multipart/mixed; boundary=m3

--m3
Content-Disposition: inline

B
--m3
Content-Type: image/jpeg
Content-Disposition: inline

C
--m3
Content-Disposition: inline

D
--m3--
--a1
Content-Type: multipart/related; boundary=r1

--r1
Content-Type: text/html

E
--r1
Content-Type: image/jpeg

F
--r1--
--a1--
--m2
Content-Type: image/jpeg
Content-Disposition: attachment

G
--m2
Content-Type: application/x-excel

H
--m2
Content-Type: message/rfc822

Subject: J

J
--m2--
--m1
Content-Disposition: inline

K
--m1--
`

test('text, HTML and attachments of the example in RFC 8621 §4.1.4; each part is a blob', async () => {
  await withJmap(async bed => {
    const id = await put(bed, sorted)
    const email = await get(bed, id, {
      properties: ['textBody', 'htmlBody', 'attachments', 'bodyStructure', 'hasAttachment'],
    })
    const contents = async (parts: readonly Part[]) => {
      let found = ''
      for (const { blobId, size } of parts) {
        const { status, bytes } = await bed.ask({ path: `/jmap/download/${bed.accountId}/${blobId}/x` })
        assert.equal(status, 200)
        assert.equal(bytes.length, size)
        found += bytes.toString().trim().at(-1) ?? '?'
      }
      return found
    }
    assert.equal(await contents(email.textBody), 'ABCDK')
    assert.equal(await contents(email.htmlBody), 'AEK')
    assert.equal(await contents(email.attachments), 'CFGHJ')
    assert.equal(email.hasAttachment, true)
    const { subParts, ...root } = email.bodyStructure
    assert.deepEqual(root, {
      partId: null,
      blobId: null,
      size: 0,
      name: null,
      type: 'multipart/mixed',
      charset: null,
      disposition: null,
      cid: null,
      language: null,
      location: null,
    })
    assert.deepEqual(
      subParts.map(part => part.partId),
      ['1', null, '3'],
    )
    assert.deepEqual(
      subParts[1]?.subParts.map(part => part.type),
      ['multipart/alternative', 'image/jpeg', 'application/x-excel', 'message/rfc822'],
    )
    assert.equal(subParts[1]?.subParts[3]?.subParts, undefined, 'a message in a letter has parts of its own')
    const inner = await bed.ask({ path: `/jmap/download/${bed.accountId}/${subParts[1]?.subParts[3]?.blobId}-1/x` })
    assert.equal(inner.bytes.toString().trim(), 'J')
    for (const wrong of ['-9', '-2', '-2_1', '-1-2', '-1_1'])
      assert.equal(
        (await bed.ask({ path: `/jmap/download/${bed.accountId}/L${id.slice(1)}${wrong}/x` })).status,
        404,
        wrong,
      )
  })
})

test('what is known of a letter without reading it: mailboxes, keywords, dates, ids (RFC 8621 §4.1.1)', async () => {
  await withJmap(async bed => {
    const id = await put(bed, 'Subject: x\n\nbody\n', seenFlag | flaggedFlag | draftFlag, ['$Forwarded', 'Blue'])
    const account = await bed.accounts.account(bed.account)
    const [inbox, archive] = await Promise.all(['INBOX', 'Archive'].map(name => account.mailboxNamed(name)))
    await account.copy(inbox!.id, [1 as never], archive!.id)
    const properties = ['blobId', 'threadId', 'mailboxIds', 'keywords', 'size', 'receivedAt']
    const email = await get(bed, id, { properties })
    assert.deepEqual(email, {
      id,
      blobId: `L${id.slice(1)}`,
      threadId: `T${id.slice(1)}`,
      mailboxIds: { [`M${inbox!.id}`]: true, [`M${archive!.id}`]: true },
      keywords: { $seen: true, $flagged: true, $draft: true, $forwarded: true, blue: true },
      size: 'Subject: x\r\n\r\nbody\r\n'.length,
      receivedAt: '2026-11-27T09:30:00Z',
    })
    const marked = { mode: 'add', system: deletedFlag, keywords: [] } as const
    await account.changeFlags(inbox!.id, [1 as never], marked)
    assert.deepEqual((await get(bed, id, { properties: ['mailboxIds'] })).mailboxIds, { [`M${archive!.id}`]: true })
    await account.changeFlags(archive!.id, [1 as never], marked)
    assert.deepEqual((await bed.call('Email/get', { ids: [id] }))['notFound'], [id])
    assert.equal((await bed.ask({ path: `/jmap/download/${bed.accountId}/L${id.slice(1)}/x` })).status, 404)
    await assert.rejects(bed.call('EmailTrace/get', { emailId: id }), /invalidArguments/)
  })
})

test('header fields in every form (RFC 8621 §4.1.2), the group of §4.1.2.4 among them', async () => {
  await withJmap(async bed => {
    const id = await put(
      bed,
      `From: "James Smythe" <james@example.com>, Friends:
  jane@example.com, =?UTF-8?Q?John_Sm=C3=AEth?=
  <john@example.com>;
To: first@example.com
To: second@example.com
Subject: =?iso-2022-jp?B?GyRCOCslNSVzJVclaxsoQg==?=
 folded
Date: Thu, 30 Oct 2014 14:12:00 +0800
Message-ID: <one@example.com>
References: <a@example.com> <b@example.com>
List-Post: <mailto:list@example.com>, <https://example.com/post>
X-Odd:  two  blanks\u00e9

body
`,
    )
    const email = await get(bed, id, {
      properties: [
        'from',
        'to',
        'subject',
        'sentAt',
        'messageId',
        'references',
        'inReplyTo',
        'cc',
        'sender',
        'header:From:asGroupedAddresses',
        'header:to:asAddresses:all',
        'header:List-POST:asURLs',
        'header:X-Odd',
        'header:x-odd:asText',
        'header:Date:asDate',
        'header:x-none',
        'header:x-none:all',
        'header:References:asMessageIds',
        'header:X-Odd:asDate',
      ],
    })
    const [james, jane, john] = [
      { name: 'James Smythe', email: 'james@example.com' },
      { name: null, email: 'jane@example.com' },
      { name: 'John Smîth', email: 'john@example.com' },
    ]
    assert.deepEqual(email, {
      id,
      from: [james, jane, john],
      to: [{ name: null, email: 'second@example.com' }],
      subject: '見サンプル folded',
      sentAt: '2014-10-30T14:12:00+08:00',
      messageId: ['one@example.com'],
      references: ['a@example.com', 'b@example.com'],
      inReplyTo: null,
      cc: null,
      sender: null,
      'header:From:asGroupedAddresses': [
        { name: null, addresses: [james] },
        { name: 'Friends', addresses: [jane, john] },
      ],
      'header:to:asAddresses:all': [
        [{ name: null, email: 'first@example.com' }],
        [{ name: null, email: 'second@example.com' }],
      ],
      'header:List-POST:asURLs': ['mailto:list@example.com', 'https://example.com/post'],
      'header:X-Odd': '  two  blanksé',
      'header:x-odd:asText': 'two  blanksé',
      'header:Date:asDate': '2014-10-30T14:12:00+08:00',
      'header:x-none': null,
      'header:x-none:all': [],
      'header:References:asMessageIds': ['a@example.com', 'b@example.com'],
      'header:X-Odd:asDate': null,
    })
    const { headers } = await get(bed, id, { properties: ['headers'] })
    assert.deepEqual(headers[1], { name: 'To', value: ' first@example.com' })
    assert.match(headers[0]?.value ?? '', /^ "James Smythe" <james@example\.com>, Friends:\r\n  jane/)
  })
})

test('body values: charsets, cuts, problems (RFC 8621 §4.1.4)', async () => {
  await withJmap(async bed => {
    const japanese = Buffer.concat([
      Buffer.from('Content-Type: text/plain; charset=Shift_JIS\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'),
      Buffer.from([0x82, 0xb1, 0x82, 0xf1, 0x82, 0xc9, 0x82, 0xbf, 0x82, 0xcd, 0x0d, 0x0a]),
    ])
    const id = await put(bed, japanese)
    const value = async (of: string, more: object = {}) => {
      const { bodyValues } = await get(bed, of, { properties: ['bodyValues'], fetchAllBodyValues: true, ...more })
      return bodyValues['1']
    }
    assert.deepEqual(await value(id), { value: 'こんにちは\n', isEncodingProblem: false, isTruncated: false })
    assert.deepEqual(await value(id, { maxBodyValueBytes: 7 }), {
      value: 'こん',
      isEncodingProblem: false,
      isTruncated: true,
    })
    const html = await put(
      bed,
      'Content-Type: text/html; charset=utf-8\n\n<p>one</p><a href="https://example.com/">two</a>\n',
    )
    assert.equal((await value(html, { maxBodyValueBytes: 20 }))?.value, '<p>one</p>')
    const unknown = await put(bed, 'Content-Type: text/plain; charset=x-klingon\n\nnuqneH\n')
    assert.deepEqual(await value(unknown), { value: 'nuqneH\n', isEncodingProblem: true, isTruncated: false })
    const broken = await put(
      bed,
      'Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n=E3=81\n',
    )
    assert.equal((await value(broken))?.isEncodingProblem, true)
    const alternative = await put(bed, sorted)
    const which = async (more: object) =>
      Object.keys((await get(bed, alternative, { properties: ['bodyValues'], ...more })).bodyValues).sort()
    assert.deepEqual(await which({}), [])
    assert.deepEqual(await which({ fetchTextBodyValues: true }), ['1', '2.1.1.1', '2.1.1.3', '3'])
    assert.deepEqual(await which({ fetchHTMLBodyValues: true }), ['1', '2.1.2.1', '3'])
    assert.deepEqual(await which({ fetchAllBodyValues: true }), ['1', '2.1.1.1', '2.1.1.3', '2.1.2.1', '3'])
  })
})

test('sizes and blobs are those of the content, however it is encoded', async () => {
  await withJmap(async bed => {
    const content = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * 7) % 256))
    const encoded = content.toString('base64').replaceAll(/(.{76})/g, '$1\r\n')
    const id = await put(
      bed,
      `Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/pdf; name="=?utf-8?B?5paH5pu4LnBkZg==?="\nContent-Disposition: attachment; filename*=utf-8''%E6%96%87%E6%9B%B8.pdf\nContent-Transfer-Encoding: base64\nContent-ID: <cid@example.com>\nContent-Language: ja, en\nContent-Location: https://example.com/x\n\n${encoded}\n--b--\n`,
    )
    const { attachments } = await get(bed, id, {
      properties: ['attachments'],
      bodyProperties: [
        'partId',
        'size',
        'name',
        'type',
        'charset',
        'disposition',
        'cid',
        'language',
        'location',
        'blobId',
        'header:Content-ID',
      ],
    })
    const [part] = attachments
    assert.deepEqual(part, {
      partId: '1',
      size: 70_000,
      name: '文書.pdf',
      type: 'application/pdf',
      charset: null,
      disposition: 'attachment',
      cid: 'cid@example.com',
      language: ['ja', 'en'],
      location: 'https://example.com/x',
      blobId: part?.blobId,
      'header:Content-ID': ' <cid@example.com>',
    })
    const got = await bed.ask({ path: `/jmap/download/${bed.accountId}/${part.blobId}/x` })
    assert.deepEqual(got.bytes, content)
    assert.equal(got.headers['content-length'], '70000')
  })
})

test('the standard properties of a plain letter, and of one that is nothing', async () => {
  await withJmap(async bed => {
    const id = await put(bed, 'From: a@internet.test\nSubject: Hi\n\nHello there\n')
    const email = await get(bed, id, { fetchTextBodyValues: true })
    assert.equal(email.preview, 'Hello there')
    assert.equal(email.hasAttachment, false)
    assert.deepEqual(email.textBody, email.htmlBody)
    assert.equal(email.textBody[0]?.partId, '1')
    assert.deepEqual(email.bodyValues, { 1: { value: 'Hello there\n', isEncodingProblem: false, isTruncated: false } })
    assert.equal(email.bodyStructure, undefined, 'only when it is asked for')
    const empty = await get(bed, await put(bed, ''), { fetchAllBodyValues: true })
    assert.deepEqual([empty.subject, empty.from, empty.preview], [null, null, ''])
    const deep = await put(
      bed,
      `${Array.from({ length: 300 }, (_, n) => `Content-Type: multipart/mixed; boundary=b${n}\n\n--b${n}\n`).join('')}text\n`,
    )
    assert.ok((await get(bed, deep, { properties: ['bodyStructure', 'textBody'] })).bodyStructure.subParts.length === 1)
  })
})

test('what is wrong: properties, forms, bounds', async () => {
  await withJmap(async bed => {
    const ask = async (given: object) =>
      (await bed.calls(['Email/get', { accountId: bed.accountId, ids: [], ...given }]))[0]?.[1]
    for (const given of [
      { properties: ['nonsense'] },
      { properties: ['header:'] },
      { properties: ['header:Subject:asNonsense'] },
      { properties: ['header:Subject:asDate'] },
      { properties: ['header:From:asText'] },
      { properties: ['header:Date:asAddresses'] },
      { properties: ['header:Message-ID:asURLs'] },
      { properties: ['header:Subject:all:asText'] },
      { bodyProperties: ['subject'] },
      { maxBodyValueBytes: -1 },
      { fetchAllBodyValues: 'yes' },
      { ids: 'E1' },
    ])
      assert.equal((await ask(given))?.['type'], 'invalidArguments', JSON.stringify(given))
    const many = Array.from({ length: 501 }, (_, index) => `E${index + 1}`)
    assert.equal((await ask({ ids: many }))?.['type'], 'requestTooLarge')
    assert.equal((await ask({ ids: null }))?.['type'], 'requestTooLarge')
    assert.deepEqual((await ask({ ids: ['E1', 'M1', 'nonsense', 'E01'] }))?.['notFound'], [
      'E1',
      'M1',
      'nonsense',
      'E01',
    ])
  })
})
