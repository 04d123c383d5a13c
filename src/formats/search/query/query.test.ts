// The search box: what is typed, what is asked of JMAP, what is wrong and where.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import test from 'node:test'
import fc from 'fast-check'
import { type Period, periodOf, printDate, readDate, startOfDay } from './dates.ts'
import { type EmailFilter, filterOfQuery, type FilterScope } from './filter.ts'
import { parseQuery } from './parse.ts'
import { printQuery } from './print.ts'
import { type QueryProblemCode, queryProblemText } from './problems.ts'
import { maxQueryUnits, type Query } from './query.ts'

const scope: FilterScope = {
  now: Date.parse('2026-11-27T03:04:05Z'),
  timeZone: 'Asia/Tokyo',
  mailboxes: [
    { id: 'm1', name: 'Inbox', role: 'inbox' },
    { id: 'm2', name: '仕事', role: null },
    { id: 'm3', name: 'Papierkorb', role: 'trash' },
    { id: 'm4', name: '仕事', role: null },
  ],
  labels: [
    { keyword: '$label1', name: '重要' },
    { keyword: '&ttvoiw-', name: '仕事 A' },
  ],
}

function queryOf(text: string): Query | undefined {
  const parsed = parseQuery(text)
  assert.ok(!parsed.problem, `${text}: ${parsed.problem?.code}`)
  return parsed.query
}

function filterOf(text: string): EmailFilter {
  const query = queryOf(text)
  assert.ok(query)
  const compiled = filterOfQuery(query, scope)
  assert.ok(!compiled.problem)
  return compiled.filter
}

const and = (...conditions: EmailFilter[]): EmailFilter => ({ operator: 'AND', conditions })
const or = (...conditions: EmailFilter[]): EmailFilter => ({ operator: 'OR', conditions })
const not = (...conditions: EmailFilter[]): EmailFilter => ({ operator: 'NOT', conditions })

const asked: readonly (readonly [typed: string, filter: EmailFilter])[] = [
  ['budget', { text: '"budget"' }],
  ['budget meeting', and({ text: '"budget"' }, { text: '"meeting"' })],
  ['"budget meeting"', { text: '"budget meeting"' }],
  ['“予算 会議”', { text: '"予算 会議"' }],
  ['"5\\" disk"', { text: `'5" disk'` }],
  [`"5\\" o'clock"`, and({ text: '"5"' }, { text: '" o\'clock"' })],
  [
    'from:aki to:u@home.test cc:c bcc:b',
    and({ from: '"aki"' }, { to: '"u@home.test"' }, { cc: '"c"' }, { bcc: '"b"' }),
  ],
  ['subject:"Q3 plan" body:x', and({ subject: '"Q3 plan"' }, { body: '"x"' })],
  ['from: aki', { from: '"aki"' }],
  ['差出人：山田　件名：予算', and({ from: '"山田"' }, { subject: '"予算"' })],
  ['宛先:鈴木 本文:資料', and({ to: '"鈴木"' }, { body: '"資料"' })],
  ['送信者:（山田 OR 佐藤）', or({ from: '"山田"' }, { from: '"佐藤"' })],
  ['from:(a OR "b c" -d)', or({ from: '"a"' }, and({ from: '"b c"' }, not({ from: '"d"' })))],
  ['has:attachment', { hasAttachment: true }],
  ['添付:あり', { hasAttachment: true }],
  ['添付：なし', not({ hasAttachment: true })],
  ['添付:見積', { attachmentName: '見積' }],
  ['filename:"a b.pdf"', { attachmentName: 'a b.pdf' }],
  ['ファイル名:見積書.pdf', { attachmentName: '見積書.pdf' }],
  ['in:inbox', { inMailbox: 'm1' }],
  ['場所:受信箱', { inMailbox: 'm1' }],
  ['in:trash', { inMailbox: 'm3' }],
  ['in:仕事', or({ inMailbox: 'm2' }, { inMailbox: 'm4' })],
  ['in:anywhere', and()],
  ['label:重要', { hasKeyword: '$label1' }],
  ['ラベル："仕事　a"', { hasKeyword: '&ttvoiw-' }],
  ['-tag:Invoice', not({ hasKeyword: 'invoice' })],
  ['is:unread', { notKeyword: '$seen' }],
  ['is:starred is:answered', and({ hasKeyword: '$flagged' }, { hasKeyword: '$answered' })],
  ['状態:未読', { notKeyword: '$seen' }],
  ['-is:read', not({ hasKeyword: '$seen' })],
  ['larger:5M', { minSize: 5 * 1024 * 1024 }],
  ['larger:1.5MB smaller:10k', and({ minSize: 1.5 * 1024 * 1024 }, { maxSize: 10240 })],
  ['サイズ以上：５Ｍ', { minSize: 5 * 1024 * 1024 }],
  ['list:dev.example.org', { header: ['List-Id', 'dev.example.org'] }],
  ['header:X-Spam', { header: ['X-Spam'] }],
  ['header:X-Spam:yes', { header: ['X-Spam', 'yes'] }],
  ['header:X-Note:"two words"', { header: ['X-Note', 'two words'] }],
  ['before:2026-11-27', { before: '2026-11-26T15:00:00Z' }],
  ['after:2026/11/27', { after: '2026-11-26T15:00:00Z' }],
  ['on:2026年11月27日', { after: '2026-11-26T15:00:00Z', before: '2026-11-27T15:00:00Z' }],
  ['on:2026-02', { after: '2026-01-31T15:00:00Z', before: '2026-02-28T15:00:00Z' }],
  ['on:昨日', { after: '2026-11-25T15:00:00Z', before: '2026-11-26T15:00:00Z' }],
  ['on:yesterday', { after: '2026-11-25T15:00:00Z', before: '2026-11-26T15:00:00Z' }],
  ['日付:11月28日', { after: '2025-11-27T15:00:00Z', before: '2025-11-28T15:00:00Z' }],
  ['on:last-week', { after: '2026-11-15T15:00:00Z', before: '2026-11-22T15:00:00Z' }],
  ['newer:7d', { after: '2026-11-20T03:04:05Z' }],
  ['older:３ヶ月', { before: '2026-08-27T03:04:05Z' }],
  ['newer_than:2h', { after: '2026-11-27T01:04:05Z' }],
  ['after:7d', { after: '2026-11-19T15:00:00Z' }],
  ['a OR b c', or({ text: '"a"' }, and({ text: '"b"' }, { text: '"c"' }))],
  ['(a OR b) c', and(or({ text: '"a"' }, { text: '"b"' }), { text: '"c"' })],
  ['a または b', or({ text: '"a"' }, { text: '"b"' })],
  ['a AND b', and({ text: '"a"' }, { text: '"b"' })],
  ['-(a b)', not(and({ text: '"a"' }, { text: '"b"' }))],
  ['NOT a', not({ text: '"a"' })],
  ['－迷惑', not({ text: '"迷惑"' })],
  ['well-known', { text: '"well-known"' }],
  ['12:30 https://example.org/x Re:', and({ text: '"12:30"' }, { text: '"https://example.org/x"' }, { text: '"Re:"' })],
  ['or and not', and({ text: '"or"' }, { text: '"and"' }, { text: '"not"' })],
]

test('what is typed becomes a filter', () => {
  assert.ok(asked.length > 50)
  for (const [typed, filter] of asked) assert.deepEqual(filterOf(typed), filter, typed)
})

test('nothing typed asks for nothing', () => {
  for (const typed of ['', '  ', '　']) assert.equal(queryOf(typed), undefined)
  assert.equal(printQuery(undefined), '')
})

const wrong: readonly (readonly [typed: string, code: QueryProblemCode, at: number, length: number])[] = [
  ['a "b', 'unclosed-quote', 2, 1],
  ['a (b', 'unclosed-parenthesis', 2, 1],
  ['a )', 'stray-parenthesis', 2, 1],
  ['a OR', 'dangling-or', 2, 2],
  ['OR a', 'dangling-or', 0, 2],
  ['a -', 'nothing-to-negate', 2, 1],
  ['from:', 'no-value', 0, 5],
  ['a ()', 'no-value', 2, 2],
  ['""', 'no-value', 0, 2],
  ['from:(to:x)', 'operator-in-group', 6, 3],
  ['is:purple', 'unknown-state', 3, 6],
  ['has:fun', 'unknown-thing', 4, 3],
  ['before:soon', 'bad-date', 7, 4],
  ['on:2026-02-30', 'bad-date', 3, 10],
  ['larger:big', 'bad-size', 7, 3],
  ['header:"a b"', 'bad-header', 7, 5],
  ['x'.repeat(maxQueryUnits + 3), 'too-long', maxQueryUnits, 3],
  ['a '.repeat(101), 'too-many-terms', 200, 1],
  [`${'('.repeat(30)}a`, 'too-deep', 21, 1],
]

test('what is wrong is told with its place, in both languages', () => {
  for (const [typed, code, at, length] of wrong) {
    const { problem } = parseQuery(typed)
    assert.deepEqual(problem, { code, at, length }, typed.slice(0, 40))
    assert.match(queryProblemText({ code }).en, /\.$/)
    assert.match(queryProblemText({ code }).ja, /。$/)
  }
  const query = queryOf('a in:nowhere')
  assert.ok(query)
  assert.deepEqual(filterOfQuery(query, scope).problem, { code: 'unknown-mailbox', at: 5, length: 7 })
  const labelled = queryOf('a -label:旅行')
  assert.ok(labelled)
  assert.deepEqual(filterOfQuery(labelled, scope).problem, { code: 'unknown-label', at: 9, length: 2 })
})

const day = (period: Period) => [period.from, period.to].map(moment => new Date(moment).toISOString())

test('days begin when the clock of the time zone says so', () => {
  const of = (text: string, now: string, timeZone: string) => {
    const date = readDate(text)
    assert.ok(date)
    return day(periodOf(date, Date.parse(now), timeZone))
  }
  assert.deepEqual(of('2026-03-29', '2026-11-27T00:00:00Z', 'Europe/Berlin'), [
    '2026-03-28T23:00:00.000Z',
    '2026-03-29T22:00:00.000Z',
  ])
  // São Paulo's clock went from 23:59 to 01:00
  assert.deepEqual(of('2018-11-04', '2026-11-27T00:00:00Z', 'America/Sao_Paulo'), [
    '2018-11-04T03:00:00.000Z',
    '2018-11-05T02:00:00.000Z',
  ])
  // Samoa had no 30 December 2011
  assert.deepEqual(of('2011-12-31', '2026-11-27T00:00:00Z', 'Pacific/Apia')[0], '2011-12-30T10:00:00.000Z')
  assert.deepEqual(of('today', '2026-11-26T15:30:00Z', 'Asia/Tokyo'), [
    '2026-11-26T15:00:00.000Z',
    '2026-11-27T15:00:00.000Z',
  ])
  assert.deepEqual(of('1m', '2026-03-31T12:00:00Z', 'UTC')[0], '2026-02-28T00:00:00.000Z')
  assert.deepEqual(of('02/29', '2026-11-27T00:00:00Z', 'UTC')[0], '2024-02-29T00:00:00.000Z')
  assert.deepEqual(of('this-week', '2026-11-27T00:00:00Z', 'UTC')[0], '2026-11-23T00:00:00.000Z')
  const zones = ['Asia/Tokyo', 'America/New_York', 'Europe/London', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC']
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 25_000 }), fc.constantFrom(...zones), (days, timeZone) => {
      const at = new Date(days * 86_400_000)
      const start = startOfDay([at.getUTCFullYear(), at.getUTCMonth() + 1, at.getUTCDate()], timeZone)
      const local = (moment: number) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(moment)
      assert.equal(local(start), at.toISOString().slice(0, 10))
      assert.notEqual(local(start - 1), local(start))
    }),
    { numRuns: 300 },
  )
})

const words = fc.oneof(
  fc.string({ minLength: 1, maxLength: 8, unit: 'grapheme' }),
  fc.constantFrom(
    'OR',
    'AND',
    'NOT',
    'または',
    '|',
    '-a',
    '－b',
    'from:x',
    '件名：y',
    'a"b',
    '“',
    '\\',
    'a\\',
    'あり',
    'a b',
    '(',
    '（',
    '12:30',
    '会議',
  ),
)
const date = fc
  .constantFrom('2026-11-27', '2026-11', '2026', '11/27', '7d', '3h', '2w', '1y', 'yesterday', 'last-month')
  .map(text => readDate(text) ?? assert.fail(text))
const leaf: fc.Arbitrary<Query> = fc.oneof(
  words.map((text): Query => ({ kind: 'text', text })),
  fc
    .tuple(fc.constantFrom('from', 'to', 'cc', 'bcc', 'subject', 'body', 'filename', 'list'), words)
    .map(([field, text]): Query => ({ kind: 'field', field, text })),
  fc
    .tuple(fc.constantFrom('X-A', 'List-Post'), fc.option(words, { nil: '' }))
    .filter(([, text]) => text === text.trimStart())
    .map(([name, text]): Query => ({ kind: 'header', name, text })),
  fc.constant<Query>({ kind: 'attachment' }),
  fc.constantFrom('unread', 'starred', 'answered', 'draft').map((state): Query => ({ kind: 'is', state })),
  fc
    .tuple(fc.constantFrom('before', 'after', 'on', 'older', 'newer'), date)
    .map(([operator, when]): Query => ({ kind: 'date', operator, date: when })),
  fc
    .tuple(fc.constantFrom('larger', 'smaller'), fc.nat({ max: 1e9 }))
    .map(([operator, octets]): Query => ({ kind: 'size', operator, octets })),
)
const anyQuery = fc.letrec<{ query: Query }>(tie => ({
  query: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc
      .tuple(fc.constantFrom('and', 'or'), fc.array(tie('query'), { minLength: 2, maxLength: 3 }))
      .map(([kind, of]): Query => ({ kind, of })),
    tie('query').map((of): Query => ({ kind: 'not', of })),
  ),
})).query

test('what is printed is read as the same query, in both languages', () => {
  fc.assert(
    fc.property(anyQuery, fc.constantFrom('en', 'ja'), (query, language) => {
      const text = printQuery(query, language)
      fc.pre(text.length <= maxQueryUnits)
      const parsed = parseQuery(text)
      if (parsed.problem) return assert.match(parsed.problem.code, /^too-/, text)
      assert.deepEqual(parsed.query, query, text)
    }),
    { numRuns: 2000 },
  )
  for (const [typed] of asked) {
    const query = queryOf(typed)
    assert.deepEqual(withoutPlaces(queryOf(printQuery(query, 'ja'))), withoutPlaces(query), typed)
  }
})

function withoutPlaces(query: Query | undefined): unknown {
  return JSON.parse(
    JSON.stringify(query, (key, value: unknown) => (key === 'at' || key === 'length' ? undefined : value)),
  )
}

test('anything may be typed: an answer or a problem that lies within the text', () => {
  const bits = fc.constantFrom(
    ...'( ) " - : ： 　 OR AND a 会 from: 件名： in: on: larger: 7d \\ （ “ header:X:'.split(' '),
    ' ',
  )
  const typed = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.array(bits, { maxLength: 30 }).map(parts => parts.join('')),
  )
  fc.assert(
    fc.property(typed, text => {
      const parsed = parseQuery(text)
      if (!parsed.problem) return void (parsed.query && filterOfQuery(parsed.query, scope))
      const { at, length } = parsed.problem
      assert.ok(at >= 0 && length >= 0 && at + length <= text.length + 1, text)
    }),
    { numRuns: 3000 },
  )
  for (const text of ['2026-11-27', '2026-11', '2026', '11/27', '7d', '3h', 'yesterday'])
    assert.equal(printDate(readDate(text) ?? assert.fail(text)), text)
})

test('browsers can use these modules: nothing of Node is imported', () => {
  for (const file of readdirSync(import.meta.dirname)) {
    if (file.endsWith('.test.ts')) continue
    const source = readFileSync(`${import.meta.dirname}/${file}`, 'utf8')
    assert.doesNotMatch(source, /from 'node:|Buffer|process\./, file)
    for (const [, type, path] of source.matchAll(/^import (type )?.*from '(#[^']+)'/gm))
      assert.ok(type, `${file} imports ${path} at run time`)
  }
})
