// A letter written, sent and received by JMAP alone, with the real program around it: told by the event source, and in Sent once.
import assert from 'node:assert/strict'
import test from 'node:test'
import { hanako, homeYaml, password } from './boxes.ts'
import { folderOf, freePort, serve, until } from './running.ts'
import { withUser } from '../support/administer.ts'

const headers = { authorization: `Basic ${Buffer.from(`${hanako}:${password}`).toString('base64')}` }

type Session = {
  readonly apiUrl: string
  readonly eventSourceUrl: string
  readonly primaryAccounts: Record<string, string>
}
type Answer = { readonly methodResponses: readonly (readonly [string, Record<string, unknown>, string])[] }

test('JMAP: a letter to oneself is written, sent, told and read, and stands in Sent once', async t => {
  const folder = await folderOf(t)
  const yaml = homeYaml(await freePort())
    .replace('../link', './data')
    .replace(
      '  - { service: admin,',
      '  - { service: http, address: 127.0.0.1, port: 0, loginWithoutTls: true }\n  - { service: admin,',
    )
  const running = await serve(t, { folder, yaml, before: file => withUser(file, hanako, password) })
  const origin = `http://127.0.0.1:${running.port('http')}`
  const session = (await (await fetch(`${origin}/.well-known/jmap`, { headers })).json()) as Session
  const accountId = session.primaryAccounts['urn:ietf:params:jmap:mail'] ?? ''
  const using = Object.keys((session as unknown as { readonly capabilities: object }).capabilities)
  const call = async (name: string, given: object) => {
    const body = JSON.stringify({ using, methodCalls: [[name, { accountId, ...given }, 'a']] })
    const json = { ...headers, 'content-type': 'application/json' }
    const answer = (await (await fetch(session.apiUrl, { method: 'POST', headers: json, body })).json()) as Answer
    const [response, ...implicit] = answer.methodResponses
    assert.ok(response?.[0] === name, JSON.stringify(answer))
    for (const [what, given] of implicit) assert.equal(what, 'Email/set', JSON.stringify(given))
    return response[1]
  }
  const list = (given: Record<string, unknown>) => given['list'] as readonly Record<string, unknown>[]

  const left = new AbortController()
  const url = session.eventSourceUrl
    .replace('{types}', 'EmailDelivery')
    .replace('{closeafter}', 'no')
    .replace('{ping}', '0')
  const source = await fetch(url, { headers, signal: left.signal })
  assert.equal(source.status, 200)
  let told = ''
  const listening = (async () => {
    for await (const chunk of source.body ?? []) told += new TextDecoder().decode(chunk as Uint8Array)
  })().catch(() => undefined)

  const mailboxes = list(await call('Mailbox/get', {}))
  const mailbox = (role: string) => String(mailboxes.find(one => one['role'] === role)?.['id'])
  const [identity] = list(await call('Identity/get', {}))
  const made = await call('Email/set', {
    create: {
      d: {
        mailboxIds: { [mailbox('drafts')]: true },
        keywords: { $draft: true },
        from: [{ email: hanako }],
        to: [{ email: hanako }],
        subject: 'To myself',
        textBody: [{ partId: '1', type: 'text/plain' }],
        bodyValues: { 1: { value: 'Hello' } },
      },
    },
  })
  const emailId = (made['created'] as { readonly d: { readonly id: string } }).d.id
  const sent = await call('EmailSubmission/set', {
    create: { s: { identityId: identity?.['id'], emailId } },
    onSuccessUpdateEmail: {
      '#s': {
        [`mailboxIds/${mailbox('drafts')}`]: null,
        [`mailboxIds/${mailbox('sent')}`]: true,
        'keywords/$draft': null,
      },
    },
  })
  assert.equal(sent['notCreated'], null, JSON.stringify(sent))

  const ids = async (role: string) =>
    (await call('Email/query', { filter: { inMailbox: mailbox(role) } }))['ids'] as readonly string[]
  await until('the letter arrives', async () => (await ids('inbox')).length === 1)
  await until('the event source tells of it', () => told.includes('"EmailDelivery"'))
  // the copy that the server files comes behind the answer: it is not to be a second one
  await new Promise(resolve => setTimeout(resolve, 500))
  assert.deepEqual(await ids('sent'), [emailId])
  assert.deepEqual(await ids('drafts'), [])
  left.abort()
  await listening
})
