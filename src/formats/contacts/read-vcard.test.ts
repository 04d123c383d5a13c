import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { test } from 'node:test'
import type { Card, JsonRecord } from './card.ts'
import { fullName, nameReading } from './full-name.ts'
import { maxProperties } from './limits.ts'
import { readVcards } from './read-vcard.ts'
import { octets, read, vcard } from './read-vcard.testbed.ts'
import { writeVcard } from './write-vcard.ts'

test('a whole card of RFC 6350 §8, folded', () => {
  const card = read(
    'FN:Simon Perreault\r\nN:Perreault;Simon;;;ing. jr,M.Sc.\r\nBDAY:--0203\r\nANNIVERSARY:20090808T1430-0500\r\nGENDER:M\r\nLANG;PREF=1:fr\r\nLANG;PREF=2:en\r\n' +
      'ORG;TYPE=work:Viagenie\r\nADR;TYPE=work:;Suite D2-630;2875 Laurier;\r\n Quebec;QC;G1V 2M2;Canada\r\nTEL;VALUE=uri;TYPE="work,voice";PREF=1:tel:+1-418-656-9254;ext=102\r\n' +
      'EMAIL;TYPE=work:simon.perreault@viagenie.ca\r\nGEO;TYPE=work:geo:46.772673,-71.282945\r\nKEY;TYPE=work;VALUE=uri:\r\n http://www.viagenie.ca/simon.perreault/simon.asc\r\n' +
      'TZ:-0500\r\nURL;TYPE=home:http://nomis80.org',
  ) as unknown as Record<string, Record<string, JsonRecord>>
  assert.deepEqual(card['anniversaries'], {
    a1: { kind: 'birth', date: { month: 2, day: 3 } },
    a2: { kind: 'wedding', date: { '@type': 'Timestamp', utc: '2009-08-08T19:30:00Z' } },
  })
  assert.equal(card['addresses']?.['a1']?.['coordinates'], 'geo:46.772673,-71.282945')
  assert.deepEqual(card['cryptoKeys'], {
    c1: { uri: 'http://www.viagenie.ca/simon.perreault/simon.asc', contexts: { work: true } },
  })
  assert.deepEqual(card['vCardProps'], [['gender', {}, 'unknown', 'M']])
})

test('a Japanese phone: 2.1, Shift_JIS in quoted-printable with soft breaks, readings in half-width katakana', () => {
  const qp = (bytes: readonly number[]) =>
    bytes.map(byte => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('')
  // 山田 / 花子 / 十分な表 (a character whose second octet is a backslash)
  const [yamada, hanako, so] = [
    [0x8e, 0x52, 0x93, 0x63],
    [0x89, 0xd4, 0x8e, 0x71],
    [0x95, 0x5c],
  ]
  const kana = [0xd4, 0xcf, 0xc0, 0xde]
  const file = [
    'BEGIN:VCARD',
    'VERSION:2.1',
    `N;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:${qp(yamada)};=`,
    `${qp(hanako)};;;`,
    `SOUND;X-IRMC-N;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:${qp(kana)};${qp([0xca, 0xc5, 0xba])};;;`,
    'TEL;CELL:090-1234-5678',
    'EMAIL;CELL:hanako@docomo.example',
    `NOTE;CHARSET=SHIFT_JIS;ENCODING=QUOTED-PRINTABLE:${qp(so)}=0D=0A2`,
    'PHOTO;JPEG;ENCODING=BASE64:/9j/4AAQ',
    ' SkZJRgAB',
    'AQAASABI',
    '',
    'END:VCARD',
  ].join('\r\n')
  const { cards, problems } = readVcards(octets(file))
  assert.deepEqual(problems, [])
  const card = cards[0]?.card
  assert.equal(fullName(card?.name as JsonRecord), '山田 花子')
  assert.equal(nameReading(card?.name as JsonRecord), 'ヤマダ ハナコ')
  assert.equal(card?.name?.phoneticScript, 'Kana')
  assert.deepEqual(card?.phones, { p1: { number: '090-1234-5678', features: { mobile: true } } })
  assert.deepEqual(card?.notes, { n1: { note: '表\r\n2' } })
  assert.equal(card?.media?.['m1']?.uri, 'data:image/jpeg;base64,/9j/4AAQSkZJRgABAQAASABI')
})

test('raw Shift_JIS, EUC-JP and ISO-2022-JP, labelled or not', () => {
  const head = 'BEGIN:VCARD\nVERSION:2.1\nN'
  const tail = '\nEND:VCARD\n'
  const of = (parameters: string, value: readonly number[]) =>
    readVcards(Buffer.concat([octets(`${head}${parameters}:`), Buffer.from(value), octets(tail)])).cards[0]?.card.name
  const sjis = [0x8e, 0x52, 0x93, 0x63, 0x3b, 0x95, 0x5c, 0x3b]
  const euc = [0xbb, 0xb3, 0xc5, 0xc4, 0x3b, 0xc9, 0xbd, 0x3b]
  const jis = [
    0x1b, 0x24, 0x42, 0x3b, 0x33, 0x45, 0x44, 0x1b, 0x28, 0x42, 0x3b, 0x1b, 0x24, 0x42, 0x49, 0x3d, 0x1b, 0x28, 0x42,
  ]
  for (const name of [
    of('', sjis),
    of(';CHARSET=SHIFT_JIS', sjis),
    of('', euc),
    of(';CHARSET=EUC-JP', euc),
    of('', jis),
    of(';CHARSET=ISO-2022-JP', jis),
  ])
    assert.deepEqual(name?.components, [
      { kind: 'surname', value: '山田' },
      { kind: 'given', value: '表' },
    ])
})

test('bytes of ISO-2022-JP that look like colons and semicolons belong to their characters', () => {
  const value = Buffer.from([0x1b, 0x24, 0x42, 0x3a, 0x3b, 0x3b, 0x3a, 0x1b, 0x28, 0x42])
  const { cards } = readVcards(Buffer.concat([octets('BEGIN:VCARD\nVERSION:2.1\nNOTE:'), value, octets('\nEND:VCARD')]))
  const expected = new TextDecoder('iso-2022-jp').decode(value)
  assert.equal(expected.length, 2)
  assert.deepEqual(cards[0]?.card.notes, { n1: { note: expected } })
})

test('Apple: grouped labels, birthdays without a year, groups by bare UIDs', () => {
  const file =
    vcard(
      'N:Appleseed;John;;;\r\nFN:John Appleseed\r\nUID:ABC-1\r\nitem1.URL;type=pref:https://example.com\r\nitem1.X-ABLabel:_$!<HomePage>!$_\r\nitem2.ADR;type=HOME:;;1 Loop;Cupertino;CA;95014;\r\nitem2.X-ABADR:us\r\nBDAY;X-APPLE-OMIT-YEAR=1604:1604-07-04',
      '3.0',
    ) +
    vcard(
      'N:Friends;;;;\r\nFN:Friends\r\nX-ADDRESSBOOKSERVER-KIND:group\r\nX-ADDRESSBOOKSERVER-MEMBER:urn:uuid:ABC-1',
      '3.0',
    )
  const { cards } = readVcards(octets(file), { newUid: () => 'u' })
  const [john, friends] = cards.map(one => one.card)
  assert.deepEqual(john?.links, { l1: { uri: 'https://example.com', pref: 1, label: 'HomePage' } })
  assert.equal(john?.addresses?.['a1']?.countryCode, 'US')
  assert.deepEqual(john?.anniversaries, { a1: { kind: 'birth', date: { month: 7, day: 4 } } })
  assert.deepEqual([friends?.kind, friends?.members], ['group', { 'ABC-1': true }])
})

test('Roundcube and Google: departments, messengers, phonetic names, categories', () => {
  const card = read(
    'N:Doe;Jane;;;\r\nFN:Jane Doe\r\nORG:Example\r\nX-DEPARTMENT:Sales\r\nX-SKYPE-USERNAME:jane.d\r\nTEL;TYPE=homefax:03-1\r\nTEL;TYPE=home,fax:03-2\r\nX-PHONETIC-FIRST-NAME:ジェーン\r\nCATEGORIES:myContacts,Friends\r\nX-SPOUSE:Bob',
    '3.0',
  )
  assert.deepEqual(card['organizations'], { o1: { name: 'Example', units: [{ name: 'Sales' }] } })
  assert.deepEqual(card['onlineServices'], { o1: { user: 'jane.d', service: 'Skype', vCardName: 'x-skype-username' } })
  const fax = { contexts: { private: true }, features: { fax: true } }
  assert.deepEqual(card['phones'], { p1: { number: '03-1', ...fax }, p2: { number: '03-2', ...fax } })
  assert.equal(nameReading(card['name']), 'ジェーン')
  assert.deepEqual(card['vCardProps'], [['x-spouse', {}, 'unknown', 'Bob']])
})

test('Outlook: 2.1 with bare types, LABEL beside ADR, UTF-16', () => {
  const text =
    'BEGIN:VCARD\r\nVERSION:2.1\r\nN;LANGUAGE=ja:Suzuki;Ichiro\r\nTEL;WORK;VOICE:03-1\r\nTEL;WORK;FAX:03-2\r\nADR;WORK;PREF:;;1-2-3;Minato;Tokyo;105-0001;Japan\r\nLABEL;WORK;PREF;ENCODING=QUOTED-PRINTABLE:1-2-3=0D=0A=\r\nMinato\r\nEND:VCARD\r\n'
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')])
  for (const file of [octets(text), octets(`\u{feff}${text}`), utf16]) {
    const { cards, problems } = readVcards(file)
    assert.deepEqual(problems, [])
    const card = cards[0]?.card
    assert.deepEqual(card?.phones?.['p2'], { number: '03-2', contexts: { work: true }, features: { fax: true } })
    assert.equal(card?.addresses?.['a1']?.full, '1-2-3\r\nMinato')
    assert.equal(fullName(card?.name as JsonRecord), 'Ichiro Suzuki')
  }
})

test('names in other languages are kept, and written again', () => {
  const lines =
    'N;ALTID=1;LANGUAGE=jp:山田;太郎;;;\r\nN;ALTID=1;LANGUAGE=en:Yamada;Taro;;;\r\nFN;ALTID=2:山田太郎\r\nFN;ALTID=2;LANGUAGE=en:Taro Yamada'
  const card = read(lines)
  assert.deepEqual(card['name'], {
    components: [
      { kind: 'surname', value: '山田' },
      { kind: 'given', value: '太郎' },
    ],
    full: '山田太郎',
  })
  assert.deepEqual(card['vCardProps'], [
    ['n', { altid: '1', language: 'en' }, 'unknown', 'Yamada;Taro;;;'],
    ['fn', { altid: '2', language: 'en' }, 'unknown', 'Taro Yamada'],
  ])
  const again = writeVcard({ uid: 'u', ...card } as unknown as Card)
  assert.match(again, /\r\nN;ALTID=1;LANGUAGE=en:Yamada;Taro;;;\r\n/)
  assert.deepEqual(readVcards(octets(again)).cards[0]?.card.name, card['name'])
  assert.equal(writeVcard({ uid: 'u', ...card } as unknown as Card, { version: '3.0' }).match(/\r\nN[:;]/g)?.length, 1)
})

test('one bad card never spoils a file; problems name their lines', () => {
  const file = `hello\n${vcard('FN:A')}BEGIN:VCARD\nVERSION:3.0\nFN:B\nthis is nothing\nBEGIN:VCARD\nVERSION:3.0\nEND:VCARD\n${vcard('FN:C')}BEGIN:VCARD\nFN:D`
  const { cards, problems } = readVcards(octets(file))
  assert.deepEqual(
    cards.map(({ line, card }) => [line, card.name?.full]),
    [
      [2, 'A'],
      [6, 'B'],
      [13, 'C'],
      [17, 'D'],
    ],
  )
  assert.deepEqual(problems, [
    { line: 1, code: 'outside' },
    { line: 9, code: 'not-a-property' },
    { line: 6, code: 'not-ended' },
    { line: 10, code: 'empty' },
    { line: 17, code: 'not-ended' },
  ])
})

test('a card within a card (AGENT) is passed over', () => {
  const { cards, problems } = readVcards(
    octets(
      'BEGIN:VCARD\nVERSION:2.1\nFN:Boss\nAGENT:\nBEGIN:VCARD\nVERSION:2.1\nFN:Agent\nEND:VCARD\nTEL:1\nEND:VCARD\n',
    ),
  )
  assert.deepEqual(problems, [])
  assert.deepEqual(
    cards.map(({ card }) => [card.name?.full, card.phones]),
    [['Boss', { p1: { number: '1' } }]],
  )
})

test('names that mean something to JavaScript are names', () => {
  const { cards } = readVcards(
    octets(
      vcard(
        'FN:x\r\nCATEGORIES:__proto__,constructor\r\nEMAIL;PROP-ID=__proto__:a@x.example\r\nRELATED:__proto__\r\nJSPROP;JSPTR="__proto__/polluted":true\r\nJSPROP;JSPTR="constructor/prototype/polluted":true\r\nMEMBER:__proto__',
      ),
    ),
  )
  assert.equal(({} as Record<string, unknown>)['polluted'], undefined)
  assert.deepEqual(cards[0]?.card.keywords, { constructor: true })
  assert.equal(Object.values(cards[0]?.card.emails ?? {})[0]?.address, 'a@x.example')
})

const hostile: readonly (readonly [name: string, file: () => string, cards: number])[] = [
  ['a line of 10 MB', () => vcard(`NOTE:${'x'.repeat(10_000_000)}\r\nFN:A`), 1],
  ['half a million folds', () => vcard(`FN:A\r\nNOTE:${'x\r\n '.repeat(500_000)}`), 1],
  ['a million properties', () => vcard(`FN:A\r\n${'TEL:1\r\n'.repeat(1_000_000)}`), 1],
  ['sixty thousand cards', () => 'BEGIN:VCARD\nFN:A\nEND:VCARD\n'.repeat(60_000), 50_000],
  ['semicolons', () => vcard(`FN:A\r\nN:${';'.repeat(1_000_000)}`), 1],
  ['backslashes', () => vcard(`FN:A\r\nN:${'\\'.repeat(1_000_000)}`), 1],
  ['parameters', () => vcard(`FN;${'a=b;'.repeat(500_000)}c=d:A`), 1],
  ['open quotes', () => vcard(`FN;${'a="'.repeat(500_000)}:A`), 1],
  ['soft breaks', () => vcard(`FN:A\r\nNOTE;ENCODING=QUOTED-PRINTABLE:${'=\r\n'.repeat(500_000)}`, '2.1'), 1],
  ['a tower of JSON', () => vcard(`FN:A\r\nJSPROP;JSPTR=x:${'{"a":'.repeat(500_000)}`), 1],
  ['cards within cards', () => `BEGIN:VCARD\nFN:A\nAGENT:\n${'BEGIN:VCARD\n'.repeat(100_000)}`, 1],
  ['empty lines', () => '\n'.repeat(1_000_000), 0],
  ['zeros', () => '\0'.repeat(5_000_000), 0],
  ['members of groups', () => vcard(`KIND:group\r\nFN:A\r\n${'MEMBER:a\r\n'.repeat(500_000)}`), 1],
]
for (const [name, file, count] of hostile)
  test(`hostile: ${name}`, { timeout: 20_000 }, () => {
    const bytes = octets(file())
    const from = performance.now()
    const { cards, problems } = readVcards(bytes)
    assert.ok(performance.now() - from < 5_000, `${performance.now() - from} ms`)
    assert.equal(cards.length, count)
    assert.ok(problems.length <= 200)
    for (const { card } of cards.slice(0, 1)) assert.ok(JSON.stringify(card).length < 5_000_000)
  })

test('no more properties of a card than the limit, and it is said', () => {
  const { cards, problems } = readVcards(octets(vcard(`FN:A\r\n${'TEL:1\r\n'.repeat(maxProperties + 5)}`)))
  assert.equal(Object.keys(cards[0]?.card.phones ?? {}).length, maxProperties - 2)
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['too-many-properties'],
  )
})
