// A header that is folded as a whole gives the texts that its fields give one by one.
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { readerOf } from '#formats/message/byte-reader.ts'
import { headerLength } from '#formats/message/header.ts'
import { collectLetter } from './collect-letter.ts'
import { GramCollector } from './gram-collector.ts'
import { type Letter, searchedBody, searchedFields, searchedFieldsOf } from './letter-texts.ts'

// blanks at both ends, folding of every kind, encoded words whole and broken, escapes and octets above ASCII
const blanks = [' ', '\t', '\r\n ', '\n\t', '\r', '\r\r\n ', '\u000b', '\u0000', '\u001b$B', 'ß', 'é', '会']
const pieces = [...'a B = ? =? ?= =?utf-8?B?4pGg?= =?x?q?_?='.split(' '), ...blanks]
const value = fc.array(fc.constantFrom(...pieces), { maxLength: 8 }).map(parts => parts.join(''))
const header = fc.array(value, { minLength: 2, maxLength: 5 })

function letterOf(values: readonly string[]): Letter {
  const lines = values.map((text, index) => `Field-${index}:${text}\r\n`)
  const bytes = Buffer.from(`${lines.join('')}\r\nbody`)
  return { reader: readerOf(bytes), headerBytes: headerLength(bytes), parsed: true }
}

test('the fields of a header are what each of them is by itself', () => {
  const property = fc.property(header, values => {
    const letter = letterOf(values)
    const fields = searchedFields(letter)
    for (const field of fields) assert.deepEqual(searchedFields(letter, new Set([field.key])), [field])
    assert.deepEqual(searchedFieldsOf(letter, searchedBody(letter)), fields)
  })
  fc.assert(property, { numRuns: 500 })
})

test('a letter leaves the same grams whatever was collected before it', () => {
  const used = new GramCollector(7, 1)
  collectLetter(used, letterOf(['AB会議 abc', 'ab会議 ABC']))
  const property = fc.property(header, values => {
    const fresh = new GramCollector(7, 1)
    used.reset(7)
    const lists = [used, fresh].map(collector => {
      collectLetter(collector, letterOf(values))
      collectLetter(collector, letterOf(values.toReversed()))
      const all: string[] = []
      collector.eachList((key, letters, from, to) => all.push(`${key}: ${letters.slice(from, to).join()}`))
      return all
    })
    assert.deepEqual(lists[0], lists[1])
  })
  fc.assert(property, { numRuns: 100 })
})
