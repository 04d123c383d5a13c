import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { readSearch } from '../search.ts'
import type { JsonObject } from '#protocols/jmap/wire.ts'
import type { Label } from '#protocols/jmap/wire-preferences.ts'
import { Answers, Batch } from '../../jmap/batch.ts'
import type { Client } from '../../jmap/client.ts'
import { keywordFor, modifiedUtf7 } from './keyword.ts'
import { Labels, labelSearch } from './labels.ts'

const names = { $label1: '重要', $label2: '仕事', $label3: 'プライベート', $label4: 'ToDo', $label5: '後で' }

function server() {
  const kept: { labels: Record<string, Label>; state: number; met: string; isFull: boolean } = {
    labels: {},
    state: 1,
    met: '$label4',
    isFull: false,
  }
  const answer = (name: string, given: JsonObject): JsonObject => {
    if (name === 'Preferences/get')
      return { state: String(kept.state), list: [{ id: 'singleton', labels: { ...kept.labels } }] }
    if (name === 'Email/query') return { ids: (given['filter'] as JsonObject)['hasKeyword'] === kept.met ? ['E1'] : [] }
    if (kept.isFull) return { newState: String(kept.state), notUpdated: { singleton: { type: 'overQuota' } } }
    const { singleton } = given['update'] as { readonly singleton: Record<string, Label | null> }
    for (const [path, label] of Object.entries(singleton)) {
      const keyword = path.replace('labels/', '').replaceAll('~1', '/').replaceAll('~0', '~')
      if (label) kept.labels[keyword] = label
      else delete kept.labels[keyword]
    }
    return { newState: String(++kept.state), notUpdated: null }
  }
  const client = {
    batch: () => new Batch('A1'),
    send: (batch: Batch) =>
      Promise.resolve(new Answers(batch.calls.map(([name, given, id]) => [name, answer(name, given), id]))),
  } as unknown as Client
  return { kept, page: () => new Labels(client, () => names) }
}

test('a name of any kind has a keyword that IMAP can say, as Thunderbird makes it', () => {
  assert.equal(modifiedUtf7('台北 & Co'), '&U,BTFw- &- Co')
  const table = [
    ['仕事', '&ttvoiw-'],
    ['To do', 'to_do'],
    ['a/b (c) "d" %*{e}', 'a_b__c___d_____e}'],
    ['$label1', '_$label1'],
    ['x]y~z', 'x_y_z'],
  ] as const
  for (const [name, keyword] of table) assert.equal(keywordFor(name, new Set()), keyword)
  assert.equal(keywordFor('仕事', new Set(['&ttvoiw-', '&ttvoiw-a'])), '&ttvoiw-aa')
  fc.assert(
    fc.property(fc.string({ minLength: 1, maxLength: 100, unit: 'grapheme' }), name =>
      assert.match(keywordFor(name, new Set()), /^[!#$&'+,.0-9:;=?@_^`a-z|}[-]{1,255}$/, name),
    ),
  )
})

test('a label that one device makes is known to the other; a name is there once', async () => {
  const { kept, page } = server()
  const [here, there] = [page(), page()]
  await Promise.all([here.load(), there.load()])
  const made = await here.add(' 旅行 ')
  assert.deepEqual([made.name, made.color], ['旅行', 'yellow'])
  assert.equal((await here.add('旅行')).keyword, made.keyword)
  assert.equal((await here.add('家')).color, 'teal')
  assert.equal((await here.add('ＴＯＤＯ')).keyword, '$label4')
  assert.equal(there.of(made.keyword), undefined)
  there.hear({ Preferences: String(kept.state) })
  await new Promise(setImmediate)
  assert.equal(there.of(made.keyword)?.name, '旅行')
  // Thunderbird's stand behind one's own; beside the mailboxes only what letters have
  assert.deepEqual(
    there.all.value.map(({ name }) => name),
    ['家', '旅行', '重要', '仕事', 'プライベート', 'ToDo', '後で'],
  )
  assert.deepEqual(
    there.shown.value.map(({ name }) => name),
    ['家', '旅行', 'ToDo'],
  )
  await there.change({ ...made }, { name: '出張', color: 'teal' })
  assert.deepEqual(kept.labels[made.keyword], { name: '出張', color: 'teal' })
  await there.forget(made.keyword)
  assert.equal(there.of(made.keyword), undefined)
  assert.deepEqual(Object.keys(kept.labels).length, 1)
})

test('what the server does not keep is not there', async () => {
  const { kept, page } = server()
  const here = page()
  await here.load()
  kept.isFull = true
  await assert.rejects(here.add('x'))
  assert.equal(here.named('x'), undefined)
})

test('letters’ keywords as labels, by name; a search finds them again', async () => {
  const { page } = server()
  const here = page()
  await here.load()
  const made = await here.add('a "b": (c)')
  const seen = here.among([{ $seen: true, $label5: true }, { [made.keyword]: true }, { $label5: true, other: true }])
  assert.deepEqual(
    seen.map(({ name }) => name),
    ['a "b": (c)', '後で'],
  )
  assert.deepEqual(here.among([{ ['constructor']: true as const, ['__proto__']: true as const }]), [])
  for (const label of here.all.value)
    for (const operator of ['label', 'ラベル']) {
      const found = readSearch(labelSearch(label, operator), { mailboxes: [], labels: here.all.value }, 0)
      assert.deepEqual(found, { kind: 'filter', filter: { hasKeyword: label.keyword } }, label.name)
    }
})
