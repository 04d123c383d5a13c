// The administrator's scripts before and after the owner's: what goes on, what ends the sequence, and what a failure costs.
import assert from 'node:assert/strict'
import test from 'node:test'
import type { ScriptProblem } from './filer.ts'
import { bytesOf, fileLetter, type Letter, summary, type Surroundings } from './sieve.testbed.ts'

const text = `From: taro@example.org
To: hanako@home.test
Subject: Meeting
Message-ID: <one@example.org>

Words
`

type Row = {
  readonly why: string
  readonly before?: readonly string[]
  readonly own?: string
  readonly after?: readonly string[]
  readonly result: readonly string[]
  readonly letter?: Partial<Letter>
  readonly around?: Surroundings
  /** Scripts of the administrator that were passed over, with their places */
  readonly over?: readonly string[]
}

const archive = 'require ["fileinto", "copy"]; fileinto :copy "Archive";'
const flag = 'require "imap4flags"; addflag "$Label1";'
const list = 'require "fileinto"; fileinto "Lists";'

const rows: readonly Row[] = [
  { why: 'nobody decides anything', before: [''], own: '', after: ['stop;'], result: ['keep'] },
  { why: 'an account without a script', before: [list], result: ['fileinto Lists'] },
  {
    why: 'what is filed before does not come to the owner',
    before: [list],
    own: 'discard;',
    result: ['fileinto Lists'],
  },
  { why: 'what is discarded before is gone', before: ['discard;'], own: 'keep;', after: [list], result: [] },
  { why: 'keep goes on, and is no copy in the inbox', before: ['keep;'], own: list, result: ['fileinto Lists'] },
  { why: 'keep beside another action goes on', before: [`${list} keep;`], own: 'discard;', result: ['fileinto Lists'] },
  {
    why: 'a copy stays whatever the owner says',
    before: [archive],
    own: 'discard;',
    result: ['fileinto Archive'],
  },
  {
    why: 'a copy stays where the owner refuses',
    before: [archive],
    own: 'require "reject"; reject "no";',
    result: ['fileinto Archive', 'reply to taro@example.org', 'reject: no'],
  },
  { why: 'after runs for what is kept', own: 'keep;', after: [list], result: ['fileinto Lists'] },
  { why: 'after does not run for what is not', own: 'discard;', after: [list], result: [] },
  { why: 'all in order', before: ['', 'keep;'], own: '', after: ['', list, 'discard;'], result: ['fileinto Lists'] },
  { why: 'the same mailbox once', before: [archive], own: archive, result: ['fileinto Archive', 'keep'] },
  {
    why: 'a redirect to one address once',
    before: ['require "copy"; redirect :copy "jiro@example.net";'],
    own: 'redirect "jiro@example.net";',
    result: ['redirect jiro@example.net'],
  },
  { why: 'flags of what is kept go on', before: [flag], own: '', result: ['keep $Label1'] },
  { why: 'the owner can take them away', before: [flag], own: 'require "imap4flags"; setflag "";', result: ['keep'] },
  {
    why: 'flags of an explicit keep go on',
    before: ['require "imap4flags"; keep :flags "$Label2";'],
    own: list,
    result: ['fileinto Lists $Label2'],
  },
  {
    why: 'variables do not go on',
    before: ['require "variables"; set "a" "jiro@example.net";'],
    own: 'require "variables"; redirect "x${a}@example.net";',
    result: ['redirect x@example.net'],
  },
  {
    why: 'edits go on',
    before: ['require "editheader"; addheader "X-Class" "list";'],
    own: 'require "fileinto"; if header "X-Class" "list" { fileinto "Lists"; }',
    result: ['fileinto Lists edited'],
  },
  {
    why: 'two answers are one: that of the first',
    before: ['require "vacation"; vacation "closed";'],
    own: 'require "vacation"; vacation "away";',
    result: ['keep', 'reply to taro@example.org'],
  },
  {
    why: 'redirects are counted for each script',
    before: ['require "copy"; redirect :copy "a@example.net"; redirect :copy "b@example.net";'],
    own: 'redirect "c@example.net"; redirect "d@example.net";',
    around: { limits: { maxRedirects: 2 } },
    result: ['redirect a@example.net', 'redirect b@example.net', 'redirect c@example.net', 'redirect d@example.net'],
  },
  {
    why: 'one that fails is passed over, with all that it did',
    before: [
      archive,
      'require ["editheader", "copy"]; addheader "X-A" "b"; redirect :copy "a@example.net"; redirect "no address${x}";',
    ],
    own: 'keep;',
    result: ['fileinto Archive', 'keep'],
    over: ['before2 1:95'],
  },
  {
    why: 'one that cannot be read is passed over',
    before: ['nonsense;'],
    own: list,
    over: ['before1 1:1'],
    result: ['fileinto Lists'],
  },
  { why: 'also the last', own: 'keep;', after: ['nonsense;'], over: ['after1 1:1'], result: ['keep'] },
  {
    why: 'where the owner’s fails the message is in the inbox, what was before stays, and nothing follows',
    before: [archive],
    own: 'require "include"; include "missing";',
    after: ['discard;'],
    result: ['fileinto Archive', 'keep', 'problem main 1:20'],
  },
  {
    why: 'one that does too much work costs the owner’s nothing',
    before: [`require "regex"; if header :regex "X-A" "((a{1,9}){1,9}){1,9}b" { discard; }`],
    letter: { text: `X-A: ${'a'.repeat(50_000)}\n${text}` },
    own: list,
    over: ['before1 1:18'],
    result: ['fileinto Lists'],
  },
  {
    why: 'junk that nobody asked for goes to Junk though an administrator’s script said keep',
    before: ['keep;'],
    letter: { junk: true },
    result: ['keep implicit'],
  },
  {
    why: 'the owner’s keep is an order',
    own: 'keep;',
    after: [''],
    letter: { junk: true },
    result: ['keep'],
  },
  {
    why: 'global scripts are found by the owner’s and by the administrator’s',
    before: ['require "include"; include :global "sort";'],
    own: 'require "include"; include :global "sort";',
    around: { global: { sort: archive } },
    result: ['fileinto Archive', 'keep'],
  },
]

for (const { after, around, before, letter, over = [], own, result, why } of rows)
  test(why, async () => {
    const passed: string[] = []
    const passedOver = ({ column, line, script }: ScriptProblem) => passed.push(`${script} ${line}:${column}`)
    const given = { ...around, ...(before && { before }), ...(after && { after }), passedOver }
    const filed = await fileLetter(own, { text, ...letter }, given)
    const shown = summary(filed)
    const { placements } = filed
    if (letter?.junk && placements[0]?.implicit) shown[0] += ' implicit'
    assert.deepEqual(shown, result)
    assert.deepEqual(passed, over)
  })

test('what an administrator’s script sends is not the owner’s, but for what was passed over', async () => {
  const before = [
    'require "copy"; redirect :copy "archive@example.net"; redirect "bad${x}";',
    'require "copy"; redirect :copy "law@example.net";',
  ]
  const after = ['redirect "after@example.net";']
  const own = 'redirect :copy "own@example.net";'
  const filed = await fileLetter(`require "copy"; ${own}`, { text }, { before, after, passedOver() {} })
  const shown = filed.effects.map(effect => `${effect.kind === 'redirect' ? effect.to : ''} ${effect.by ?? 'owner'}`)
  assert.deepEqual(shown, ['law@example.net administrator', 'own@example.net owner', 'after@example.net administrator'])
})

test('an edit that was taken back is in no version that comes after it', async () => {
  const before = [
    'require "editheader"; addheader "X-Bad" "1"; redirect "bad${x}";',
    'require "editheader"; addheader "X-Good" "1";',
  ]
  const filed = await fileLetter('', { text }, { before, passedOver() {} })
  const [placement] = filed.placements
  assert.ok(placement?.edited)
  const bytes = await bytesOf(placement.edited)
  assert.match(bytes, /^X-Good: 1\r\n/)
  assert.doesNotMatch(bytes, /X-Bad/)
})

test('what an administrator’s script has met says nothing to the owner’s', async () => {
  const script = 'require "duplicate"; if duplicate { discard; }'
  const { remember } = await fileLetter(script, { text }, { before: [script] })
  assert.equal(new Set(remember.map(({ key }) => key)).size, 2)
})
