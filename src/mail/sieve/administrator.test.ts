// What the administrator gives to everybody's scripts: read from files, with what is wrong of them named by place.
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import type { AccountId } from '../ids.ts'
import { printFileProblem, readAdministrator } from './administrator.ts'
import { externalLists, ownAddressBook } from './external-lists.ts'
import { parseList } from './list-file.ts'
import { fileLetter, summary } from './sieve.testbed.ts'

async function withFolder(act: (at: (name: string) => string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-sieve-'))
  try {
    await act(name => join(folder, name))
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

test('scripts, global ones and lists are read; what is broken is named with its place', () =>
  withFolder(async at => {
    await mkdir(at('global'))
    await writeFile(at('good.sieve'), 'keep;')
    await writeFile(at('bad.sieve'), 'keep;\n  nonsense;\n')
    await writeFile(at('latin.sieve'), Buffer.from('# caf\xe9\n', 'latin1'))
    await writeFile(at('global/vip.sieve'), 'keep;')
    await writeFile(at('global/.hidden.sieve'), 'nonsense;')
    await writeFile(at('global/notes.txt'), 'nonsense')
    await writeFile(at('list.txt'), 'aki@internet.test\n')
    const found = await readAdministrator({
      before: [at('good.sieve'), at('bad.sieve')],
      after: [at('latin.sieve'), at('missing.sieve')],
      globalFolder: at('global'),
      lists: [
        { name: 'tag:a', file: at('list.txt') },
        { name: 'tag:b', file: at('missing.txt') },
      ],
    })
    assert.deepEqual(
      found.before.map(({ name, problems }) => [name, problems.length]),
      [
        ['good', 0],
        ['bad', 1],
      ],
    )
    assert.deepEqual([...found.global.keys()], ['vip'])
    assert.equal(found.lists.get('tag:a')?.members.has('AKI@Internet.Test'), true)
    const told = found.problems.map(problem => printFileProblem(problem, 'en').slice(at('x').length - 1))
    assert.match(told[0] ?? '', /^bad\.sieve:2:3: Unknown command nonsense$/)
    assert.match(told[1] ?? '', /^latin\.sieve:1:1: .*UTF-8/)
    assert.match(told[2] ?? '', /^missing\.sieve:1:1: cannot be read/)
    assert.match(told[3] ?? '', /^missing\.txt:1:1: cannot be read/)
    assert.equal(told.length, 4)
    for (const problem of found.problems) assert.match(printFileProblem(problem, 'ja'), /[ぁ-んァ-ン]/)
  }))

test('a folder that is not there is a problem, and so is a file that is no script but a device', async () => {
  const found = await readAdministrator({ before: [], after: [], globalFolder: '/nowhere/at/all', lists: [] })
  assert.equal(found.problems.length, 1)
})

for (const [text, values] of [
  ['a@example.org\r\nb@example.org\r\n', ['a@example.org', 'b@example.org']],
  ['# nothing\n\n  c@example.org  # friend\n', ['c@example.org']],
  ['odd#name@example.org', ['odd#name@example.org']],
  ['Ünïcode@例え.test', ['Ünïcode@例え.test']],
] as const)
  test(`a list: ${JSON.stringify(text)}`, () => {
    const { members, problems } = parseList(text)
    assert.deepEqual(members.values, values)
    assert.deepEqual(problems, [])
    for (const value of values) assert.ok(members.has(value))
    assert.ok(!members.has('stranger@example.org'))
  })

test('a line without end is a problem of that line', () => {
  assert.deepEqual(
    parseList(`a@example.org\n${'x'.repeat(2000)}`).problems.map(({ line }) => line),
    [2],
  )
})

const account = 'aaaaaaaaaaaaaaaa' as AccountId

test('the address book is contacts and whom the account has written to, asked in canonical form; contacts alone are read out', async () => {
  const asked: string[] = []
  const lists = externalLists(() => ({ lists: new Map() }), {
    async hasWrittenTo(_account, address) {
      asked.push(address)
      return address === 'aki@internet.test'
    },
    isContact: async (_account, address) => address === 'kei@internet.test',
    addresses: async (_account, limit) => ['kei@internet.test', 'ken@internet.test'].slice(0, limit),
  })
  assert.equal(await lists.exists(account, ownAddressBook), true)
  assert.equal(await lists.contains(account, ownAddressBook, 'Aki@Internet.Test'), true)
  assert.equal(await lists.contains(account, ownAddressBook, 'KEI@internet.test'), true)
  assert.equal(await lists.contains(account, ownAddressBook, 'no address'), false)
  assert.deepEqual(asked, ['aki@internet.test'])
  assert.deepEqual(await lists.members(account, ownAddressBook, 1), ['kei@internet.test'])
  assert.equal(await lists.exists(account, 'tag:none'), false)
  assert.deepEqual(await lists.members(account, 'tag:none', 5), [])
})

test('a redirect to a list that can only be asked is the script’s mistake, and the message is kept', async () => {
  const text = 'From: taro@example.org\nSubject: x\n\ny\n'
  const filed = await fileLetter(
    'require "extlists"; redirect :list ":addrbook:default";',
    { text },
    {
      lists: { [ownAddressBook]: undefined },
    },
  )
  assert.deepEqual(summary(filed), ['keep', 'problem main 1:21'])
})
