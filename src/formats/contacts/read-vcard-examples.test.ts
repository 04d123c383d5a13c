import assert from 'node:assert/strict'
import { test } from 'node:test'
import { read } from './read-vcard.testbed.ts'

/** RFC 9555's examples (its figures), and those of RFC 6350 and 9554: what stands in a line, and what is made of it */
const examples: readonly (readonly [section: string, lines: string, expected: object])[] = [
  [
    '9555 §2.3.2',
    'KIND:group\r\nMEMBER:urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af',
    { kind: 'group', members: { 'urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af': true } },
  ],
  ['9555 §2.4.1', 'FN:John Q. Public\\, Esq.', { name: { full: 'John Q. Public, Esq.' } }],
  [
    '9555 §2.4.3',
    'N:Stevenson;John;Philip,Paul;Dr.;Jr.,M.D.,A.C.P.;;Jr.',
    {
      name: {
        components: [
          { kind: 'surname', value: 'Stevenson' },
          { kind: 'given', value: 'John' },
          { kind: 'given2', value: 'Philip' },
          { kind: 'given2', value: 'Paul' },
          { kind: 'title', value: 'Dr.' },
          { kind: 'credential', value: 'M.D.' },
          { kind: 'credential', value: 'A.C.P.' },
          { kind: 'generation', value: 'Jr.' },
        ],
      },
    },
  ],
  ['9555 §2.4.4', 'NICKNAME:Johnny', { nicknames: { n1: { name: 'Johnny' } } }],
  [
    '9555 §3.3.1',
    'N;JSCOMPS=";1;0":Doe;Jane;;;;;',
    {
      name: {
        components: [
          { kind: 'given', value: 'Jane' },
          { kind: 'surname', value: 'Doe' },
        ],
        isOrdered: true,
      },
    },
  ],
  [
    '9555 §3.3.1',
    'N;JSCOMPS=";1;0;5":Rivera,Barrientos;Diego;;;;Barrientos;',
    {
      name: {
        components: [
          { kind: 'given', value: 'Diego' },
          { kind: 'surname', value: 'Rivera' },
          { kind: 'surname2', value: 'Barrientos' },
        ],
        isOrdered: true,
      },
    },
  ],
  [
    '9555 §2.2.3',
    'N;ALTID=1;JSCOMPS=";1;0":Smith;John;;;;;\r\nN;ALTID=1;PHONETIC=ipa:/smɪθ/;/d͡ʒɑn/;;;;;',
    {
      name: {
        components: [
          { kind: 'given', value: 'John', phonetic: '/d͡ʒɑn/' },
          { kind: 'surname', value: 'Smith', phonetic: '/smɪθ/' },
        ],
        isOrdered: true,
        phoneticSystem: 'ipa',
      },
    },
  ],
  [
    '6350 §6.6.4',
    'ORG;SORT-AS="ABC":ABC\\, Inc.;North American Division;Marketing',
    {
      organizations: {
        o1: { name: 'ABC, Inc.', units: [{ name: 'North American Division' }, { name: 'Marketing' }], sortAs: 'ABC' },
      },
    },
  ],
  [
    '9555 §2.9.6',
    'TITLE:Research Scientist\r\ngroup1.ROLE:Project Leader\r\ngroup1.ORG:ABC\\, Inc.',
    {
      titles: {
        t1: { kind: 'title', name: 'Research Scientist' },
        t2: { kind: 'role', name: 'Project Leader', organizationId: 'o1' },
      },
      organizations: { o1: { name: 'ABC, Inc.' } },
    },
  ],
  [
    '6350 §6.4.2',
    'EMAIL;TYPE=work:jqpublic@xyz.example.com\r\nEMAIL;PREF=1:jane_doe@example.com',
    {
      emails: {
        e1: { address: 'jqpublic@xyz.example.com', contexts: { work: true } },
        e2: { address: 'jane_doe@example.com', pref: 1 },
      },
    },
  ],
  [
    '6350 §6.4.1',
    'TEL;VALUE=uri;PREF=1;TYPE="voice,home":tel:+1-555-555-5555;ext=5555\r\nTEL;VALUE=uri;TYPE=home:tel:+33-01-23-45-67',
    {
      phones: {
        p1: { number: 'tel:+1-555-555-5555;ext=5555', pref: 1, contexts: { private: true }, features: { voice: true } },
        p2: { number: 'tel:+33-01-23-45-67', contexts: { private: true } },
      },
    },
  ],
  [
    '6350 §6.3.1',
    'ADR;GEO="geo:12.3457,78.910";LABEL="Mr. John Q. Public, Esq.^nMail Drop: TNE QB^n123 Main Street^nAny Town, CA  91921-1234^nU.S.A.":;;123 Main Street;Any Town;CA;91921-1234;U.S.A.',
    {
      addresses: {
        a1: {
          components: [
            { kind: 'name', value: '123 Main Street' },
            { kind: 'locality', value: 'Any Town' },
            { kind: 'region', value: 'CA' },
            { kind: 'postcode', value: '91921-1234' },
            { kind: 'country', value: 'U.S.A.' },
          ],
          coordinates: 'geo:12.3457,78.910',
          full: 'Mr. John Q. Public, Esq.\nMail Drop: TNE QB\n123 Main Street\nAny Town, CA  91921-1234\nU.S.A.',
        },
      },
    },
  ],
  [
    '9554 §2.1',
    'ADR;JSCOMPS="s,\\, ;10;s, ;11;3":;;54321 Oak St;Reston;;;;;;;54321;Oak St;;;;;;',
    {
      addresses: {
        a1: {
          components: [
            { kind: 'number', value: '54321' },
            { kind: 'separator', value: ' ' },
            { kind: 'name', value: 'Oak St' },
            { kind: 'locality', value: 'Reston' },
          ],
          isOrdered: true,
          defaultSeparator: ', ',
        },
      },
    },
  ],
  [
    '9555 §2.6.2',
    'IMPP:xmpp:alice@example.com\r\nSOCIALPROFILE;SERVICE-TYPE=Mastodon;USERNAME="@alice@example2.com":https://example2.com/@alice',
    {
      onlineServices: {
        o1: { uri: 'xmpp:alice@example.com', vCardName: 'impp' },
        o2: { uri: 'https://example2.com/@alice', service: 'Mastodon', user: '@alice@example2.com' },
      },
    },
  ],
  [
    '6350 §6.2.4, 9555 §2.7',
    'PHOTO:http://www.example.com/pub/photos/jqpublic.gif\r\nLOGO:http://www.example.com/pub/logos/abccorp.jpg',
    {
      media: {
        m1: { kind: 'photo', uri: 'http://www.example.com/pub/photos/jqpublic.gif' },
        m2: { kind: 'logo', uri: 'http://www.example.com/pub/logos/abccorp.jpg' },
      },
    },
  ],
  [
    '6350 §6.2.5',
    'BDAY:19960415',
    { anniversaries: { a1: { kind: 'birth', date: { year: 1996, month: 4, day: 15 } } } },
  ],
  ['6350 §6.2.5', 'BDAY:--0415', { anniversaries: { a1: { kind: 'birth', date: { month: 4, day: 15 } } } }],
  ['6350 §6.2.5', 'BDAY;VALUE=text:circa 1800', { vCardProps: [['bday', {}, 'text', 'circa 1800']] }],
  [
    '9555 §2.9.1',
    'DEATHDATE:19531015T231000Z\r\nDEATHPLACE:4445 Tree Street\\nNew England\\, ND 58647\\nUSA',
    {
      anniversaries: {
        a1: {
          kind: 'death',
          date: { '@type': 'Timestamp', utc: '1953-10-15T23:10:00Z' },
          place: { full: '4445 Tree Street\nNew England, ND 58647\nUSA' },
        },
      },
    },
  ],
  [
    '6350 §6.7.1',
    'CATEGORIES:INTERNET,IETF,INDUSTRY,INFORMATION TECHNOLOGY',
    { keywords: { INTERNET: true, IETF: true, INDUSTRY: true, 'INFORMATION TECHNOLOGY': true } },
  ],
  [
    '9554 §3.1',
    'NOTE;CREATED=20221123T150132Z;AUTHOR-NAME="John":Office hours are from 0800 to 1715 EST\\, Mon-Fri.',
    {
      notes: {
        n1: {
          note: 'Office hours are from 0800 to 1715 EST, Mon-Fri.',
          created: '2022-11-23T15:01:32Z',
          author: { name: 'John' },
        },
      },
    },
  ],
  [
    '9555 §2.9.3',
    'RELATED;TYPE=friend:urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6\r\nRELATED;VALUE=text:Please contact my assistant Jane Doe for any inquiries.',
    {
      relatedTo: {
        'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6': { relation: { friend: true } },
        'Please contact my assistant Jane Doe for any inquiries.': { relation: {} },
      },
    },
  ],
  [
    '9555 §2.10.1',
    'EXPERTISE;LEVEL=expert:chemistry\r\nHOBBY;LEVEL=high:reading',
    {
      personalInfo: {
        p1: { kind: 'expertise', level: 'high', value: 'chemistry' },
        p2: { kind: 'hobby', level: 'high', value: 'reading' },
      },
    },
  ],
  [
    '9554 §3.2, §3.4',
    'GRAMGENDER:NEUTER\r\nPRONOUNS;PREF=2;PROP-ID=k19:they/them\r\nPRONOUNS;PREF=1;PROP-ID=k32:xe/xir',
    {
      speakToAs: {
        grammaticalGender: 'neuter',
        pronouns: { k19: { pronouns: 'they/them', pref: 2 }, k32: { pronouns: 'xe/xir', pref: 1 } },
      },
    },
  ],
  ['6350 §6.7.4', 'REV:19951031T222710Z\r\nNOTE:x', { updated: '1995-10-31T22:27:10Z', notes: { n1: { note: 'x' } } }],
  [
    '9555 §2.3.22',
    'item1.X-FOO;PREF=1:bar',
    { vCardProps: [['x-foo', { group: 'item1', pref: '1' }, 'unknown', 'bar']] },
  ],
  [
    '9555 §2.3.21',
    'EMAIL;X-FOO=Bar:jane@example.com',
    { emails: { e1: { address: 'jane@example.com', vCardParams: { 'x-foo': 'Bar' } } } },
  ],
  [
    '9555 §3.2.1',
    'FN:Jane Doe\r\nJSPROP;JSPTR="example.com:foo";VALUE=TEXT:"bar"\r\nJSPROP;JSPTR="name/example.com:foo2";VALUE=TEXT:{"bar":"baz"}',
    { name: { full: 'Jane Doe', 'example.com:foo2': { bar: 'baz' } }, 'example.com:foo': 'bar' },
  ],
]

for (const [section, lines, expected] of examples)
  test(`RFC ${section}: ${lines.slice(0, 50)}`, () => assert.deepEqual(read(lines), expected))
