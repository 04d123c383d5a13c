import assert from 'node:assert/strict'
import test from 'node:test'
import { searchedWords } from '../search/searched-words.ts'
import type { JsonObject } from './json.ts'
import { cardMatches, type CardComparator, compareCards, sortKey } from './query.ts'
import type { TextField } from './texts.ts'

const component = (kind: string, value: string, phonetic?: string) => ({ kind, value, ...(phonetic && { phonetic }) })
const yamada: JsonObject = {
  addressBookIds: { B1: true },
  uid: 'urn:uuid:yamada',
  created: '2026-01-01T00:00:00Z',
  name: { components: [component('surname', '山田', 'ヤマダ'), component('given', '太郎', 'たろう')] },
  nicknames: { n1: { name: 'ユーザー' } },
  emails: { e1: { address: 'Taro@Example.com', label: '自宅' } },
  phones: { p1: { number: '+81 90-1234-5678' } },
  onlineServices: { o1: { service: 'Mastodon', user: '@taro' } },
  addresses: { a1: { components: [component('locality', '札幌市'), component('district', '中央区')] } },
  organizations: { g1: { name: '㈱例', units: [{ name: '総務部' }] } },
  notes: { t1: { note: 'Straße' } },
  keywords: { 旅行: true },
}

function finds(field: TextField, text: string): boolean {
  const words = searchedWords(text).map(word => ({ in: field, word }))
  return cardMatches(yamada, { operator: undefined, condition: { words } })
}

test('texts are found whatever their width and case, in their field and in text', () => {
  const found: readonly (readonly [TextField, string])[] = [
    ['nickname', 'ﾕｰｻﾞｰ'],
    ['name', '山田太郎'],
    ['name', '太郎 山田'],
    ['name', 'ﾔﾏﾀﾞ'],
    ['name', '"山田 太郎"'],
    ['name/given', '太郎'],
    ['name/surname', 'ヤマダ'],
    ['email', 'taro@example'],
    ['email', 'ＴＡＲＯ'],
    ['email', '自宅'],
    ['phone', '9012345678'],
    ['phone', '90-1234'],
    ['phone', '(90)1234'],
    ['onlineService', 'mastodon @taro'],
    ['address', '札幌市中央区'],
    ['organization', '(株)例 総務'],
    ['note', 'STRASSE'],
    ['text', '旅行 太郎 taro@'],
    ['text', '901234'],
    ['text', ''],
  ]
  for (const [field, text] of found) assert.ok(finds(field, text), `${field} ${text}`)
  const missed: readonly (readonly [TextField, string])[] = [
    ['name/given', '山田'],
    ['name/surname2', '山田'],
    ['name', '"太郎 山田"'],
    ['phone', '12349012'],
    ['email', '901234'],
    ['text', '太郎 花子'],
    ['nickname', '"ユーザー taro"'],
  ]
  for (const [field, text] of missed) assert.ok(!finds(field, text), `${field} ${text}`)
})

test('a kind that is not told is individual; dates are from after on, before before', () => {
  const is = (condition: object) => cardMatches(yamada, { operator: undefined, condition: { words: [], ...condition } })
  const created = Date.parse('2026-01-01T00:00:00Z')
  for (const condition of [
    {},
    { kind: 'individual' },
    { uid: 'urn:uuid:yamada' },
    { inAddressBook: 'B1' },
    { createdAfter: created },
    { createdBefore: created + 1 },
  ])
    assert.ok(is(condition), JSON.stringify(condition))
  for (const condition of [
    { kind: 'org' },
    { uid: 'urn:uuid:Yamada' },
    { inAddressBook: 'constructor' },
    { hasMember: 'toString' },
    { createdBefore: created },
    { createdAfter: created + 1 },
    { updatedAfter: 0 },
  ])
    assert.ok(!is(condition), JSON.stringify(condition))
})

test('a name stands where it is read', () => {
  const named = (id: number, name: JsonObject) => ({ id, card: { name } })
  const cards = [
    named(1, { components: [component('surname', '渡辺', 'わたなべ')] }),
    named(2, { components: [component('surname', '山田', 'ヤマダ')] }),
    named(3, { components: [component('surname', '安倍')], sortAs: { surname: 'あべ' } }),
    named(4, { components: [component('surname', '東', 'とう')], sortAs: { surname: 'ひがし' } }),
    named(5, { components: [component('surname', 'ｶﾄｳ')] }),
    named(6, { full: 'A company' }),
    named(7, { components: [component('surname', 'Smith')] }),
    named(8, { components: [component('surname', 'smith')] }),
  ]
  const order = (isAscending: boolean) => {
    const sort: readonly CardComparator[] = [{ property: 'name/surname', isAscending }]
    const rows = cards.map(({ id, card }) => ({ id, keys: sort.map(({ property }) => sortKey(card, property)) }))
    return rows.toSorted((a, b) => compareCards(a, b, sort)).map(({ id }) => id)
  }
  assert.deepEqual(order(true), [7, 8, 3, 5, 4, 2, 1, 6])
  assert.deepEqual(order(false), [1, 2, 4, 5, 3, 7, 8, 6])
})
