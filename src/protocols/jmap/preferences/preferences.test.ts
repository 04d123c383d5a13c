import assert from 'node:assert/strict'
import test from 'node:test'
import { withJmap } from '../jmap.testbed.ts'
import { StateFeed } from '../push/state-feed.ts'
import type { SetResponse } from '../wire.ts'
import type { Preferences } from '../wire-preferences.ts'
import { maxPreferencesBytes, maxTrustedSenders } from './preferences.ts'

const member = (address: string, value: true | null = true) => ({ [`trustedSenders/${address}`]: value })
const all = (addresses: readonly string[]) => Object.fromEntries(addresses.map(address => [address, true]))

test('devices that trust senders at the same moment lose none of them, and each is told', () =>
  withJmap(async bed => {
    const account = await bed.accounts.account(bed.account)
    using feed = await StateFeed.open(account, bed.sending, new Set(['Preferences']), undefined, () => undefined)
    const addresses = Array.from({ length: 8 }, (_, at) => `s${at}@shop.example`)
    const done = await Promise.all(
      addresses.map(address => bed.call('Preferences/set', { update: { singleton: member(address) } })),
    )
    for (const one of done) assert.deepEqual((one as unknown as SetResponse<Preferences>).updated, { singleton: null })
    const { list, state } = await bed.call('Preferences/get', {})
    assert.deepEqual(list, [{ id: 'singleton', trustedSenders: all(addresses), labels: {} }])
    assert.deepEqual(await feed.take().then(news => [...(news?.changed ?? [])]), [['Preferences', state]])
  }))

test('it has bounds, and what is full can become smaller', () =>
  withJmap(async bed => {
    const set = async (patch: object) => {
      const { notUpdated } = await bed.call('Preferences/set', { update: { singleton: patch } })
      return (notUpdated as SetResponse<Preferences>['notUpdated'])?.['singleton']?.type
    }
    const short = Array.from({ length: maxTrustedSenders }, (_, at) => `s${at}@shop.example`)
    assert.equal(await set({ trustedSenders: all(short) }), undefined)
    assert.equal(await set(member('one@more.example')), 'overQuota')
    assert.equal(await set(member('s0@shop.example')), undefined)
    assert.equal(await set(member('s0@shop.example', null)), undefined)
    const long = Array.from({ length: 300 }, (_, at) => `${'x'.repeat(220)}${at}@shop.example`)
    assert.ok(JSON.stringify(long).length > maxPreferencesBytes)
    assert.equal(await set({ trustedSenders: all(long) }), 'tooLarge')
    assert.equal(await set(member(`${'x'.repeat(250)}@shop.example`)), 'invalidProperties')
    assert.equal(
      Object.keys(((await bed.call('Preferences/get', {})).list as Preferences[])[0]?.trustedSenders ?? {}).length,
      999,
    )
  }))

test('hostile: a patch of very many members is refused soon, names of every object are members like others', () =>
  withJmap(async bed => {
    const set = async (patch: object) =>
      (await bed.call('Preferences/set', { update: { singleton: patch } })).notUpdated
    const begun = performance.now()
    const many = Object.fromEntries(
      Array.from({ length: 100_000 }, (_, at) => [`trustedSenders/s${at}@shop.example`, true]),
    )
    assert.deepEqual(await set(many), {
      singleton: { type: 'overQuota', description: `At most ${maxTrustedSenders} of trustedSenders` },
    })
    assert.ok(performance.now() - begun < 4_000, `${performance.now() - begun} ms`)
    const label = (name: string) => ({ name, color: 'red' })
    const named = { 'labels/__proto__': label('a'), 'labels/constructor': label('b') }
    assert.equal(await set(named), null)
    const { list } = await bed.call('Preferences/get', {})
    assert.deepEqual(Object.entries((list as Preferences[])[0]?.labels ?? {}), [
      ['__proto__', label('a')],
      ['constructor', label('b')],
    ])
    assert.equal(await set({ 'labels/__proto__': null, 'labels/constructor': null }), null)
  }))
