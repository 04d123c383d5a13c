import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { JsonReader, jsonText, readJson } from './json.ts'

const limits = { depth: 100, values: 10_000 }
const read = (text: string) => readJson(text, limits)
const faultOf = (text: string) => {
  const result = read(text)
  return 'fault' in result ? result.fault : 'none'
}

test('reads what JSON.parse reads, and says the same, in one go and in slices of every size', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 1, max: 20 }), (value, slice) => {
      const text = JSON.stringify(value)
      const whole = read(text)
      assert.ok('value' in whole)
      assert.equal(JSON.stringify(whole.value), text)
      const reader = new JsonReader(text, limits)
      while (!reader.step(slice));
      assert.equal(JSON.stringify(reader.value), text)
    }),
  )
})

test('what JSON.parse refuses is refused, wherever a text is damaged', () => {
  const text = '{"a":[1,-2.5e+3,true,false,null,"\\u00e9\\n",{"b":{}},[]],"c":"x"}'
  for (let at = 0; at < text.length; at++)
    for (const damaged of [
      text.slice(0, at),
      text.slice(0, at) + text.slice(at + 1),
      `${text.slice(0, at)}!${text.slice(at)}`,
    ]) {
      let isJson = true
      try {
        JSON.parse(damaged)
      } catch {
        isJson = false
      }
      assert.equal(faultOf(damaged), isJson ? 'none' : 'not-json', damaged)
    }
  for (const wrong of [
    '',
    ' ',
    '01',
    '1.',
    '.5',
    '+1',
    '-',
    'NaN',
    "'a'",
    '[1,]',
    '{"a":1,}',
    '{a:1}',
    '"\t"',
    '"\\x41"',
    '"\\u12g4"',
    '[1 2]',
    '1 2',
    'nul',
    '"',
  ])
    assert.equal(faultOf(wrong), 'not-json', wrong)
})

test('I-JSON: no name twice, no half of a surrogate pair, no number beyond a double', () => {
  assert.equal(faultOf('{"a":1,"b":2,"a":1}'), 'not-json')
  assert.equal(faultOf('{"a":1,"\\u0061":1}'), 'not-json')
  assert.equal(faultOf('{"a":{"a":{"a":1}}}'), 'none')
  assert.equal(faultOf('"\\ud800"'), 'not-json')
  assert.equal(faultOf('"\\udc00\\ud800"'), 'not-json')
  assert.equal(faultOf('"\\ud83d\\ude00"'), 'none')
  assert.equal(faultOf('{"\\ud800":1}'), 'not-json')
  assert.equal(faultOf('1e400'), 'not-json')
})

test('names that mean something to JavaScript are names', () => {
  const result = read('{"__proto__":{"polluted":true},"constructor":1,"toString":2}')
  assert.ok('value' in result)
  const value = result.value as { readonly [name: string]: unknown }
  assert.deepEqual(Object.keys(value), ['__proto__', 'constructor', 'toString'])
  assert.equal(Object.getPrototypeOf(value), null)
  assert.equal(({} as { polluted?: boolean }).polluted, undefined)
  assert.equal(value['hasOwnProperty'], undefined)
  assert.equal(JSON.stringify(value), '{"__proto__":{"polluted":true},"constructor":1,"toString":2}')
})

test('bounds: depth and number of values', () => {
  assert.equal(faultOf('['.repeat(100) + ']'.repeat(100)), 'none')
  assert.equal(faultOf('['.repeat(101) + ']'.repeat(101)), 'too-deep')
  assert.equal(faultOf('{"a":'.repeat(100_000)), 'too-deep')
  assert.equal(faultOf(`[${'1,'.repeat(9_998)}1]`), 'none')
  assert.equal(faultOf(`[${'1,'.repeat(10_000)}1]`), 'too-many')
})

test('octets that are no UTF-8 are no text', () => {
  assert.equal(jsonText(Uint8Array.of(0x22, 0xff, 0x22)), undefined)
  assert.equal(jsonText(Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)), undefined)
  assert.equal(jsonText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31)), '1')
})
