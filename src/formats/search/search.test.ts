// What the index says is what reading every letter says, for any texts and needles.
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { concatBytes, utf8 } from '#base/bytes.ts'
import { readerOf } from '#formats/message/byte-reader.ts'
import { headerLength } from '#formats/message/header.ts'
import type { Block } from './block.ts'
import { BlockReader, BlockWriter } from './block.ts'
import { collectLetter } from './collect-letter.ts'
import { type FieldTexts, keptFields, packFields } from './field-texts.ts'
import { factOf, type FactTerm, factsAt, letterFacts, matchFact, packFacts, unpackFacts } from './facts.ts'
import { fold } from './fold.ts'
import { GramCollector } from './gram-collector.ts'
import { seeded } from './letters.testbed.ts'
import { gramKey, zones } from './grams.ts'
import { fieldGroupLetters } from './limits.ts'
import { readList, writeList, listBound, listCount, skipList } from './gram-list.ts'
import { headerText, type Letter, searchedBody, searchedFields } from './letter-texts.ts'
import { mergeSegments } from './merge.ts'
import { answerTerm, match, noMatch, type Segment, undecided } from './segment.ts'
import { matchTerms, type TextTerm } from './term.ts'

// Few characters, so that needles are found; every script that folding or the grams treat in their own way
const alphabet = [
  ...'a b A B 0 1 . é \u0301 ß ς Σ か ガ ｶ ﾞ \u3099 会 議 第 ① ㈱ Ａ 한 \u1112 \u1161'.split(' '),
  ' ',
  '😀',
  '👩‍👩‍👧',
  '\u0000',
  '\u0001',
  '\n',
  '𠮟',
]
const text = fc.array(fc.constantFrom(...alphabet), { maxLength: 24 }).map(parts => parts.join(''))
const needle = fc.array(fc.constantFrom(...alphabet), { minLength: 0, maxLength: 5 }).map(parts => fold(parts.join('')))
const headerValue = text.map(value => value.replaceAll(/[\0\n]/g, ' '))
const letterOf = fc
  .record({
    subject: headerValue,
    from: headerValue,
    list: fc.option(headerValue),
    texts: fc.array(text, { minLength: 1, maxLength: 3 }),
    name: headerValue,
  })
  .map(({ subject, from, list, texts, name }) => {
    const parts = texts.map(
      part =>
        `--x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: inline; filename="${name}"\r\n\r\n${Buffer.from(part).toString('base64')}\r\n`,
    )
    const extra = list === null ? '' : `List-Id: ${list}\r\n`
    const head = `Subject: ${subject}\r\nFrom: ${from}\r\n${extra}Content-Type: multipart/mixed; boundary=x\r\n\r\n`
    return letterFrom(utf8(`${head}${parts.join('')}--x--\r\n`))
  })
const term: fc.Arbitrary<TextTerm> = fc.oneof(
  fc.record({ in: fc.constant('body' as const), text: needle }),
  fc.record({ in: fc.constant('text' as const), text: needle }),
  fc.record({ in: fc.constant('name' as const), text: needle }),
  fc.record({
    in: fc.constant('header' as const),
    field: fc.constantFrom('subject', 'from', 'list-id', 'cc'),
    text: needle,
  }),
)

function letterFrom(bytes: Uint8Array): Letter {
  return { reader: readerOf(bytes), headerBytes: headerLength(bytes), parsed: true }
}

function segmentOf(letters: readonly Letter[]): Segment {
  const collector = new GramCollector(wordSeed, 2)
  const fields = letters.map(letter => collectLetter(collector, letter).fields ?? assert.fail('too much'))
  const blocks: Block[] = []
  const writer = new BlockWriter(letters.length, block => blocks.push(block))
  collector.eachList((key, list, from, to) => writer.add(key, list, from, to))
  writer.end()
  return segmentFrom(letters.length, blocks, fields)
}

function listsOf(collector: GramCollector): { readonly key: number; readonly letters: Uint32Array }[] {
  const lists: { readonly key: number; readonly letters: Uint32Array }[] = []
  collector.eachList((key, letters, from, to) => lists.push({ key, letters: letters.slice(from, to) }))
  return lists
}

const wordSeed = 4711

function segmentFrom(letters: number, blocks: readonly Block[], fields: readonly FieldTexts[]): Segment {
  return {
    wordSeed,
    facts: unpackFacts(new Uint8Array(letters * 12)),
    fields: index => packFields(fields.slice(index * fieldGroupLetters, (index + 1) * fieldGroupLetters)),
    letters,
    firstKeys: new Float64Array(blocks.map(block => block.firstKey)),
    block: index => blocks[index]?.bytes ?? assert.fail('no such block'),
  }
}

function agrees(letters: readonly Letter[], segment: Segment, wanted: TextTerm): void {
  const states = answerTerm(wanted, segment)
  for (const [index, letter] of letters.entries()) {
    const [truth] = matchTerms([wanted], letter)
    assert.notEqual(states[index], truth ? noMatch : match, `letter ${index}`)
  }
}

// Needles out of the letters themselves: by chance alone few are found
const cut = fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 6 }))

function cutOut(letters: readonly Letter[], [which, start, length]: readonly [number, number, number]): TextTerm {
  const letter = letters[which % letters.length] ?? assert.fail('no letter')
  const whole = which % 2 === 0 ? [...searchedBody(letter).texts()].join('') : headerText(searchedFields(letter))
  const from = start % Math.max(1, whole.length)
  return { in: 'text', text: whole.slice(from, from + length) }
}

test('the index never contradicts what reading the letters says', () => {
  const property = fc.property(
    fc.array(letterOf, { minLength: 1, maxLength: 6 }),
    fc.array(term, { minLength: 1, maxLength: 6 }),
    fc.array(cut, { minLength: 1, maxLength: 10 }),
    (letters, terms, cuts) => {
      const segment = segmentOf(letters)
      for (const wanted of terms) agrees(letters, segment, wanted)
      for (const place of cuts) agrees(letters, segment, cutOut(letters, place))
    },
  )
  fc.assert(property, { numRuns: 300 })
})

test('reading a letter is looking into its folded texts', () => {
  const property = fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), needle, (texts, wanted) => {
    const parts = texts.map(
      part =>
        `--x\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(part).toString('base64')}\r\n`,
    )
    const letter = letterFrom(utf8(`Content-Type: multipart/mixed; boundary=x\r\n\r\n${parts.join('')}--x--\r\n`))
    const naive = wanted === '' || texts.some(part => fold(part).includes(wanted))
    assert.equal(matchTerms([{ in: 'body', text: wanted }], letter)[0], naive)
  })
  fc.assert(property, { numRuns: 400 })
})

test('needles that the index decides by itself: up to three letters, up to two of CJK', () => {
  const letters = ['ｶﾞｯｺｳの会議', '第３回　会議室', 'INVOICE ①㈱', 'nothing of it'].map(body =>
    letterFrom(utf8(`Subject: ${body}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${body}\r\n`)),
  )
  const segment = segmentOf(letters)
  const found = (body: string) => [...answerTerm({ in: 'body', text: fold(body) }, segment)]
  assert.deepEqual(found('会'), [match, match, noMatch, noMatch])
  assert.deepEqual(found('会議'), [match, match, noMatch, noMatch])
  assert.deepEqual(found('ガ'), [match, noMatch, noMatch, noMatch])
  assert.deepEqual(found('3回'), [noMatch, match, noMatch, noMatch])
  assert.deepEqual(found('室'), [noMatch, match, noMatch, noMatch])
  assert.deepEqual(found('in'), [noMatch, noMatch, match, match])
  assert.deepEqual(found('1('), [noMatch, noMatch, match, noMatch])
  assert.deepEqual(found('t'), [noMatch, noMatch, noMatch, match])
  assert.deepEqual(found('voi'), [noMatch, noMatch, match, noMatch])
  assert.deepEqual(found('invoice'), [noMatch, noMatch, undecided, noMatch])
  assert.deepEqual(found('会議室'), [noMatch, undecided, noMatch, noMatch])
  assert.deepEqual(found('absent'), [noMatch, noMatch, noMatch, noMatch])
})

test('a word that several letters have is decided without reading, and so are the fields people search by', () => {
  const letters = ['Die Straße im Winter', 'STRASSE', 'Hauptstrassen', 'weg'].map(words =>
    letterFrom(
      utf8(
        `Subject: ${words}\r\nTo: a@x.test\r\nTo: b@x.test\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${words}\r\n`,
      ),
    ),
  )
  const segment = segmentOf(letters)
  const answers = (wanted: TextTerm) => [...answerTerm(wanted, segment)]
  assert.deepEqual(answers({ in: 'body', text: 'strasse' }), [match, match, undecided, noMatch])
  assert.deepEqual(answers({ in: 'header', field: 'subject', text: 'strasse' }), [match, match, match, noMatch])
  assert.deepEqual(answers({ in: 'header', field: 'to', text: 'b@x.test' }), [match, match, match, match])
  assert.deepEqual(answers({ in: 'header', field: 'to', text: 'testb' }), [noMatch, noMatch, noMatch, noMatch])
  assert.deepEqual(answers({ in: 'header', field: 'subject', text: '' }), [match, match, match, match])
  assert.deepEqual(answers({ in: 'header', field: 'cc', text: '' }), [noMatch, noMatch, noMatch, noMatch])
})

test('three and four characters of CJK that several letters have are decided without reading', () => {
  const letters = ['株式会社テスト商店', 'テスト、株式会社', '株式テスト会社'].map(words =>
    letterFrom(utf8(`Content-Type: text/plain; charset=utf-8\r\n\r\n${words}\r\n`)),
  )
  const segment = segmentOf(letters)
  const answers = (text: string) => [...answerTerm({ in: 'body', text }, segment)]
  assert.deepEqual(answers('テスト'), [match, match, match])
  assert.deepEqual(answers('株式会社'), [match, match, noMatch])
  assert.deepEqual(answers('会社テスト'), [undecided, noMatch, noMatch])
})

test('a field that is too long to be kept is read', () => {
  const letter = letterFrom(utf8(`Subject: ${'long '.repeat(1000)}needle\r\n\r\n`))
  assert.deepEqual(
    [...answerTerm({ in: 'header', field: 'subject', text: 'needle' }, segmentOf([letter]))],
    [undecided],
  )
})

test('segments become one, without the letters that are gone, and say the same', () => {
  const property = fc.property(
    fc.array(fc.array(fc.tuple(letterOf, fc.boolean()), { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 4,
    }),
    fc.array(term, { minLength: 1, maxLength: 5 }),
    (groups, terms) => {
      const kept = groups.flat().flatMap(([letter, stays]) => (stays ? [letter] : []))
      let next = 0
      const sources = groups.map(group => ({
        segment: segmentOf(group.map(([letter]) => letter)),
        numbers: Int32Array.from(group, ([, stays]) => (stays ? next++ : -1)),
      }))
      const blocks: Block[] = []
      mergeSegments(sources, kept.length, block => blocks.push(block))
      const merged = segmentFrom(kept.length, blocks, kept.map(fieldsOf))
      for (const wanted of terms) agrees(kept, merged, wanted)
      // of words only those that were frequent before the merge have lists
      if (kept.length > 0) assert.deepEqual(grams(merged), grams(segmentOf(kept)))
    },
  )
  fc.assert(property, { numRuns: 80 })
})

function fieldsOf(letter: Letter): FieldTexts {
  return keptFields(searchedFields(letter))
}

function grams(segment: Segment): readonly (readonly number[])[] {
  const into = new Uint32Array(segment.letters)
  return Array.from(segment.firstKeys, (firstKey, index) => {
    const reader = new BlockReader({ firstKey, bytes: segment.block(index) }, segment.letters)
    const lists: number[][] = []
    for (let key = reader.next(); key !== undefined; key = reader.next())
      lists.push([key, ...into.subarray(0, reader.take(into))])
    return lists
  })
    .flat()
    .filter(([key = 0]) => key < gramKey(zones.headerWords, 0, 0, 0))
}

test('a collector can be used again', () => {
  const collector = new GramCollector(wordSeed)
  const lists = () => listsOf(collector).map(({ key, letters }) => [key, ...letters])
  const letters = ['first ａ会議', 'second'].map(words => letterFrom(utf8(`Subject: ${words}\r\n\r\n${words}`)))
  for (const letter of letters) collectLetter(collector, letter)
  const before = lists()
  collector.reset(wordSeed)
  assert.deepEqual(lists(), [])
  for (const letter of letters) collectLetter(collector, letter)
  assert.deepEqual(lists(), before)
})

test('lists of letters, sparse and dense, come back as they were', () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 3000 }),
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.integer(),
    (of, density, seed) => {
      let state = seed >>> 0
      const random = () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) / 0x1_0000_0000
      const letters = Uint32Array.from(
        Array.from({ length: of }, (_, letter) => letter).filter(() => random() < density),
      )
      if (letters.length === 0) return
      const bytes = new Uint8Array(listBound(letters.length, of))
      const end = writeList(bytes, 0, letters, of)
      const whole = { bytes: bytes.subarray(0, end), at: 0 }
      assert.equal(listCount(whole), letters.length)
      const into = new Uint32Array(of)
      assert.deepEqual(into.slice(0, readList(whole, of, into)), letters)
      assert.equal(whole.at, end)
      const skipped = { bytes, at: 0 }
      skipList(skipped, of)
      assert.equal(skipped.at, end)
    },
  )
  fc.assert(property, { numRuns: 300 })
})

test('sizes and days come out of the index as they went in', () => {
  const envelopes = [
    '("Mon, 23 Nov 2026 23:30:00 -0500" "x"',
    '("nonsense" "x"',
    '(NIL "x"',
    '("Thu, 1 Jan 1970 00:10:00 +0900" NIL',
  ]
  const letters = envelopes.map((envelope, index) =>
    letterFacts({ sizeBytes: 10 ** index, internalDate: index * 86_400_000 - 1, envelope: utf8(envelope) }),
  )
  assert.deepEqual(
    letters.map(({ sent }) => sent),
    [20_780, undefined, undefined, 0],
  )
  assert.deepEqual(
    letters.map(({ arrived }) => arrived),
    [-1, 0, 1, 2],
  )
  const facts = unpackFacts(packFacts(letters))
  const terms: readonly FactTerm[] = [
    { in: 'sent', from: -Infinity, to: 20_781 },
    { in: 'sent', from: 0, to: 1 },
    { in: 'arrived', from: 0, to: Infinity },
    { in: 'size', from: 11, to: Infinity },
  ]
  for (const [index, letter] of letters.entries()) {
    assert.deepEqual(factsAt(facts, index), letter)
    for (const wanted of terms) assert.equal(factOf(wanted, facts, index), matchFact(wanted, letter))
  }
})

test('folding: width, kana, compatibility forms, case, sharp s and sigma', () => {
  assert.equal(fold('ＡＢＣ ｶﾞ'), 'abc ガ')
  assert.equal(fold('①㈱'), '1(株)')
  assert.equal(fold('STRASSE'), fold('Straße'))
  assert.equal(fold('ΟΔΟΣ'), fold('οδοσ'))
  assert.equal(fold('e\u0301'), 'é')
})

test('a letter that cannot be parsed is searched as its octets', () => {
  const letter: Letter = { reader: readerOf(utf8('Subject: x\r\n\r\nSome WORDS')), headerBytes: 0, parsed: false }
  assert.deepEqual(
    matchTerms(
      [
        { in: 'body', text: 'subject: x' },
        { in: 'text', text: 'some words' },
        { in: 'header', field: 'subject', text: '' },
      ],
      letter,
    ),
    [true, true, false],
  )
  agrees([letter], segmentOf([letter]), { in: 'body', text: 'words' })
})

test('noise is not indexed, and leaves the letters around it as they are', () => {
  const random = seeded(1)
  const noise = new Uint8Array(Uint16Array.from({ length: 500_000 }, () => random() * 0xd800).buffer)
  const collector = new GramCollector(wordSeed)
  const plain = letterFrom(utf8('Subject: x\r\n\r\nwords'))
  const head = utf8(
    'Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=utf-16le\r\n\r\n',
  )
  assert.ok(collectLetter(collector, plain).fields)
  assert.equal(collectLetter(collector, letterFrom(concatBytes([head, noise]))).fields, undefined)
  assert.ok(collectLetter(collector, plain).fields)
  assert.ok(listsOf(collector).every(({ letters }) => letters.length === 2))
})

test('ten thousand parts and long lines end soon', () => {
  const parts = Array.from({ length: 10_000 }, (_, index) => `--x\r\n\r\npart ${index} ${'ﷺ'.repeat(100)}\r\n`).join('')
  const letter = letterFrom(utf8(`Content-Type: multipart/mixed; boundary=x\r\n\r\n${parts}--x--\r\n`))
  const begun = performance.now()
  agrees([letter], segmentOf([letter]), { in: 'body', text: 'part 999 ' })
  assert.ok(performance.now() - begun < 3000)
})
