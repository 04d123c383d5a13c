// The model of filters: what the form keeps, what a letter proposes, and two who change the same script.
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { noFilters, printFilters, readFilters } from '#formats/sieve/filters/document.ts'
import type { Filter } from '#formats/sieve/filters/filter.ts'
import { filters } from '#formats/sieve/filters/filters.testbed.ts'
import type { JsonObject, Mailbox } from '#protocols/jmap/wire.ts'
import { Answers, Batch } from '../../jmap/batch.ts'
import type { Client } from '../../jmap/client.ts'
import { mailboxFor, patchFor, type Places, scopeFilter } from './acting.ts'
import {
  ChangedElsewhere,
  faultsIn,
  FilterStore,
  moved,
  withFilter,
  withFilterAnyway,
  withHand,
  without,
} from './filter-store.ts'
import { filterOf, formOf, problemOf } from './form.ts'
import { candidates } from './matching.ts'
import { filterLike, proposalsFor, stablePart } from './proposals.ts'

const mailbox = (id: string, name: string, given: Partial<Mailbox> = {}) =>
  ({ id, name, role: null, parentId: null, ...given }) as Mailbox
const all = [
  mailbox('I', 'INBOX', { role: 'inbox' }),
  mailbox('T', 'Trash', { role: 'trash' }),
  mailbox('M1', '庭'),
  mailbox('M2', 'old', { parentId: 'M1' }),
]
const places: Places = { inbox: 'I', trash: 'T', byId: new Map(all.map(one => [one.id, one])) }

test('the form gives back what it was given, as far as there are such mailboxes', () => {
  fc.assert(
    fc.property(filters, filter => {
      const back = filterOf(formOf(filter, places), places)
      const known = (one: Filter) =>
        one.actions
          .map(action =>
            action.kind === 'move' || action.kind === 'copy'
              ? `${action.kind} ${mailboxFor(action.mailbox, places.byId)?.id ?? action.mailbox.name}`
              : JSON.stringify(action),
          )
          .toSorted()
      assert.deepEqual([...new Set(known(back))], [...new Set(known(filter))])
      assert.deepEqual({ ...back, actions: [] }, { ...filter, actions: [] })
    }),
  )
})

test('what a form lacks', () => {
  const form = formOf(filterLike({ kind: 'from', test: 'is', value: 'a@b.example' }, 'x'), places)
  assert.equal(problemOf(form), undefined)
  assert.equal(problemOf({ ...form, stops: false }), 'no-action')
  assert.equal(problemOf({ ...form, place: 'new', newName: ' ' }), 'no-mailbox')
  assert.equal(problemOf({ ...form, forward: 'a@b.example, nobody' }), 'bad-address')
  assert.equal(problemOf({ ...form, conditions: [{ kind: 'subject', test: 'is', value: ' ' }] }), 'no-value')
  assert.equal(
    problemOf({ ...form, conditions: [{ kind: 'header', name: 'a b', test: 'is', value: 'x' }] }),
    'no-header',
  )
  assert.equal(
    problemOf({ ...form, conditions: [{ kind: 'size', test: 'over', amount: Number.NaN, unit: 'K' }] }),
    'no-size',
  )
})

test('the stable part of subjects', () => {
  const table = [
    ['Re: [garden:123] spring', '[garden]'],
    ['【みどり町の会】回覧 12号', '【みどり町の会】'],
    ['Fwd: Re: Your order 4711 has been sent', 'Your order'],
    ['返信：会議のご案内 第3回', '会議のご案内'],
    ['Invoice #2026-11', 'Invoice'],
    ['12', ''],
    ['[5]', ''],
    ['', ''],
  ] as const
  for (const [subject, part] of table) assert.equal(stablePart(subject), part, subject)
})

test('proposals: the list first; no domain where neighbours have nothing in common', () => {
  const like = (email: string, listId = '') =>
    proposalsFor({
      from: [{ name: 'Taro', email }],
      subject: 'News 1',
      headers: listId === '' ? [] : [{ name: 'List-Id', value: ` Garden club\r\n <${listId}>` }],
    })
  const kinds = (given: readonly { readonly kind: string }[]) => given.map(({ kind }) => kind).join(' ')
  assert.equal(kinds(like('taro@example.org', 'garden.example.org')), 'list sender domain subject')
  assert.deepEqual(like('taro@example.org', 'garden.example.org')[0], {
    kind: 'list',
    name: 'Garden club',
    condition: { kind: 'list', test: 'is', value: 'garden.example.org' },
  })
  for (const email of ['taro@gmail.com', 'taro@docomo.ne.jp', 'taro@yahoo.co.jp'])
    assert.equal(kinds(like(email)), 'sender subject')
})

test('letters that are there: moved out of the inbox alone, never thrown away unseen, changed only where that is news', () => {
  const filter: Filter = {
    ...filterLike(undefined, ''),
    actions: [
      { kind: 'star' },
      { kind: 'forward', to: 'a@b.example' },
      { kind: 'move', mailbox: { id: undefined, name: '庭/old' } },
    ],
  }
  const patch = patchFor(filter, places)
  const row = { id: 'E', mailboxIds: { I: true as const, M1: true as const }, keywords: {} }
  assert.deepEqual(patch(row), { keywords: { $flagged: true }, mailboxIds: { I: null, M2: true } })
  assert.equal(patch({ ...row, mailboxIds: { M2: true }, keywords: { $flagged: true } }), undefined)
  const discard = patchFor({ ...filter, actions: [{ kind: 'discard' }] }, places)
  assert.deepEqual(discard(row)?.mailboxIds, { I: null, T: true })
  // nothing is taken out of the inbox where there is no place for it
  const gone = patchFor({ ...filter, actions: [{ kind: 'move', mailbox: { id: undefined, name: 'gone' } }] }, places)
  assert.equal(gone(row), undefined)
})

test('a filter is applied to any mailbox, or to all but those of what was thrown away or is one’s own', () => {
  const move: Filter = {
    ...filterLike(undefined, ''),
    actions: [{ kind: 'move', mailbox: { id: undefined, name: '庭/old' } }],
  }
  assert.deepEqual(scopeFilter({ in: 'M1' }, places), { inMailbox: 'M1' })
  assert.deepEqual(scopeFilter('all', places), { inMailboxOtherThan: ['T'] })
  const row = { id: 'E', mailboxIds: { I: true as const, M1: true as const, T: true as const }, keywords: {} }
  assert.deepEqual(patchFor(move, places, { in: 'M1' })(row)?.mailboxIds, { M1: null, M2: true })
  assert.deepEqual(patchFor(move, places, 'all')(row)?.mailboxIds, { I: null, M1: null, M2: true })
  assert.equal(patchFor(move, places, 'all')({ ...row, mailboxIds: { M2: true, T: true } }), undefined, 'it is there')
})

test('what is written by hand is edited in its place, and what it requires goes to the head', () => {
  const text = printFilters(withFilter(noFilters, undefined, filterLike(undefined, 'a')) ?? noFilters)
  const document = readFilters(`${text}if header :is "x" "y" { keep; }`)
  const hand = document?.pieces[1]
  assert.ok(document && hand?.kind === 'hand')
  const edited = withHand(document, hand, '\r\nrequire ["variables", "fileinto"];\r\nset "a" "b";')
  const again = readFilters(printFilters(edited ?? noFilters))
  assert.deepEqual(
    again?.pieces.map(one => (one.kind === 'hand' ? one.text.trim() : one.filter.name)),
    ['a', 'set "a" "b";'],
  )
  assert.ok(again?.rest.requires.includes('variables') && again.rest.requires.includes('fileinto'))
  assert.equal(again.rest.requires.length, new Set(again.rest.requires).size)
  assert.equal(withHand(document, hand, ' ')?.pieces.length, 1)
  assert.equal(withHand(noFilters, hand, 'keep;'), undefined)
})

test('a query finds at least what fits', () => {
  const one: Filter = {
    ...filterLike({ kind: 'subject', test: 'contains', value: 'a "b"' }, ''),
    match: 'any',
  }
  const here = { inMailbox: 'I' }
  assert.deepEqual(candidates(one, here), {
    operator: 'AND',
    conditions: [here, { operator: 'OR', conditions: [{ subject: 'a  b ' }] }],
  })
  const no = { kind: 'from', test: 'isNot', value: 'x' } as const
  assert.deepEqual(candidates({ ...one, conditions: [...one.conditions, no] }, here), here)
  assert.deepEqual(
    candidates({ ...one, match: 'all', conditions: [no, { kind: 'attachment', test: 'hasNot' }] }, here),
    {
      operator: 'AND',
      conditions: [here, { operator: 'AND', conditions: [{ operator: 'NOT', conditions: [{ hasAttachment: true }] }] }],
    },
  )
})

/** A server with one script. `touch`: something else there is another, `write`: the filters are. */
function openServer() {
  const kept = { text: '', state: 1, isEnabled: false }
  const answer = (name: string, given: JsonObject): [string, JsonObject] => {
    if (name === 'FilterScript/get')
      return [name, { state: String(kept.state), list: [{ id: 'singleton', name: 'Filters', runs: [], ...kept }] }]
    if (name === 'SieveScript/get') return [name, { list: [] }]
    if (given['ifInState'] !== String(kept.state)) return ['error', { type: 'stateMismatch' }]
    const { singleton } = given['update'] as {
      readonly singleton: { readonly text?: string; readonly isEnabled?: boolean }
    }
    Object.assign(kept, singleton, { state: kept.state + 1 })
    return [name, { notUpdated: null }]
  }
  const client = {
    batch: () => new Batch('A1'),
    send: (batch: Batch) =>
      Promise.resolve(new Answers(batch.calls.map(([name, given, id]) => [...answer(name, given), id] as const))),
  } as unknown as Client
  return { kept, page: () => new FilterStore(client) }
}

const named = (name: string) => filterLike({ kind: 'subject', test: 'is', value: name }, name)
const namesIn = (text: string) =>
  readFilters(text)?.pieces.map(piece => (piece.kind === 'filter' ? piece.filter.name : piece.text))

test('the first filter switches filters on; order, removal', async () => {
  const { kept, page } = openServer()
  const here = page()
  await here.read()
  for (const name of ['a', 'b', 'c']) await here.change(document => withFilter(document, undefined, named(name)))
  assert.equal(kept.isEnabled, true)
  const [a, b] = here.document.value.pieces
  assert.ok(a && b)
  await here.change(document => moved(document, a, 2))
  assert.deepEqual(namesIn(kept.text), ['b', 'c', 'a'])
  await here.change(document => without(document, b))
  assert.deepEqual(namesIn(kept.text), ['c', 'a'])
})

test('race: what else changed does not matter; who is second to the same filters is told, and says it again', async () => {
  const { kept, page } = openServer()
  const [here, there] = [page(), page()]
  await here.read()
  await here.change(document => withFilter(document, undefined, named('a')))
  await there.read()
  kept.state++
  await here.change(document => withFilter(document, undefined, named('b')))
  assert.deepEqual(namesIn(kept.text), ['a', 'b'])
  const [piece] = there.document.value.pieces
  const typed = { ...named('a'), stops: false }
  const save = () => there.change(document => withFilterAnyway(document, piece, typed))
  const before = kept.text
  await assert.rejects(save(), ChangedElsewhere)
  assert.equal(kept.text, before)
  await save()
  assert.deepEqual(namesIn(kept.text), ['a', 'b'])
  assert.match(kept.text, /"a"\) \{\r\n\}/)
  // the filter that is edited was deleted by somebody: what was typed is not lost
  const [again] = there.document.value.pieces
  await here.read()
  await here.change(() => noFilters)
  await assert.rejects(
    there.change(document => (again ? without(document, again) : document)),
    ChangedElsewhere,
  )
  await there.change(document => withFilterAnyway(document, again, typed))
  assert.deepEqual(namesIn(kept.text), ['a'])
  assert.equal(printFilters(there.document.value), kept.text)
})

test('mistakes by line and column', () => {
  assert.deepEqual(faultsIn(null), [])
  assert.deepEqual(faultsIn({ type: 'invalidSieve', description: '2:1: no\n10:7: keep: "x"' }), [
    { line: 2, column: 1, text: 'no' },
    { line: 10, column: 7, text: 'keep: "x"' },
  ])
  assert.deepEqual(faultsIn({ type: 'tooLarge' }), [{ line: 1, column: 1, text: 'tooLarge' }])
})
