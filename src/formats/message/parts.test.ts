import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { type Section, partAt, sectionRange } from './parts.ts'
import { readerOf } from './byte-reader.ts'
import { parseStructure } from './structure.ts'

// RFC 9051 §6.4.5.1 draws this tree: 1 text, 2 octets, 3 a message of two parts, 4 a multipart of an image and a message of two.
const lines = [
  'Subject: outer',
  'Content-Type: multipart/mixed; boundary=a',
  '',
  'preamble',
  '--a',
  'Content-Type: text/plain',
  '',
  'one',
  '--a',
  'Content-Type: application/octet-stream',
  '',
  'two',
  '--a',
  'Content-Type: message/rfc822',
  '',
  'Subject: three',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  '',
  'three one',
  '--b',
  'Content-Type: application/octet-stream',
  '',
  'three two',
  '--b--',
  'epilogue of three',
  '--a',
  'Content-Type: multipart/mixed; boundary=c',
  '',
  '--c',
  'Content-Type: image/gif',
  '',
  'four one',
  '--c',
  'Content-Type: message/rfc822',
  '',
  'Subject: four two',
  '',
  'four two one',
  '--c--',
  '--a--',
  'epilogue',
  '',
]
const bytes = utf8(lines.join('\r\n'))
const { root } = parseStructure(readerOf(bytes))

function section(text: string): Section {
  const [, path = '', word] = /^([\d.]*?)\.?(HEADER|TEXT|MIME)?$/.exec(text) ?? []
  const part = path === '' ? [] : path.split('.').map(Number)
  return word ? { part, text: word as 'HEADER' | 'TEXT' | 'MIME' } : { part }
}

function content(name: string, message = bytes): string | undefined {
  const tree = message === bytes ? root : parseStructure(readerOf(message)).root
  const range = sectionRange(tree, section(name))
  return range && Buffer.from(message.subarray(range.offset, range.offset + range.length)).toString()
}

const expected: Readonly<Record<string, string | undefined>> = {
  HEADER: 'Subject: outer\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n',
  '1': 'one',
  '1.MIME': 'Content-Type: text/plain\r\n\r\n',
  '1.HEADER': undefined,
  '1.TEXT': undefined,
  '1.1': undefined,
  '2': 'two',
  '3.HEADER': 'Subject: three\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n',
  '3.TEXT':
    '--b\r\n\r\nthree one\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\nthree two\r\n--b--\r\nepilogue of three',
  '3.1': 'three one',
  '3.1.MIME': '\r\n',
  '3.2': 'three two',
  '3.3': undefined,
  '4': '--c\r\nContent-Type: image/gif\r\n\r\nfour one\r\n--c\r\nContent-Type: message/rfc822\r\n\r\nSubject: four two\r\n\r\nfour two one\r\n--c--',
  '4.1': 'four one',
  '4.1.MIME': 'Content-Type: image/gif\r\n\r\n',
  '4.2': 'Subject: four two\r\n\r\nfour two one',
  '4.2.MIME': 'Content-Type: message/rfc822\r\n\r\n',
  '4.2.HEADER': 'Subject: four two\r\n\r\n',
  '4.2.TEXT': 'four two one',
  '4.2.1': 'four two one',
  '4.2.1.MIME': 'Subject: four two\r\n\r\n',
  '4.2.2': undefined,
  '4.2.1.1': undefined,
  '5': undefined,
  '0': undefined,
}

for (const [name, want] of Object.entries(expected))
  test(`BODY[${name}]`, () => {
    assert.equal(content(name), want)
  })

test('the whole, and its text', () => {
  assert.equal(content(''), lines.join('\r\n'))
  assert.equal(content('TEXT'), lines.slice(3).join('\r\n'))
  assert.equal(partAt(root, []), undefined)
})

test('a message that is no multipart has part 1', () => {
  const plain = utf8('Subject: x\r\n\r\nbody\r\n')
  assert.equal(content('1', plain), 'body\r\n')
  assert.equal(content('1.MIME', plain), 'Subject: x\r\n\r\n')
  assert.equal(content('2', plain), undefined)
  assert.equal(content('1.1', plain), undefined)
  assert.equal(content('TEXT', plain), 'body\r\n')
})

test('a message whose body is a message', () => {
  const forwarded = utf8('Content-Type: message/rfc822\r\n\r\nSubject: in\r\n\r\nbody\r\n')
  assert.equal(content('1', forwarded), 'Subject: in\r\n\r\nbody\r\n')
  assert.equal(content('1.HEADER', forwarded), 'Subject: in\r\n\r\n')
  assert.equal(content('1.1', forwarded), 'body\r\n')
})

test('a message without a body, and one without anything', () => {
  assert.equal(content('TEXT', utf8('Subject: x\r\n')), '')
  assert.equal(content('HEADER', utf8('Subject: x\r\n')), 'Subject: x\r\n')
  assert.equal(content('', utf8('')), '')
  assert.equal(content('1', utf8('')), '')
})
