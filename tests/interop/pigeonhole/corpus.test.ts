// The letters of the corpus × tests of every kind: which are true, by Pigeonhole and by us. All letters with PIGEONHOLE=all, else each eighth.
import assert from 'node:assert/strict'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import { memorySource } from '#formats/message-source.ts'
import { fileLetter } from '#mail/sieve/sieve.testbed.ts'
import { missing } from '../../support/debian.ts'
import { prepare, sieveTest } from './sieve-test.ts'

const skip = await missing('pigeonhole')

const requires =
  'require ["fileinto", "variables", "relational", "date", "index", "subaddress", "body", "regex", "mime"];\n'

const fields = 'from to cc subject date message-id received content-type reply-to list-id sender'.split(' ')
const ofFields = [
  'exists "F"',
  'header :contains "F" ""',
  'header :is "F" ""',
  'header :matches "F" "*e*"',
  'header :matches "F" "?*"',
  'header :count "ge" "F" "2"',
  'header :regex "F" "[0-9]+"',
  'header :index 1 :last :contains "F" "a"',
  'header :contains "F" "=?"',
  'header :contains "F" "の"',
]
const ofAddresses = [
  'address :count "eq" "F" "1"',
  'address :contains :domain "F" "."',
  'address :contains :localpart "F" "a"',
  'address :matches "F" "*@*.*"',
  'address :user :contains "F" "o"',
  'address :detail :contains "F" ""',
]
const dateParts = 'year month day hour minute second weekday zone julian'.split(' ')
const questions: readonly string[] = [
  ...fields.flatMap(field => ofFields.map(question => question.replace('F', field))),
  ...['from', 'to', 'cc', 'reply-to', 'sender'].flatMap(field =>
    ofAddresses.map(question => question.replace('F', field)),
  ),
  ...dateParts.flatMap(part => [
    `date :originalzone :value "ge" "date" "${part}" "1"`,
    `date :zone "+0900" :matches "date" "${part}" "*0*"`,
  ]),
  ...['raw :contains "the"', 'content "text" :contains "e"', 'content "text/html" :contains "<"'].map(
    asked => `body :${asked}`,
  ),
  ...['text :contains "a"', 'text :contains "で"', 'content "" :contains "e"'].map(asked => `body :${asked}`),
  ...['multipart', 'message/rfc822', 'image'].map(type => `body :content "${type}" :contains "e"`),
  ...[
    ':type "content-type" "text"',
    ':subtype "content-type" "html"',
    ':contains :param "name" "content-type" "."',
  ].map(asked => `header :mime :anychild ${asked}`),
  'header :mime :anychild :contains :param "filename" "content-disposition" "."',
  'header :mime :contenttype "content-type" "multipart/mixed"',
  'exists :mime :anychild "content-id"',
  'header :mime :anychild :count "ge" "content-type" "3"',
]
/** A variable of the peer holds 4,000 octets */
const halves = [questions.slice(0, 90), questions.slice(90)]

const charset = 'the peer does not know the charset, or that the label is wrong'
const headless = 'RFC 2046 §5.1: a part may have no header fields; the peer passes over it, or over what follows'
const nul = 'the peer looks at binary content up to its first NUL'
const broken = 'a broken MIME structure, of which we read more'
const encoding = 'an encoding that nobody knows: we look at the text as it stands'
const eml = 'mail-parser/resources/eml'

/** By path: letters of which not everything is read alike, and why */
const readOtherwise: Readonly<Record<string, string>> = {
  'japanese/005-cp932-labelled-shift_jis.eml': charset,
  'japanese/010-raw-shift_jis-header.eml': charset,
  'japanese/021-charset-cp50221.eml': charset,
  'mail-auth/resources/dmarc-feedback/103.eml': headless,
  [`${eml}/legacy/017.eml`]: nul,
  [`${eml}/legacy/048.eml`]: nul,
  [`${eml}/malformed/000.eml`]: headless,
  [`${eml}/malformed/004.eml`]: broken,
  [`${eml}/malformed/016.eml`]:
    'boundaries longer than the 70 characters of RFC 2046 §5.1.1, each the beginning of the one around it',
  [`${eml}/malformed/017.eml`]: broken,
  [`${eml}/malformed/019.eml`]: 'a date without its zone, cut off',
  [`${eml}/malformed/020.eml`]: broken,
  [`${eml}/malformed/021.eml`]: broken,
  [`${eml}/rfc/000.eml`]: headless,
  [`${eml}/rfc/004.eml`]: 'RFC 2046 §5.1.5: parts of a digest are messages',
  [`${eml}/rfc/005.eml`]: headless,
  [`${eml}/thirdparty/004.eml`]: encoding,
  [`${eml}/thirdparty/007.eml`]: 'RFC 2046 §5.1.5: parts of a digest are messages',
  [`${eml}/thirdparty/014.eml`]: 'the peer takes Reply-To for empty, which holds an address',
}

const folder = 'tests/corpus'
const all = globSync('**/*.eml', { cwd: folder }).toSorted()
const chosen = process.env['PIGEONHOLE'] === 'all' ? all : all.filter((_, index) => index % 8 === 0)

describe('letters of the corpus', { skip, timeout: 300_000, concurrency: 3 }, () => {
  let work: string
  before(() => {
    work = mkdtempSync(join(tmpdir(), 'hikyaku-pigeonhole-'))
    prepare(work)
  })
  after(() => rmSync(work, { recursive: true, force: true, maxRetries: 10 }))

  for (const [index, path] of chosen.entries())
    test(path, async () => {
      const letter = readFileSync(join(folder, path))
      const differences: string[] = []
      for (const [half, asked] of halves.entries()) {
        const script = scriptOf(asked)
        const theirs = await sieveTest(work, `${index}-${half}`, script, letter)
        assert.equal(theirs.failed, false, theirs.output)
        const filed = await fileLetter(script, { text: '', source: memorySource(letter) })
        const [placement] = filed.placements
        assert.ok(placement && 'name' in placement.mailbox, filed.problem?.text.en)
        const yes = [truths(theirs.actions[0] ?? ''), truths(placement.mailbox.name)]
        for (const [number, question] of asked.entries())
          if (yes[0]?.has(number) !== yes[1]?.has(number)) differences.push(question)
      }
      if (readOtherwise[path] === undefined) assert.deepEqual(differences, [])
      else assert.notDeepEqual(differences, [], readOtherwise[path])
    })
})

function scriptOf(asked: readonly string[]): string {
  const lines = asked.map((question, number) => `if ${question} { set "r" "\${r},${number}"; }`)
  return `${requires}${lines.join('\n')}\nfileinto "r\${r}";\n`
}

function truths(name: string): ReadonlySet<number> {
  return new Set(name.split(',').slice(1).map(Number))
}
