// The preview of a filter says of a letter what the script will say: the browser's look at JMAP's properties against Sieve's at the octets.
import assert from 'node:assert/strict'
import test from 'node:test'
import { noFilters, printFilters } from '#formats/sieve/filters/document.ts'
import type { Condition, Filter, TextTest } from '#formats/sieve/filters/filter.ts'
import { fileLetter } from '#mail/sieve/sieve.testbed.ts'
import { fits, type LetterFacts } from '../../web/mail/model/filters/matching.ts'

type Given = { readonly facts: LetterFacts; readonly text: string }

const id = 'E1'
const encoded = (text: string) => `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`

function letter(from: readonly [string, string], to: readonly string[], subject: string, list?: string): Given {
  const [name, email] = from
  const fields = [
    `From: ${encoded(name)} <${email}>`,
    `To: ${to.join(', ')}`,
    `Subject: ${encoded(subject)}`,
    ...(list === undefined ? [] : [`List-Id: Club <${list}>`]),
    'X-Priority: 1 (Highest)',
    '',
    'Hello',
    '',
  ]
  const text = fields.join('\r\n')
  const facts: LetterFacts = {
    id,
    from: [{ name, email }],
    to: to.map(one => ({ name: null, email: one })),
    cc: null,
    subject,
    size: text.length,
    hasAttachment: false,
    'header:List-Id:asText:all': list === undefined ? [] : [`Club <${list}>`],
    'header:X-Priority:asText:all': ['1 (Highest)'],
  }
  return { facts, text }
}

const letters = [
  letter(['山田 太郎', 'Taro@Example.org'], ['hanako@home.test'], '会議のご案内'),
  letter(
    ['News', 'news@garden.example.org'],
    ['list@garden.example.org', 'hanako@home.test'],
    '[garden] Spring',
    'garden.example.org',
  ),
  letter(['a*b?', 'x@sub.example.org'], ['hanako@home.test'], 'a\\b *stars* "quoted"'),
]
const tests: readonly TextTest[] = ['contains', 'notContains', 'is', 'isNot', 'begins']
const values = [
  '太郎',
  'taro@example.org',
  'example.org',
  'GARDEN',
  'garden.example.org',
  '会議',
  '[garden]',
  'a\\b *',
  'a*',
  '1 (Highest)',
  '*',
]

const conditions: readonly Condition[] = values.flatMap((value): Condition[] => [
  ...tests.flatMap((one): Condition[] => [
    { kind: 'from', test: one, value },
    { kind: 'to', test: one, value },
    { kind: 'subject', test: one, value },
    { kind: 'list', test: one, value },
    { kind: 'header', name: 'X-Priority', test: one, value },
  ]),
  { kind: 'from', test: 'domain', value },
  { kind: 'to', test: 'domain', value },
])

test('one condition after another, on each letter', async () => {
  const filters = conditions.map(
    (condition, at): Filter => ({
      name: '',
      isOn: true,
      match: 'all',
      conditions: [condition],
      actions: [{ kind: 'label', keyword: `k${at}` }],
      stops: false,
    }),
  )
  let agreed = 0
  for (let from = 0; from < filters.length; from += 60) {
    const some = filters.slice(from, from + 60)
    const script = printFilters({
      ...noFilters,
      pieces: some.map(filter => ({ kind: 'filter', filter, source: undefined })),
    })
    for (const { facts, text } of letters) {
      const filed = await fileLetter(script, { text })
      assert.equal(filed.problem, undefined)
      const flags = new Set(filed.placements[0]?.flags)
      for (const [at, filter] of some.entries()) {
        const expected = flags.has(`k${from + at}`)
        assert.equal(fits(filter, facts), expected, `${JSON.stringify(filter.conditions)} on ${facts.subject}`)
        if (expected) agreed++
      }
    }
  }
  assert.ok(agreed > 100)
})
