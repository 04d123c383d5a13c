// A contact made by JMAP, and what a script and the junk filter of the real program then make of letters from there.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { hanako, homeYaml, letterFrom, password } from './boxes.ts'
import { folderOf, freePort, hikyaku, serve, until } from './running.ts'
import { withUser } from '../support/administer.ts'
import { Wire } from './wire.ts'

const headers = {
  authorization: `Basic ${Buffer.from(`${hanako}:${password}`).toString('base64')}`,
  'content-type': 'application/json',
}
const script = `require ["extlists", "envelope", "fileinto", "mailbox"];
if envelope :list "from" ":addrbook:default" { fileinto :create "Friends"; }
`
type Answer = { readonly methodResponses: readonly (readonly [string, Record<string, unknown>, string])[] }

test('letters from contacts are filed by a script that asks the address book (RFC 6134 §2.5)', async t => {
  const folder = await folderOf(t)
  const file = join(folder, 'filter.sieve')
  await writeFile(file, script)
  const yaml = homeYaml(await freePort())
    .replace('role: home', "role: both\ndns: { servers: ['127.0.0.1:1'] }")
    .replace(
      'listen:\n',
      `listen:
  - { service: mx, address: 127.0.0.1, port: 0 }
  - { service: http, address: 127.0.0.1, port: 0, loginWithoutTls: true }
`,
    )
    .replace('../link', './data')
  const running = await serve(t, {
    folder,
    yaml,
    async before(config) {
      await withUser(config, hanako, password)
      for (const words of [
        ['put', hanako, 'main', file],
        ['activate', hanako, 'main'],
      ]) {
        const kept = await hikyaku(['sieve', ...words, '--config', config])
        assert.equal(kept.code, 0, kept.err)
      }
    },
  })
  const origin = `http://127.0.0.1:${running.port('http')}`
  const session = (await (await fetch(`${origin}/.well-known/jmap`, { headers })).json()) as {
    readonly apiUrl: string
    readonly primaryAccounts: Record<string, string>
    readonly capabilities: object
  }
  const accountId = session.primaryAccounts['urn:ietf:params:jmap:contacts']
  const call = async (name: string, given: object) => {
    const methodCalls = [[name, { accountId, ...given }, 'a']]
    const body = JSON.stringify({ using: Object.keys(session.capabilities), methodCalls })
    const answer = (await (await fetch(session.apiUrl, { method: 'POST', headers, body })).json()) as Answer
    const [response] = answer.methodResponses
    assert.ok(response?.[0] === name, JSON.stringify(answer))
    return response[1]
  }
  const [book] = (await call('AddressBook/get', {}))['list'] as readonly { readonly id: string }[]
  const aki = {
    version: '1.0',
    addressBookIds: { [book?.id ?? '']: true },
    emails: { e: { address: 'Aki@Internet.Test' } },
  }
  const { created } = await call('ContactCard/set', { create: { aki } })
  const { id } = (created as { readonly aki: { readonly id: string } }).aki

  let count = 0
  const receive = async (from: string) => {
    await using wire = await Wire.open(running.port('mx'))
    const messageId = `${count++}@internet.test`
    const sent = await letterFrom(wire, { from: `${from}@internet.test`, to: hanako, messageId })
    assert.match(sent.data ?? '', /^250 /)
  }
  const messages = async (mailbox: string) => {
    const list = (await call('Mailbox/get', {}))['list'] as readonly { name: string; totalEmails: number }[]
    return list.find(({ name }) => name === mailbox)?.totalEmails ?? 0
  }
  await receive('aki')
  await receive('kei')
  await until('both letters are there', async () => (await messages('INBOX')) + (await messages('Friends')) === 2)
  assert.deepEqual([await messages('Friends'), await messages('INBOX')], [1, 1])

  await call('ContactCard/set', { destroy: [id] })
  await receive('aki')
  await until('the third letter is there', async () => (await messages('INBOX')) + (await messages('Friends')) === 3)
  assert.deepEqual([await messages('Friends'), await messages('INBOX')], [1, 2])
})
