import assert from 'node:assert/strict'
import test from 'node:test'
import { withJmap } from '../jmap.testbed.ts'
import { coreCapability, mailCapability, searchCapability } from '../wire.ts'

test('attachmentName is there for who names its capability, and for nobody else (RFC 8620 §1.8)', () =>
  withJmap(async bed => {
    const filter = { operator: 'OR', conditions: [{ subject: 'x' }, { attachmentName: 'x' }] }
    const ask = async (using: readonly string[], name: string, more: object) => {
      const methodCalls = [[name, { accountId: bed.accountId, filter, ...more }, '0']]
      const [answer] = (await bed.request({ using, methodCalls })).methodResponses
      return answer
    }
    const plain = [coreCapability, mailCapability]
    const refused = await ask(plain, 'Email/query', {})
    assert.equal(refused?.[0], 'error')
    assert.equal(refused[1]['type'], 'unsupportedFilter')
    assert.equal((await ask(plain, 'SearchSnippet/get', { emailIds: [] }))?.[0], 'error')
    const extended = [...plain, searchCapability]
    assert.equal((await ask(extended, 'Email/query', {}))?.[0], 'Email/query')
    assert.equal((await ask(extended, 'SearchSnippet/get', { emailIds: [] }))?.[0], 'SearchSnippet/get')
    assert.ok(searchCapability in (await bed.session()).capabilities)
  }))
