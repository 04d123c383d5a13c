import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { anyCard } from './any-card.testbed.ts'
import type { Card, JsonRecord } from './card.ts'
import { readVcards } from './read-vcard.ts'
import { writeVcard, writeVcards } from './write-vcard.ts'

const octets = (text: string) => new TextEncoder().encode(text)
const card = (rest: object): Card => ({ '@type': 'Card', version: '1.0', uid: 'urn:uuid:1', ...rest })
const unfolded = (text: string) => text.replaceAll('\r\n ', '').split('\r\n')
const readOne = (text: string) => readVcards(octets(text)).cards[0]?.card

/** RFC 9555's rules the other way: a card, and a line that must be there. */
const examples: readonly (readonly [card: object, line: string])[] = [
  [
    { kind: 'group', members: { 'urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af': true } },
    'MEMBER:urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af',
  ],
  [{ created: '2022-09-30T14:35:10Z', name: { full: 'x' } }, 'CREATED:20220930T143510Z'],
  [{ updated: '2021-10-31T22:27:10Z', name: { full: 'x' } }, 'REV:20211031T222710Z'],
  [{ uid: 'hello@example.com', name: { full: 'x' } }, 'UID;VALUE=text:hello@example.com'],
  [{ name: { full: 'Mr. John Q. Public, Esq.' } }, 'FN:Mr. John Q. Public\\, Esq.'],
  [
    {
      name: {
        components: [
          { kind: 'surname', value: 'Doe' },
          { kind: 'given', value: 'Jane' },
        ],
      },
    },
    'FN;DERIVED=TRUE:Jane Doe',
  ],
  [
    {
      name: {
        components: [
          { kind: 'title', value: 'Ms.' },
          { kind: 'given', value: 'Mary Jean' },
          { kind: 'given2', value: 'Elizabeth' },
          { kind: 'surname', value: 'van Halen' },
          { kind: 'surname2', value: 'Barrientos' },
          { kind: 'generation', value: 'III' },
          { kind: 'separator', value: ', ' },
          { kind: 'credential', value: 'PhD' },
        ],
        isOrdered: true,
      },
    },
    'N;JSCOMPS=";3;1;2;0;5;6;s,\\, ;4":van Halen,Barrientos;Mary Jean;Elizabeth;Ms.;PhD,III;Barrientos;III',
  ],
  [
    {
      name: {
        components: [
          { kind: 'surname', value: 'Shou Chang' },
          { kind: 'given', value: 'Robert' },
          { kind: 'given2', value: 'Pau' },
        ],
        sortAs: { surname: 'Pau Shou Chang', given: 'Robert' },
      },
    },
    'N;SORT-AS="Pau Shou Chang,Robert":Shou Chang;Robert;Pau;;;;',
  ],
  [
    {
      name: {
        components: [
          { kind: 'surname', value: '山田', phonetic: 'やまだ' },
          { kind: 'given', value: '花子', phonetic: 'はなこ' },
        ],
        phoneticScript: 'Hira',
      },
    },
    'N;ALTID=1;PHONETIC=script;SCRIPT=Hira:やまだ;はなこ;;;;;',
  ],
  [{ nicknames: { n2: { name: 'The John', contexts: { work: true } } } }, 'NICKNAME;PROP-ID=n2;TYPE=work:The John'],
  [
    { organizations: { o1: { name: 'ABC, Inc.', units: [{ name: 'Marketing' }], sortAs: 'ABC' } } },
    'ORG;PROP-ID=o1;SORT-AS=ABC:ABC\\, Inc.;Marketing',
  ],
  [
    { titles: { k2: { kind: 'role', name: 'Lead', organizationId: 'o2' } }, organizations: { o2: { name: 'ABC' } } },
    'item1.ROLE;PROP-ID=k2:Lead',
  ],
  [
    { emails: { e1: { address: 'jqpublic@xyz.example.com', contexts: { work: true } } } },
    'EMAIL;PROP-ID=e1;TYPE=work:jqpublic@xyz.example.com',
  ],
  [{ emails: { e1: { address: 'j@xyz.example.com', label: 'old' } } }, 'item1.X-ABLABEL:old'],
  [
    {
      phones: {
        tel0: {
          contexts: { private: true },
          features: { voice: true },
          number: 'tel:+1-555-555-5555;ext=5555',
          pref: 1,
        },
      },
    },
    'TEL;PROP-ID=tel0;TYPE=home,voice;PREF=1;VALUE=uri:tel:+1-555-555-5555;ext=5555',
  ],
  [
    {
      addresses: {
        k26: {
          components: [
            { kind: 'region', value: '東京都' },
            { kind: 'locality', value: '千代田区' },
            { kind: 'district', value: '丸ノ内' },
            { kind: 'block', value: '2-7' },
            { kind: 'separator', value: '-' },
            { kind: 'number', value: '2' },
            { kind: 'postcode', value: '〒100-8994' },
          ],
          defaultSeparator: '',
          isOrdered: true,
        },
      },
    },
    'ADR;PROP-ID=k26;JSCOMPS="s,;4;3;15;13;s,-;10;5":;;2-7,2,丸ノ内;千代田区;東京都;〒100-8994;;;;;2;;;2-7;;丸ノ内;;',
  ],
  [
    {
      addresses: {
        a1: {
          components: [
            { kind: 'name', value: 'name' },
            { kind: 'region', value: 'region' },
          ],
          defaultSeparator: '\nx^y"z',
          isOrdered: true,
        },
      },
    },
    'ADR;PROP-ID=a1;JSCOMPS="s,^nx^^y^\'z;11;4":;;name;;region;;;;;;;name;;;;;;',
  ],
  [
    {
      onlineServices: { x2: { service: 'Mastodon', user: '@alice@example2.com', uri: 'https://example2.com/@alice' } },
    },
    'SOCIALPROFILE;PROP-ID=x2;SERVICE-TYPE=Mastodon;USERNAME=@alice@example2.com:https://example2.com/@alice',
  ],
  [
    { links: { link3: { kind: 'contact', uri: 'mailto:contact@example.com', pref: 1 } } },
    'CONTACT-URI;PROP-ID=link3;PREF=1:mailto:contact@example.com',
  ],
  [
    { calendars: { f: { kind: 'freeBusy', uri: 'https://calendar.example.com/busy/project-a' } } },
    'FBURL;PROP-ID=f:https://calendar.example.com/busy/project-a',
  ],
  [{ anniversaries: { k8: { kind: 'birth', date: { year: 1953, month: 4, day: 15 } } } }, 'BDAY;PROP-ID=k8:19530415'],
  [
    { anniversaries: { k9: { kind: 'death', date: { '@type': 'Timestamp', utc: '2019-10-15T23:10:00Z' } } } },
    'DEATHDATE;PROP-ID=k9:20191015T231000Z',
  ],
  [{ keywords: { internet: true, IETF: true } }, 'CATEGORIES:internet,IETF'],
  [
    { notes: { n1: { note: 'a; b\nc', created: '2022-11-23T15:01:32Z', author: { name: 'John' } } } },
    'NOTE;PROP-ID=n1;CREATED=20221123T150132Z;AUTHOR-NAME=John:a\\; b\\nc',
  ],
  [
    { personalInfo: { pi2: { kind: 'expertise', value: 'chemistry', level: 'high' } } },
    'EXPERTISE;PROP-ID=pi2;LEVEL=expert:chemistry',
  ],
  [{ vCardProps: [['x-foo', { group: 'item2', pref: '1' }, 'unknown', 'bar']] }, 'item2.X-FOO;PREF=1:bar'],
  [
    { emails: { e1: { address: 'a@x.example', vCardParams: { 'x-foo': 'bar' } } } },
    'EMAIL;PROP-ID=e1;X-FOO=bar:a@x.example',
  ],
  [{ 'example.com:foo': 'bar' }, 'JSPROP;JSPTR="example.com:foo":"bar"'],
  [{ localizations: { es: { 'name/full': 'x' } } }, 'JSPROP;JSPTR=localizations:{"es":{"name/full":"x"}}'],
]

for (const [rest, line] of examples)
  test(`4.0: ${line.slice(0, 60)}`, () => {
    const text = writeVcard(card(rest))
    assert.ok(unfolded(text).includes(line), text)
    assert.deepEqual(readOne(text), card(rest))
  })

test('jCard values of several parts (RFC 7095 §3.3.1.3) are printed', () => {
  const text = writeVcard(card({ vCardProps: [['gender', { 'x-a': 1 }, 'text', ['O', 'it; is'], 'b']] }))
  assert.ok(unfolded(text).includes('GENDER;X-A=1;VALUE=text:O;it\\; is,b'), text)
})

test('3.0, as phones take it', () => {
  const text = writeVcard(
    card({
      name: {
        components: [
          { kind: 'surname', value: '山田', phonetic: 'ヤマダ' },
          { kind: 'given', value: '花子' },
        ],
        phoneticScript: 'Kana',
        isOrdered: true,
      },
      emails: { e1: { address: 'h@home.test', contexts: { work: true }, pref: 1 } },
      phones: { p1: { number: 'tel:+81312345678', features: { mobile: true } } },
      anniversaries: { a1: { kind: 'birth', date: { month: 3, day: 5 } } },
      media: { m1: { kind: 'photo', uri: 'data:image/jpeg;base64,/9j/4AAQ' } },
      addresses: {
        a1: {
          components: [
            { kind: 'number', value: '1-2' },
            { kind: 'locality', value: '港区' },
          ],
          contexts: { private: true },
        },
      },
      localizations: { en: { 'name/full': 'Hanako' } },
    }),
    { version: '3.0' },
  )
  assert.deepEqual(unfolded(text), [
    'BEGIN:VCARD',
    'VERSION:3.0',
    'UID:urn:uuid:1',
    'FN:山田 花子',
    'N:山田;花子;;;',
    'X-PHONETIC-LAST-NAME:ヤマダ',
    'EMAIL;TYPE=INTERNET,WORK,PREF:h@home.test',
    'TEL;TYPE=CELL:+81312345678',
    'ADR;TYPE=HOME:;;1-2;港区;;;',
    'PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ',
    'BDAY;X-APPLE-OMIT-YEAR=1604:1604-03-05',
    'END:VCARD',
    '',
  ])
  const group = writeVcard(
    card({ kind: 'group', name: { full: '友人' }, members: { 'a-1': true, 'urn:uuid:2': true } }),
    { version: '3.0' },
  )
  assert.deepEqual(readOne(group)?.members, { 'urn:uuid:a-1': true, 'urn:uuid:2': true })
  assert.match(group, /X-ADDRESSBOOKSERVER-KIND:group/)
})

test('lines are folded after 75 octets, never within a character', () => {
  const text = writeVcard(card({ notes: { n1: { note: `${'飛脚🐎'.repeat(100)}` } } }))
  for (const line of text.split('\r\n')) assert.ok(octets(line).length <= 75, line)
  assert.deepEqual(readOne(text)?.notes, { n1: { note: '飛脚🐎'.repeat(100) } })
})

test('nothing that a card says ends a line or begins another one', () => {
  const evil = 'x\r\nEND:VCARD\r\nBEGIN:VCARD\r\nFN:evil'
  const text = writeVcards([
    card({
      uid: evil,
      name: { full: evil, phoneticScript: evil, [evil]: evil },
      emails: { e1: { address: evil, label: evil, vCardParams: { [evil]: evil, ok: evil, type: evil } } },
      media: { m1: { kind: 'photo', uri: `data:image/jpeg;base64,${evil}`, mediaType: evil } },
      vCardProps: [
        [evil, {}, 'text', 'x'],
        ['x-foo', { group: evil, a: evil }, evil, evil],
      ],
    }),
  ])
  assert.equal(readVcards(octets(text)).cards.length, 1)
  assert.equal(text.split(/^BEGIN:/m).length, 2)
})

test('card → vCard 4.0 → card, whatever stands in it', () => {
  fc.assert(
    fc.property(anyCard, rest => {
      fc.pre(Object.keys(rest).some(name => !['kind', 'language', 'prodId'].includes(name)))
      const whole = card(rest)
      assert.deepEqual(readOne(writeVcard(whole)), normal(whole))
    }),
    { numRuns: 300 },
  )
})

/** An address of an online table is trimmed by nobody; keywords and relations that look like URIs stay as they are. */
function normal(whole: Card): JsonRecord {
  return JSON.parse(JSON.stringify(whole)) as JsonRecord
}

test('card → vCard 3.0 → card: nobody is lost, and it can be written again as it was', () => {
  fc.assert(
    fc.property(anyCard, rest => {
      const whole = card({ ...rest, emails: { e1: { address: 'a@x.example' } } })
      const text = writeVcard(whole, { version: '3.0' })
      const { cards, problems } = readVcards(octets(text))
      assert.deepEqual(problems, [])
      assert.equal(cards[0]?.card.emails?.['e1']?.address, 'a@x.example')
    }),
    { numRuns: 200 },
  )
})

test('octets of any kind are read without a fault', () => {
  const piece = fc.constantFrom(
    'BEGIN:VCARD',
    'END:VCARD',
    'VERSION:2.1',
    'N;ENCODING=QUOTED-PRINTABLE:=E5=',
    '\r\n',
    '\n',
    ' ',
    ';',
    ':',
    '"',
    '=',
    'ADR;JSCOMPS="s,;99;1,99999":',
    'JSPROP;JSPTR="name/components/0/x":{}',
    'a.X-ABLABEL:',
    'PHOTO;ENCODING=b:',
    'AGENT:',
    '\u{feff}',
    '山',
  )
  fc.assert(fc.property(fc.array(piece, { maxLength: 60 }), pieces => void readVcards(octets(pieces.join('')))))
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), bytes => void readVcards(bytes)))
})
