import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { address, type JmapBed, withJmap } from '../jmap/jmap.testbed.ts'
import { asks, json, ours, signedIn } from './sign-in.testbed.ts'

async function sent<Body>(
  bed: JmapBed,
  cookie: string,
  path: string,
  body: object,
): Promise<Body & { status: number }> {
  const headers = { ...json, ...ours, cookie }
  const answer = await bed.ask({ method: 'POST', path, headers, body: JSON.stringify(body), anonymous: true })
  return { ...(JSON.parse(answer.bytes.toString()) as Body), status: answer.status }
}

const echo = { using: ['urn:ietf:params:jmap:core'], methodCalls: [['Core/echo', {}, 'c']] }

test('an app password is made in a session, opens JMAP by Basic and is revoked', async () => {
  await withJmap(async bed => {
    const cookie = await signedIn(bed)
    const ask = asks(bed, cookie)
    const made = await sent<{ id: string; password: string }>(bed, cookie, '/app-passwords', { name: '携帯' })
    assert.equal(made.status, 201)
    const authorization = `Basic ${Buffer.from(`${address}:${made.password}`).toString('base64')}`
    const basic = () => bed.ask({ path: '/jmap/session', headers: { authorization }, anonymous: true })
    assert.equal((await basic()).status, 200)
    const listed = async () => JSON.parse((await ask('GET', '/app-passwords')).bytes.toString()).appPasswords[0]
    assert.deepEqual(Object.keys(await listed()), ['id', 'name', 'created', 'lastUsed'])
    // written down behind the answer
    while ((await listed()).lastUsed === null) await sleep(5)
    assert.ok(Date.now() - Date.parse((await listed()).lastUsed) < 60_000)
    assert.equal((await ask('DELETE', `/app-passwords/${made.id}`)).status, 204)
    assert.equal((await ask('DELETE', `/app-passwords/${made.id}`)).status, 404)
    assert.equal((await basic()).status, 401)
    assert.equal((await sent(bed, cookie, '/app-passwords', { name: '' })).status, 400)
    assert.equal((await ask('GET', '/app-passwords', { 'sec-fetch-site': 'cross-site' })).status, 403)
    assert.equal((await bed.ask({ path: '/app-passwords', headers: ours })).status, 401)
  })
})

test('a token is shown as Bearer; one for reading changes nothing', async () => {
  await withJmap(async bed => {
    const cookie = await signedIn(bed)
    const all = await sent<{ id: string; token: string }>(bed, cookie, '/tokens', { name: 'sync' })
    const read = await sent<{ id: string; token: string }>(bed, cookie, '/tokens', { name: 'backup', scope: 'read' })
    assert.equal((await sent(bed, cookie, '/tokens', { name: 'x', scope: 'everything' })).status, 400)
    const call = async (token: string, envelope: object) => {
      const headers = { ...json, authorization: `Bearer ${token}` }
      const body = JSON.stringify(envelope)
      const answer = await bed.ask({ method: 'POST', path: '/jmap/api', headers, body, anonymous: true })
      assert.equal(answer.status, 200)
      return JSON.parse(answer.bytes.toString()).methodResponses[0]
    }
    assert.equal((await call(all.token, echo))[0], 'Core/echo')
    const { accountId } = bed
    const envelope = (name: string, given: object) => ({
      using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail', 'urn:ietf:params:jmap:blob'],
      methodCalls: [[name, { accountId, ...given }, 'c']],
    })
    const create = envelope('Mailbox/set', { create: { a: { name: 'A', parentId: null } } })
    assert.deepEqual((await call(read.token, create))[1], { type: 'accountReadOnly' })
    for (const name of ['Email/set', 'Email/import', 'Email/copy', 'Blob/upload'])
      assert.deepEqual((await call(read.token, envelope(name, {})))[1], { type: 'accountReadOnly' })
    assert.equal((await call(read.token, envelope('Mailbox/get', {})))[0], 'Mailbox/get')
    assert.equal((await call(all.token, create))[0], 'Mailbox/set')
    const headers = { authorization: `Bearer ${read.token}` }
    const session = JSON.parse((await bed.ask({ path: '/jmap/session', headers, anonymous: true })).bytes.toString())
    assert.equal(session.accounts[accountId].isReadOnly, true)
    const upload = { method: 'POST', path: `/jmap/upload/${accountId}/`, headers, body: 'abc', anonymous: true }
    assert.equal((await bed.ask(upload)).status, 403)
    const { tokens } = JSON.parse((await asks(bed, cookie)('GET', '/tokens')).bytes.toString())
    assert.deepEqual(
      tokens.map((one: { name: string; scope: string }) => [one.name, one.scope]),
      [
        ['sync', 'all'],
        ['backup', 'read'],
      ],
    )
    assert.ok(!JSON.stringify(tokens).includes(read.token))
    assert.equal((await asks(bed, cookie)('DELETE', `/tokens/${read.id}`)).status, 204)
    assert.equal((await bed.ask({ path: '/jmap/session', headers, anonymous: true })).status, 401)
  })
})

test('guesses at tokens are slowed down, and a right one is not held up', async () => {
  await withJmap(async bed => {
    const { token } = await sent<{ token: string }>(bed, await signedIn(bed), '/tokens', { name: 'sync' })
    const ask = (shown: string) =>
      bed.ask({ path: '/jmap/session', headers: { authorization: `Bearer ${shown}` }, anonymous: true })
    const statuses: number[] = []
    for (let guess = 0; guess < 12; guess++) statuses.push((await ask(`guess${guess}`)).status)
    assert.equal(statuses[0], 401)
    assert.ok(statuses.includes(429), statuses.join())
    assert.equal((await ask(token)).status, 200)
  })
})
