import assert from 'node:assert/strict'
import test from 'node:test'
import { displayEn } from './display-en.ts'
import { displayJa } from './display-ja.ts'
import { en } from './en.ts'
import { filtersEn } from './filters-en.ts'
import { filtersJa } from './filters-ja.ts'
import { ja } from './ja.ts'
import { languageOf } from './texts.ts'

/** The same in both languages, and rightly so. */
const alike = new Set(['program', 'reading.cc', 'reading.bcc', 'settings.languages.ja', 'settings.languages.en'])

type Entry = readonly [name: string, text: unknown]

function entries(value: object, at = ''): Entry[] {
  return Object.entries(value).flatMap(([name, one]) =>
    typeof one === 'object' && one !== null
      ? entries(one as object, `${at}${name}.`)
      : [[`${at}${name}`, one] as const],
  )
}

/** Functions are tried with a number and with a name. */
function said(text: unknown, given: number): string {
  return typeof text === 'function' ? String((text as (...all: unknown[]) => string)(given, 'x.example')) : String(text)
}

test('both languages say everything, each in its own words', () => {
  const [english, japanese] = [
    entries({ ...en, filters: filtersEn, display: displayEn }),
    entries({ ...ja, filters: filtersJa, display: displayJa }),
  ]
  assert.deepEqual(
    japanese.map(([name]) => name),
    english.map(([name]) => name),
  )
  assert.ok(english.length > 100)
  for (const [index, [name, text]] of english.entries()) {
    const other = japanese[index]?.[1]
    for (const given of [1, 2, 12_345]) {
      assert.notEqual(said(text, given).trim(), '', name)
      if (!alike.has(name)) assert.notEqual(said(text, given), said(other, given), `${name} is not translated`)
      if (!name.endsWith('languages.ja'))
        assert.doesNotMatch(said(text, given), /[ぁ-んァ-ヶ一-龠]/, `${name} is Japanese in English`)
    }
  }
})

test('what counts one says so in English', () => {
  assert.equal(en.list.conversations(1), '1 conversation')
  assert.equal(en.list.conversations(1_234), '1,234 conversations')
  assert.equal(ja.list.ticked(1_234), '1,234件を選択中')
})

test('the first of our languages that a browser names', () => {
  for (const [names, expected] of [
    [['ja-JP', 'en'], 'ja'],
    [['fr', 'ja'], 'ja'],
    [['en-GB', 'ja'], 'en'],
    [['jam'], 'en'],
    [[], 'en'],
  ] as const)
    assert.equal(languageOf(names), expected)
})
