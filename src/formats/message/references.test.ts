import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import { readerOf } from './byte-reader.ts'
import { maxReferences } from './limits.ts'
import { readReferences } from './references.ts'

const many = Array.from({ length: maxReferences + 5 }, (_, number) => `<${number}@x>`)
const cases: readonly [header: string, ids: readonly string[]][] = [
  ['Subject: x\r\n', []],
  ['References:\r\n', []],
  ['References: <a@x> <b@x>\r\n\t<c@x>\r\n', ['a@x', 'b@x', 'c@x']],
  ['References: <"a"@x> <"a\\b"@x>\r\n', ['a@x', 'ab@x']], // RFC 5256 §3: quoting makes no difference
  ['References: a@x, see <b@x>\r\n', ['b@x']],
  [`References: ${many.join(' ')}\r\n`, ['0@x', ...many.slice(6).map(id => id.slice(1, -1))]],
]
for (const [header, ids] of cases)
  test(`references of ${header.slice(0, 40).trim()}`, () => {
    const letter = utf8(`${header}\r\nReferences: <body@x>\r\n`)
    assert.deepEqual(readReferences(readerOf(letter), header.length + 2), ids)
  })
