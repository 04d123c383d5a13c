// jmap-jam against a server that offers what ours offers. See README.md.
import assert from 'node:assert/strict'
import test, { describe } from 'node:test'
import { authorization, type JmapBed, withJmap } from '#protocols/jmap/jmap.testbed.ts'
import { wholeCapabilities } from '#protocols/jmap/session-object.ts'
import { type Draft, type Drafts, type Jam, JamClient } from './client.ts'

describe('jmap-jam', { timeout: 60_000 }, () => {
  test('it finds its account, writes a letter with an attachment, finds it, reads it and files it', async () => {
    await withServer(async (client, accountId) => {
      const [mailboxes] = await client.request(['Mailbox/get', { accountId }])
      const drafts = (mailboxes as Mailboxes).list.find(({ role }) => role === 'drafts')?.id ?? ''
      const octets = Buffer.from('見積書\n'.repeat(100))
      const upload = await client.uploadBlob(accountId, new Blob([octets], { type: 'text/csv' }))
      const draft = {
        mailboxIds: { [drafts]: true },
        keywords: { $draft: true },
        from: [{ name: 'ゆき', email: 'yuki@home.test' }],
        to: [{ name: null, email: 'aki@internet.test' }],
        subject: '来月の見積書',
        textBody: [{ partId: 'text', type: 'text/plain' }],
        bodyValues: { text: { value: '添付します。\n' } },
        attachments: [{ blobId: upload.blobId, type: 'text/csv', name: '見積.csv' }],
      }
      const [made] = await client.request(['Email/set', { accountId, create: { draft } }])
      const id = (made as Created).created?.['draft']?.id ?? ''
      assert.match(id, /^E\d+$/)

      const [found] = await client.requestMany(ask => {
        const query = on(ask, 'Email', 'query', { accountId, filter: { text: '見積書' } })
        const get = on(ask, 'Email', 'get', {
          accountId,
          ids: query.$ref('/ids'),
          properties: ['subject', 'attachments', 'bodyValues', 'hasAttachment'],
          fetchTextBodyValues: true,
        })
        const snippets = on(ask, 'SearchSnippet', 'get', {
          accountId,
          filter: { text: '見積' },
          emailIds: query.$ref('/ids'),
        })
        return { query, get, snippets }
      })
      assert.deepEqual((found['query'] as Ids).ids, [id])
      const email = (found['get'] as Emails).list[0]
      assert.deepEqual([email?.subject, email?.hasAttachment], ['来月の見積書', true])
      assert.equal(Object.values(email?.bodyValues ?? {})[0]?.value, '添付します。\n')
      assert.equal(email?.attachments[0]?.name, '見積.csv')
      assert.equal((found['snippets'] as Snippets).list[0]?.subject, '来月の<mark>見積</mark>書')

      const blobId = email?.attachments[0]?.blobId ?? ''
      const file = await client.downloadBlob({ accountId, blobId, mimeType: 'text/csv', fileName: '見積.csv' })
      assert.deepEqual(Buffer.from(await file.arrayBuffer()), octets)

      const [filed] = await client.requestMany(ask => ({
        folder: on(ask, 'Mailbox', 'set', { accountId, create: { work: { name: '仕事' } } }),
        move: on(ask, 'Email', 'set', {
          accountId,
          update: { [id]: { mailboxIds: { '#work': true }, 'keywords/$draft': null } },
        }),
        after: on(ask, 'Email', 'get', { accountId, ids: [id], properties: ['mailboxIds', 'keywords'] }),
      }))
      const work = (filed['folder'] as Created).created?.['work']?.id ?? ''
      assert.deepEqual((filed['after'] as Emails).list, [{ id, mailboxIds: { [work]: true }, keywords: {} }])
    })
  })

  test('it is told of errors as it expects them', async () => {
    await withServer(async (client, accountId) => {
      await assert.rejects(client.request(['Mailbox/get', { accountId: 'Aaaaaaaaaaaaaaaaa' }]), {
        type: 'accountNotFound',
      })
      await assert.rejects(client.request(['Email/query', { accountId, filter: { colour: 'red' } }]), {
        type: 'unsupportedFilter',
      })
      await assert.rejects(client.request(['Mailbox/get', { accountId }], { using: ['urn:example:none'] }), {
        type: 'urn:ietf:params:jmap:error:unknownCapability',
        status: 400,
      })
    })
  })
})

type Mailboxes = { readonly list: readonly { readonly id: string; readonly role: string | null }[] }
type Ids = { readonly ids: readonly string[] }
type Emails = { readonly list: readonly Read[] }
type Created = { readonly created: { readonly [key: string]: { readonly id: string } } | null }
type Snippets = { readonly list: readonly { readonly subject: string | null }[] }
type Read = {
  readonly subject: string
  readonly hasAttachment: boolean
  readonly bodyValues: { readonly [partId: string]: { readonly value: string } }
  readonly attachments: readonly { readonly name: string; readonly blobId: string }[]
}

function on(ask: Drafts, type: string, method: string, given: object): Draft {
  const draft = ask[type]?.[method]?.(given)
  assert.ok(draft)
  return draft
}

/** It knows tokens alone; ours are to come, so its requests carry a password. */
async function withServer(act: (client: Jam, accountId: string) => Promise<void>): Promise<void> {
  const run = async ({ accountId, port }: JmapBed) => {
    const sessionUrl = `http://127.0.0.1:${port}/.well-known/jmap`
    const client = new JamClient({ bearerToken: 'none', sessionUrl })
    await client.session
    client.authHeader = authorization
    client.session = JamClient.loadSession(sessionUrl, authorization)
    const account = await client.getPrimaryAccount()
    assert.equal(account, accountId)
    await act(client, account)
  }
  await withJmap(run, { capabilities: wholeCapabilities })
}
