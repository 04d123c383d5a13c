import assert from 'node:assert/strict'
import test from 'node:test'
import { asciiText, concatBytes, utf8 } from '#base/bytes.ts'
import { readerOf } from '#formats/message/byte-reader.ts'
import { parseHeader } from '#formats/message/header.ts'
import type { JsonObject, JsonValue } from '../../wire.ts'
import { headerProperty } from '../header-property.ts'
import { headerValue } from '../header-value.ts'
import { bodyValue } from '../body-value.ts'
import { leavesOf, letterBodies } from '../letter-parts.ts'
import { readNewLetter } from './creation.ts'
import { Invalid } from './invalid.ts'
import { type Piece, printLetter } from './letter.ts'
import { printParameter } from './parameters.ts'
import { linesOf, letterSource } from './source.ts'
import { base64Size } from './text.ts'

test('what a header field says is read again as it was given, in lines that every server takes', () => {
  const said: readonly (readonly [string, JsonValue])[] = [
    ['header:Subject:asText', '=?not a word?= and  two blanks'],
    ['header:Subject:asText', '見積書'.repeat(60)],
    ['header:Subject:asText', 'x'.repeat(3000)],
    ['header:Subject:asText', 'word '.repeat(600).trim()],
    ['header:To:asAddresses', [{ name: 'O’Neil, "Pat" \\ (x)', email: 'pat@example.org' }]],
    [
      'header:To:asAddresses',
      [
        { name: null, email: 'a@example.org' },
        { name: 'Doe, J.', email: '"j doe"@example.org' },
      ],
    ],
    ['header:To:asAddresses', [{ name: 'half of it', email: 'yuki' }]],
    ['header:To:asAddresses', [{ name: null, email: '用户@例子.example' }]],
    [
      'header:To:asAddresses',
      Array.from({ length: 300 }, (_, at) => ({ name: `名前 ${at}`, email: `u${at}@example.org` })),
    ],
    [
      'header:Cc:asGroupedAddresses',
      [
        { name: 'A, Group', addresses: [{ name: 'x', email: 'x@example.org' }] },
        { name: null, addresses: [{ name: null, email: 'y@example.org' }] },
        { name: '空', addresses: [] },
      ],
    ],
    ['header:References:asMessageIds', Array.from({ length: 50 }, (_, at) => `${at}.${'x'.repeat(70)}@example.org`)],
    ['header:Date:asDate', '2018-07-10T11:03:11+10:00'],
    ['header:Date:asDate', '2018-07-10T11:03:11-03:30'],
    ['header:List-Post:asURLs', ['mailto:a@example.org', 'https://example.org/?a=b,c']],
    ['header:X-Own', ' folded\r\n by hand'],
  ]
  for (const [property, value] of said) {
    const octets = headerOf({ [property]: value })
    for (const line of asciiText(octets).split('\r\n')) assert.ok(line.length <= 998, property)
    const header = { bytes: octets, fields: parseHeader(octets) }
    const how = headerProperty(property)
    assert.ok(how)
    assert.deepEqual(headerValue(header, how), value, property)
  }
})

test('no value ends its field or begins another', () => {
  const ends = ['\r', '\n', '\r\n', '\0', '\u0085', '\u2028', '\u001b']
  for (const end of ends) {
    const evil = `a${end}Bcc: evil@example.org`
    for (const [property, value] of [
      ['subject', evil],
      ['from', [{ name: evil, email: 'a@example.org' }]],
      ['from', [{ name: 'a', email: `a@example.org${end}` }]],
      ['header:X-A:asGroupedAddresses', [{ name: evil, addresses: [] }]],
      ['messageId', [evil]],
      ['header:List-Post:asURLs', [evil]],
      ['sentAt', `2018-07-10T11:03:11Z${end}`],
      ['header:X-A', evil],
      [`header:X${end}Bcc`, 'x'],
      ['bodyStructure', { partId: '1', name: evil }],
      ['bodyStructure', { partId: '1', type: `text/${evil}` }],
      ['bodyStructure', { partId: '1', disposition: evil }],
      ['bodyStructure', { partId: '1', cid: evil }],
      ['bodyStructure', { partId: '1', language: [evil] }],
      ['bodyStructure', { partId: '1', location: evil }],
      ['bodyStructure', { partId: '1', 'header:X-A:asText': evil }],
    ] as const) {
      const invalid = new Invalid()
      readNewLetter({ [property]: value, bodyValues: { 1: { value: 'x' } } } as JsonObject, invalid)
      assert.equal(invalid.error?.type, 'invalidProperties', JSON.stringify([property, value]))
    }
  }
})

test('texts of all kinds are read again as they were given', () => {
  const texts = [
    '',
    'a',
    '\n',
    'a\n\nb\n',
    'é',
    'tab\tand blank \n=3D',
    'あ'.repeat(100_000),
    'x'.repeat(5000),
    '.\nFrom x\n',
    '\u0001 control',
    '-- \n--=_\n',
  ]
  const subParts = texts.map((_, at) => ({ partId: String(at), type: 'text/plain' }))
  const bodyValues = Object.fromEntries(texts.map((value, at) => [String(at), { value }]))
  const octets = printed({ bodyStructure: { type: 'multipart/mixed', subParts }, bodyValues })
  for (const line of asciiText(octets).split('\r\n')) assert.ok(line.length <= 998 && !/[\r\n]/.test(line))
  const reader = readerOf(octets)
  const parts = leavesOf(letterBodies(reader).root)
  assert.equal(parts.length, texts.length)
  for (const [at, part] of parts.entries()) {
    const { value, isEncodingProblem } = bodyValue(reader, part, { maxBytes: 0, room: Infinity, view: undefined })
    assert.deepEqual([value, isEncodingProblem], [texts[at], false])
  }
})

test('a file’s name of any kind and length comes back, in short lines', () => {
  for (const name of [
    'a.pdf',
    'my "file" \\ x.pdf',
    '見積書.pdf',
    `${'長い'.repeat(300)}.pdf`,
    "it's (100%) *.txt",
    'x'.repeat(900),
  ]) {
    const octets = printed({
      bodyStructure: { partId: '1', disposition: 'attachment', name },
      bodyValues: { 1: { value: 'x' } },
    })
    for (const line of asciiText(octets).split('\r\n')) assert.ok(line.length <= 78, line)
    assert.equal(letterBodies(readerOf(octets)).root.name, name)
  }
  assert.deepEqual(printParameter('charset', 'utf-8'), ['charset=utf-8'])
})

test('blobs of every length come in base64 of the promised size, however they are cut', async () => {
  for (const length of [0, 1, 2, 3, 56, 57, 58, 114, 10_000]) {
    const octets = Uint8Array.from({ length }, (_, at) => at % 256)
    const pieces: readonly Piece[] = [{ kind: 'blob', blobId: 'U', encoding: 'base64', sizeBytes: base64Size(length) }]
    const cut = 1 + (length % 50)
    const blob = {
      sizeBytes: length,
      async *open() {
        for (let at = 0; at < length; at += cut) yield octets.subarray(at, at + cut)
      },
    }
    const source = letterSource(pieces, new Map([['U', blob]]))
    const written: Uint8Array[] = []
    for await (const chunk of source.open()) written.push(chunk)
    const text = asciiText(concatBytes(written))
    assert.equal(text.length, source.sizeBytes)
    assert.deepEqual(Uint8Array.from(Buffer.from(text, 'base64')), octets)
    for (const line of text.split('\r\n')) assert.ok(line.length <= 76)
  }
})

test('a message stands in another as it is only where its lines allow it', async () => {
  const kind = async (text: string) => await linesOf(chunked(utf8(text)))
  assert.equal(await kind('A: b\r\n\r\ntext\r\n'), '7bit')
  assert.equal(await kind('A: b\r\n\r\né\r\n'), '8bit')
  for (const text of ['a\nb', 'a\rb', 'a\0b', 'a\r', `${'x'.repeat(1000)}\r\n`])
    assert.equal(await kind(text), undefined)
})

async function* chunked(octets: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < octets.length; at += 3) yield octets.subarray(at, at + 3)
}

function headerOf(given: JsonObject): Uint8Array {
  const octets = printed(given)
  return octets.subarray(0, asciiText(octets).indexOf('\r\n\r\n') + 2)
}

function printed(given: JsonObject): Uint8Array {
  const invalid = new Invalid()
  const letter = readNewLetter(given, invalid)
  assert.equal(invalid.error, undefined, JSON.stringify(given).slice(0, 200))
  assert.ok(letter)
  let boundaries = 0
  const pieces = printLetter(letter, { blobs: new Map(), standard: [], boundary: () => `b${boundaries++}` })
  return concatBytes(pieces.map(piece => (piece.kind === 'text' ? piece.bytes : new Uint8Array(0))))
}
