import assert from 'node:assert/strict'
import test from 'node:test'
import { quirksOf } from './client-quirks.ts'

const cases: readonly [rule: string, name: string, fits: boolean][] = [
  ['Outlook', 'OUTLOOK', true],
  ['Outlook', 'Outlook 16', false],
  ['Outlook*', 'outlook 16', true],
  ['*Mail', 'Example Mail', true],
  ['*Mail', 'Mailer', false],
  ['Ex*Ma*l', 'Example Mail', true],
  ['aa*aa', 'aaa', false],
  ['*', '', true],
  ['a.c', 'abc', false],
]
for (const [client, name, fits] of cases)
  test(`${client} ${fits ? 'means' : 'does not mean'} ${name}`, () => {
    const quirk = { client, off: ['IDLE'], reason: 'x' }
    assert.equal(quirksOf([quirk], [{ field: 'Name', value: name }]).length, fits ? 1 : 0)
  })

test('a rule with a version wants one, and a client without a name has no rule', () => {
  const quirk = { client: '*', version: '1.*', off: ['IDLE'], reason: 'x' }
  const named = (version: string | undefined) => [
    { field: 'name', value: 'x' },
    { field: 'version', value: version },
  ]
  assert.deepEqual(
    ['1.5', '2', undefined].map(version => quirksOf([quirk], named(version)).length),
    [1, 0, 0],
  )
  assert.deepEqual(quirksOf([{ ...quirk, version: undefined }], undefined), [])
})

test('hostile names cost little', () => {
  const quirk = { client: `${'a*'.repeat(90)}b`, off: ['IDLE'], reason: 'x' }
  const begun = process.cpuUsage()
  quirksOf([quirk], [{ field: 'name', value: 'a'.repeat(200_000) }])
  const { user, system } = process.cpuUsage(begun)
  assert.ok(user + system < 500_000)
})
