// The administrator's scripts around the owner's, through Pigeonhole's sequence of scripts and through ours: the same actions.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, before, describe } from 'node:test'
import { fileLetter, testNow } from '#mail/sieve/sieve.testbed.ts'
import { missing } from '../../support/debian.ts'
import { actionsOf } from './actions.ts'
import { letters } from './letters.ts'
import { prepare, readSequence, sieveTest } from './sieve-test.ts'

const skip = await missing('pigeonhole')

const archive = 'require ["fileinto", "copy"]; fileinto :copy "Archive";'
const lists = 'require "fileinto"; fileinto "Lists";'
const flag = 'require "imap4flags"; addflag "$Label1";'
const edit = 'require "editheader"; addheader "X-Class" "list";'

/** Before, the owner's, after */
const sequences: readonly (readonly string[])[] = [
  ['', '', ''],
  ['keep;', lists, ''],
  [archive, 'keep;', ''],
  [archive, lists, ''],
  [archive, 'discard;', 'keep;'],
  [lists, 'discard;', 'keep;'],
  ['discard;', lists, lists],
  [`${lists} keep;`, 'discard;', ''],
  [flag, 'keep;', ''],
  [flag, lists, ''],
  [flag, 'require "imap4flags"; setflag "";', ''],
  ['', 'keep;', lists],
  ['', '', 'discard;'],
  [archive, archive, lists],
  ['redirect "jiro@example.net";', 'discard;', ''],
  ['require "copy"; redirect :copy "jiro@example.net";', lists, ''],
  ['require "variables"; set "a" "Lists";', 'require ["variables", "fileinto"]; fileinto "x${a}";', ''],
  [edit, 'require "fileinto"; if header "X-Class" "list" { fileinto "Lists"; }', ''],
  ['stop;', lists, ''],
]

/** Flags of an explicit keep: there they are lost where another script follows; ours treats them as those of the implicit one */
const labelled = ['require "imap4flags"; keep :flags "$Label2";', lists, '']

describe('pigeonhole, several scripts', { skip, timeout: 300_000, concurrency: 3 }, () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hikyaku-pigeonhole-'))
    prepare(folder)
  })
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 10 }))

  async function both(name: string, scripts: readonly string[]) {
    const [first = '', own = '', last = ''] = scripts
    const theirs = await sieveTest(folder, name, scripts, letters.plain)
    assert.equal(theirs.failed, false, theirs.output)
    const given = { now: testNow, before: [first], after: [last] }
    const ours = actionsOf(await fileLetter(own, { text: letters.plain }, given))
    return { ours, theirs: readSequence(theirs.output), output: theirs.output }
  }

  for (const [index, scripts] of sequences.entries())
    test(scripts.map(script => script.replace(/^require [^;]*; /, '') || '(nothing)').join(' | '), async () => {
      const { ours, output, theirs } = await both(`sequence-${index}`, scripts)
      assert.deepEqual(ours, theirs, output)
    })

  test('flags of an explicit keep', async () => {
    const { ours, theirs } = await both('labelled', labelled)
    assert.deepEqual(ours, ['store Lists $label2'])
    assert.deepEqual(theirs, ['store Lists'])
  })
})
