// Filters as the form writes them, through Debian's sievec and sieve-test: it takes them, and does what we do.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import fc from 'fast-check'
import { noFilters, printFilters, withBehind } from '#formats/sieve/filters/document.ts'
import type { Action, Condition, Filter } from '#formats/sieve/filters/filter.ts'
import { filters } from '#formats/sieve/filters/filters.testbed.ts'
import { fileLetter } from '#mail/sieve/sieve.testbed.ts'
import { missing } from '../../support/debian.ts'
import { actionsOf } from './actions.ts'
import { prepare, sieveTest } from './sieve-test.ts'

const skip = await missing('pigeonhole')

/** What the peer lacks; the filters work by names there */
const offers = (extension: string) => extension !== 'mailboxid'

function scriptOf(all: readonly Filter[], behind: string | null = null): string {
  const pieces = all.map(filter => ({ kind: 'filter', filter, source: undefined }) as const)
  return printFilters(withBehind({ ...noFilters, pieces }, behind), { offers })
}

const letter = `From: 花子 <hanako@example.org>
To: hanako@home.test
Cc: list@garden.example.org
List-Id: Garden club <garden.example.org>
Subject: =?utf-8?B?44G/44Gp44KK55S644Gu5Lya?=
Message-ID: <1@example.org>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=utf-8

Tulips and roses
--b
Content-Type: text/csv
Content-Disposition: attachment; filename=a.csv

1,2
--b--
`.replaceAll('\n', '\r\n')

/** Conditions that are true of the letter, and some that are not */
const asked: readonly (readonly [Condition, boolean])[] = [
  [{ kind: 'from', test: 'contains', value: '花' }, true],
  [{ kind: 'from', test: 'is', value: 'Hanako@example.org' }, true],
  [{ kind: 'from', test: 'domain', value: 'example.org' }, true],
  [{ kind: 'from', test: 'begins', value: 'hana' }, true],
  [{ kind: 'from', test: 'begins', value: 'h*a' }, false],
  [{ kind: 'to', test: 'is', value: 'list@garden.example.org' }, true],
  [{ kind: 'to', test: 'isNot', value: 'hanako@home.test' }, false],
  [{ kind: 'list', test: 'is', value: 'garden.example.org' }, true],
  [{ kind: 'list', test: 'is', value: 'example.org' }, false],
  [{ kind: 'list', test: 'begins', value: 'garden.' }, true],
  [{ kind: 'subject', test: 'is', value: 'みどり町の会' }, true],
  [{ kind: 'subject', test: 'begins', value: 'みどり' }, true],
  [{ kind: 'subject', test: 'notContains', value: 'の会' }, false],
  [{ kind: 'header', name: 'X-None', test: 'contains', value: 'x' }, false],
  [{ kind: 'body', test: 'contains', value: 'roses' }, true],
  [{ kind: 'body', test: 'notContains', value: 'roses' }, false],
  [{ kind: 'attachment', test: 'has' }, true],
  [{ kind: 'size', test: 'under', amount: 100, unit: 'K' }, true],
  [{ kind: 'size', test: 'over', amount: 1, unit: 'M' }, false],
]
const done: readonly (readonly Action[])[] = [
  [{ kind: 'move', mailbox: { id: 'M4', name: 'Lists' } }],
  [{ kind: 'star' }, { kind: 'read' }, { kind: 'label', keyword: 'work' }],
  [
    { kind: 'copy', mailbox: { id: undefined, name: 'Lists' } },
    { kind: 'forward', to: 'taro@example.net' },
  ],
  [{ kind: 'neverJunk' }],
  [{ kind: 'discard' }],
]

describe('filters', { skip, timeout: 120_000, concurrency: 3 }, () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hikyaku-filters-'))
    prepare(folder)
    mkdirSync(join(folder, 'home', 'sieve'))
    // scripts that include others want a place where these are
    const place = `file:${folder}/home/sieve;active=${folder}/home/active.sieve`
    appendFileSync(join(folder, 'dovecot.conf'), `plugin {\n  sieve = ${place}\n}\n`)
  })
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))

  test('sievec takes whatever is written', async () => {
    const scripts = fc.sample(fc.array(filters, { maxLength: 6 }), 40)
    const all = scripts.map((some, at) => scriptOf(some, at % 2 === 0 ? 'mine' : null))
    for (const [at, text] of all.entries()) writeFileSync(join(folder, `all-${at}.sieve`), text)
    const files = all.map((_, at) => join(folder, `all-${at}.sieve`))
    const outcome = await new Promise<string>(resolve =>
      execFile(
        'sh',
        ['-c', `for f in "$@"; do sievec -c ${folder}/dovecot.conf "$f" || exit 1; done`, 'sh', ...files],
        { env: { ...process.env, HOME: join(folder, 'home') } },
        (error, stdout, stderr) => resolve(error ? `${stdout}${stderr}` : ''),
      ),
    )
    assert.equal(outcome, '')
  })

  test('each condition is as true for the peer as for us', async () => {
    const all = asked.map(([condition], at) => ({
      name: `${at}`,
      isOn: true,
      match: 'all' as const,
      conditions: [condition],
      actions: [{ kind: 'copy' as const, mailbox: { id: undefined, name: `r${at}` } }],
      stops: false,
    }))
    const script = scriptOf(all)
    const theirs = await sieveTest(folder, 'conditions', script, letter)
    const ours = actionsOf(await fileLetter(script, { text: letter }))
    assert.deepEqual(ours, theirs.actions, theirs.output)
    const expected = asked.flatMap(([, isTrue], at) => (isTrue ? [`store r${at} create`] : []))
    assert.deepEqual(
      ours.filter(line => line.startsWith('store r')),
      expected.toSorted(),
    )
  })

  for (const [at, actions] of done.entries())
    test(`what is done: ${actions.map(({ kind }) => kind).join(' ')}`, async () => {
      const script = scriptOf([{ name: 'x', isOn: true, match: 'all', conditions: [], actions, stops: true }])
      const theirs = await sieveTest(folder, `done-${at}`, script, letter)
      assert.equal(theirs.failed, false, theirs.output)
      assert.deepEqual(actionsOf(await fileLetter(script, { text: letter })), theirs.actions)
    })
})
