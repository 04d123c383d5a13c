// The table of docs/decisions/0010-filters.md, row by row, and scripts that people, programs and forms change at random.
import assert from 'node:assert/strict'
import test from 'node:test'
import fc from 'fast-check'
import { utf8 } from '#base/bytes.ts'
import { noFilters, type Piece, printFilters, readFilters } from '#formats/sieve/filters/document.ts'
import type { Filter } from '#formats/sieve/filters/filter.ts'
import { type JmapBed, withJmap } from '../jmap.testbed.ts'
import type { SetResponse } from '../wire.ts'
import type { VacationResponse } from '../wire-sending.ts'
import type { FilterScript } from '../wire-filters.ts'

const garden: Filter = {
  name: 'Garden',
  isOn: true,
  match: 'all',
  conditions: [{ kind: 'list', test: 'is', value: 'garden.example.org' }],
  actions: [{ kind: 'move', mailbox: { id: undefined, name: 'Garden' } }],
  stops: true,
}
const byHand = '# a note by hand\nif header :regex "subject" "^a" { discard; }\n'

function textOf(name: string, hand = ''): string {
  const filter: Piece = { kind: 'filter', filter: { ...garden, name }, source: undefined }
  const { head } = noFilters.rest
  const rest =
    hand === '' ? noFilters.rest : { ...noFilters.rest, head: `${head}require "regex";\n`, requires: ['regex'] }
  return printFilters({ ...noFilters, rest, pieces: hand === '' ? [filter] : [{ kind: 'hand', text: hand }, filter] })
}

function acts(bed: JmapBed) {
  const { scripts } = bed.accounts
  const set = async (name: string, change: object) => {
    const answer = (await bed.call(name, { update: { singleton: change } })) as unknown as SetResponse<VacationResponse>
    return answer.notUpdated?.['singleton']?.type
  }
  const get = async () => ((await bed.call('FilterScript/get')) as unknown as { list: readonly FilterScript[] }).list[0]
  return {
    scripts,
    get,
    vacation: (isEnabled: boolean) => set('VacationResponse/set', { isEnabled }),
    filters: (change: Partial<FilterScript>) => set('FilterScript/set', change),
    hand: (name: string, text = 'keep;\r\n') => scripts.put(bed.account, name, utf8(text)),
    activate: (name: string | undefined) => scripts.activate(bed.account, name),
    rename: (name: string, to: string) => scripts.rename(bed.account, name, to),
    delete: (name: string) => scripts.delete(bed.account, name),
    runs: async () => (await get())?.runs.map(({ kind, name }) => (kind === 'script' ? name : kind)).join(' → '),
  }
}

test('vacation, filters and a script by hand: whatever is switched on and off, by whomever', async () => {
  await withJmap(async bed => {
    const { vacation, filters, hand, activate, rename, runs, get, delete: remove } = acts(bed)
    assert.deepEqual(await get(), { id: 'singleton', name: null, text: '', isEnabled: false, runs: [] })
    await hand('mine')
    await activate('mine')
    assert.equal(await filters({ text: textOf('Garden', byHand), isEnabled: true }), undefined)
    assert.equal(await runs(), 'filters → mine')
    await vacation(true)
    assert.equal(await runs(), 'vacation → filters → mine')
    await hand('mine', 'discard;\r\n')
    await rename('mine', 'renamed')
    assert.equal(await runs(), 'vacation → filters → renamed')
    await filters({ isEnabled: false })
    assert.equal(await runs(), 'vacation → renamed')
    await filters({ isEnabled: true })
    assert.equal(await runs(), 'vacation → filters → renamed')
    await rename('Filters', 'Rules')
    assert.equal(await runs(), 'vacation → filters → renamed')
    await vacation(false)
    assert.equal(await runs(), 'filters → renamed')
    await vacation(true)
    await hand('other')
    await activate('other')
    assert.equal(await runs(), 'other')
    assert.equal((await get())?.isEnabled, false)
    // another program makes the vacation response active again: all of it is back
    await activate('Vacation response')
    assert.equal(await runs(), 'vacation → filters → renamed')
    await activate('other')
    await filters({ isEnabled: true })
    assert.equal(await runs(), 'filters → other')
    await vacation(true)
    assert.equal(await runs(), 'vacation → filters → other')
    await remove('Rules')
    assert.equal(await runs(), 'vacation → other')
    await vacation(false)
    assert.equal(await runs(), 'other')
    assert.equal((await get())?.name, null)
  })
})

test('words are no commands: a filter may be called as it likes; a script behind it that answers itself is told', async () => {
  await withJmap(async bed => {
    const { vacation, filters, hand, activate, runs } = acts(bed)
    await hand('mine')
    await activate('mine')
    await filters({ text: textOf('vacation', '# vacation\n'), isEnabled: true })
    assert.equal(await vacation(true), undefined)
    assert.equal(await runs(), 'vacation → filters → mine')
    await vacation(false)
    await hand('mine', 'require "vacation"; if true { vacation "Away"; }')
    assert.equal(await vacation(true), 'forbidden')
    assert.equal(await runs(), 'filters → mine')
  })
})

test('what is by hand in the filters stays where it is, octet for octet, whatever runs behind them', async () => {
  await withJmap(async bed => {
    const { filters, hand, activate, get, scripts, vacation } = acts(bed)
    await filters({ text: textOf('Garden'), isEnabled: true })
    const edited = `${(await get())?.text}${byHand}`.replace('require [', 'require ["regex", ')
    assert.deepEqual(await scripts.put(bed.account, 'Filters', utf8(edited)), {})
    assert.equal((await get())?.text, edited)
    await hand('mine')
    await activate('mine')
    await vacation(true)
    await filters({ isEnabled: true })
    const pieces = readFilters((await get())?.text ?? '')?.pieces
    assert.deepEqual(
      pieces?.map(piece => (piece.kind === 'hand' ? piece.text : piece.filter.name)),
      ['Garden', byHand],
    )
  })
})

test('Roundcube adds a filter behind the include: all of it runs, and without the filters the script by hand does', async () => {
  await withJmap(async bed => {
    const { filters, hand, activate, get, runs, scripts } = acts(bed)
    await hand('mine')
    await activate('mine')
    await filters({ text: textOf('Garden'), isEnabled: true })
    const added = `${(await get())?.text}# rule:[added]\r\nif true\r\n{\r\n\tstop;\r\n}\r\n`
    assert.deepEqual(await scripts.put(bed.account, 'Filters', utf8(added)), {})
    assert.equal(await runs(), 'filters → mine')
    await filters({ isEnabled: false })
    assert.equal(await runs(), 'mine')
    await filters({ isEnabled: true })
    assert.equal(await runs(), 'filters → mine')
    assert.deepEqual(
      readFilters((await get())?.text ?? '')?.pieces.map(({ kind }) => kind),
      ['filter', 'hand', 'filter'],
    )
  })
})

test('errors: no first line of ours, a fault in the script, an old state, others who run it; nothing is changed', async () => {
  await withJmap(async bed => {
    const { filters, hand, activate, get, runs } = acts(bed)
    await filters({ text: textOf('Garden'), isEnabled: true })
    const before = await get()
    assert.equal(await filters({ text: 'keep;\r\n' }), 'invalidProperties')
    assert.equal(await filters({ text: textOf('x', 'nonsense;\r\n') }), 'invalidSieve')
    await hand('runs it', 'require "include"; include "Filters";')
    await activate('runs it')
    assert.equal(await runs(), 'runs it → filters')
    assert.equal(await filters({ isEnabled: false }), 'forbidden')
    assert.equal((await get())?.text, before?.text)
    const [answer] = await bed.calls(['FilterScript/set', { accountId: bed.accountId, ifInState: 'x', update: {} }])
    assert.equal(answer?.[1]['type'], 'stateMismatch')
  })
})

test('a script of that name by somebody else is left alone, and the filters get another name', async () => {
  await withJmap(async bed => {
    const { filters, hand, activate, get, runs, scripts } = acts(bed)
    await hand('Filters', 'stop;\r\n')
    await activate('Filters')
    await filters({ text: textOf('Garden'), isEnabled: true })
    assert.equal((await get())?.name, 'Filters 2')
    assert.equal(await runs(), 'filters → Filters')
    assert.deepEqual(Buffer.from((await scripts.script(bed.account, 'Filters')) ?? []).toString(), 'stop;\r\n')
  })
})

const names = ['mine', 'other', 'Filters', 'Vacation response'] as const
const name = fc.constantFrom(...names)
const step = fc.oneof(
  fc.record({ do: fc.constant('vacation' as const), on: fc.boolean() }),
  fc.record({ do: fc.constant('filters' as const), on: fc.boolean() }),
  fc.record({ do: fc.constant('edit' as const), title: fc.constantFrom('a', 'b') }),
  fc.record({
    do: fc.constant('put' as const),
    name: fc.constantFrom('mine' as const, 'other' as const),
    text: fc.constantFrom('keep;', 'stop;'),
  }),
  fc.record({ do: fc.constant('activate' as const), name: fc.oneof(name, fc.constant(undefined)) }),
  fc.record({
    do: fc.constant('rename' as const),
    name: fc.constantFrom('mine', 'other', 'Filters'),
    to: fc.constantFrom('mine', 'other', 'new'),
  }),
  fc.record({ do: fc.constant('delete' as const), name: fc.constantFrom('mine', 'other', 'new') }),
)

test('at random: scripts by hand are as their writers left them, the filters keep what they hold, and what is on runs', async () => {
  await withJmap(async bed => {
    const does = acts(bed)
    const { scripts } = does
    /** What was put by hand, wherever it was renamed to */
    const hands = new Map<string, string>()
    let title: string | undefined
    for (const one of fc.sample(step, { numRuns: 100, seed: 7 })) {
      switch (one.do) {
        case 'vacation':
          await does.vacation(one.on)
          break
        case 'filters': {
          const refused = await does.filters({
            isEnabled: one.on,
            ...(title === undefined && { text: textOf('a', byHand) }),
          })
          if (title === undefined && refused === undefined) title = 'a'
          assert.equal((await does.get())?.isEnabled, one.on)
          break
        }
        case 'edit':
          if ((await does.filters({ text: textOf(one.title, byHand) })) === undefined) title = one.title
          break
        case 'put':
          // another script may have that name by now: ours, renamed
          if ((await does.get())?.name === one.name) break
          await does.hand(one.name, one.text)
          hands.set(one.name, one.text)
          break
        case 'activate':
          await does.activate(one.name)
          break
        case 'rename':
          if ('refused' in (await does.rename(one.name, one.to))) break
          if (hands.has(one.name)) hands.set(one.to, hands.get(one.name) ?? '')
          hands.delete(one.name)
          break
        case 'delete': {
          const isOurs = (await does.get())?.name === one.name
          if ('refused' in (await does.delete(one.name))) break
          hands.delete(one.name)
          if (isOurs) title = undefined
        }
      }
      for (const [named, text] of hands)
        assert.equal(
          Buffer.from((await scripts.script(bed.account, named)) ?? []).toString(),
          text,
          JSON.stringify(one),
        )
      const now = await does.get()
      const pieces = readFilters(now?.text ?? '')?.pieces ?? []
      const held = pieces.map(piece => (piece.kind === 'hand' ? piece.text : piece.filter.name))
      assert.deepEqual(held, title === undefined ? [] : [byHand, title], JSON.stringify(one))
      const kinds = now?.runs.map(({ kind }) => kind) ?? []
      assert.deepEqual(
        kinds,
        kinds.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)),
        JSON.stringify(now?.runs),
      )
      const [vacation] = ((await bed.call('VacationResponse/get')) as unknown as { list: readonly VacationResponse[] })
        .list
      assert.equal(vacation?.isEnabled, kinds[0] === 'vacation')
    }
  })
})
const order = ['vacation', 'filters', 'script']

test('race: two forms and ManageSieve at once; with a state one of them wins, and the other is told', async () => {
  await withJmap(async bed => {
    const { filters, get, hand, activate } = acts(bed)
    await filters({ text: textOf('a'), isEnabled: true })
    const { state } = (await bed.call('FilterScript/get')) as unknown as { readonly state: string }
    const update = (title: string) => ({
      ifInState: state,
      update: { singleton: { text: textOf(title) } },
      accountId: bed.accountId,
    })
    const answers = await Promise.all(['b', 'c'].map(title => bed.calls(['FilterScript/set', update(title)])))
    assert.deepEqual(
      answers.map(([answer]) => answer?.[1]['type']).filter(type => type !== undefined),
      ['stateMismatch'],
    )
    await Promise.all([
      filters({ isEnabled: false }),
      hand('mine'),
      filters({ text: textOf('d'), isEnabled: true }),
      activate('mine'),
    ])
    assert.deepEqual(
      readFilters((await get())?.text ?? '')?.pieces.map(piece => piece.kind === 'filter' && piece.filter.name),
      ['d'],
    )
  })
})
