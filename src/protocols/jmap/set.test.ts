// Ids that every object of JavaScript would know are ids like others, in all methods that answer by names of clients.
import assert from 'node:assert/strict'
import test from 'node:test'
import { withJmap } from './jmap.testbed.ts'
import type { JsonObject } from './wire.ts'

type Answers = { readonly [list: string]: JsonObject | null }

test('what is named __proto__ or constructor is answered by its name', () =>
  withJmap(async bed => {
    const methods: readonly (readonly [name: string, create: object, list: 'created' | 'notCreated'])[] = [
      ['AddressBook/set', { name: 'x' }, 'created'],
      ['ContactCard/set', { version: '1.0', addressBookIds: { B1: true } }, 'created'],
      ['Mailbox/set', { name: 'x' }, 'created'],
      ['Email/set', { mailboxIds: {} }, 'notCreated'],
      ['EmailSubmission/set', {}, 'notCreated'],
      ['Identity/set', { email: 'other@internet.test' }, 'notCreated'],
      ['SieveScript/set', { blobId: 'U1' }, 'notCreated'],
      ['FilterScript/set', {}, 'notCreated'],
      ['Preferences/set', {}, 'notCreated'],
      ['VacationResponse/set', {}, 'notCreated'],
    ]
    for (const [method, create, list] of methods)
      for (const name of ['__proto__', 'constructor']) {
        const own = { ...create, ...('name' in create && { name }) }
        // an object literal would not make it a member
        const given = { create: Object.fromEntries([[name, own]]), update: Object.fromEntries([[name, {}]]) }
        const answer = (await bed.call(method, given)) as Answers
        assert.deepEqual(Object.keys(answer[list] ?? {}), [name], `${method} ${name}`)
        assert.deepEqual(Object.keys(answer['notUpdated'] ?? {}), [name], `${method} ${name}`)
      }
    const upload = { create: Object.fromEntries([['__proto__', { data: [{ 'data:asText': 'x' }] }]]) }
    assert.deepEqual(Object.keys(((await bed.call('Blob/upload', upload)) as Answers)['created'] ?? {}), ['__proto__'])
  }))
