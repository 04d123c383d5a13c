import assert from 'node:assert/strict'
import { once } from 'node:events'
import { get } from 'node:http'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { address, type Answer, type Ask, type JmapBed, password, withJmap } from '../jmap/jmap.testbed.ts'
import { asks, body, cookieOf, json, ours, signedIn, signIn } from './sign-in.testbed.ts'

const api = JSON.stringify({ using: ['urn:ietf:params:jmap:core'], methodCalls: [['Core/echo', { a: 1 }, 'c']] })

test('a password becomes a cookie, which opens the session and JMAP until it signs out', async () => {
  await withJmap(async bed => {
    const answer = await signIn(bed, { username: address, password })
    assert.equal(answer.status, 200)
    const field = String(answer.headers['set-cookie'])
    assert.match(field, /^hikyaku=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Expires=/)
    const { username, expires = '' } = body(answer)
    assert.equal(username, address)
    const days = (Date.parse(expires) - Date.now()) / 86_400_000
    assert.ok(days > 29.9 && days <= 30)
    const ask = asks(bed, cookieOf(answer))
    assert.deepEqual(body(await ask('GET', '/session')), body(answer))
    assert.equal((await ask('GET', '/jmap/session')).status, 200)
    const called = await bed.ask({
      method: 'POST',
      path: '/jmap/api',
      headers: { ...json, ...ours, cookie: cookieOf(answer) },
      body: api,
      anonymous: true,
    })
    assert.deepEqual(JSON.parse(called.bytes.toString()).methodResponses, [['Core/echo', { a: 1 }, 'c']])
    const out = await ask('DELETE', '/session')
    assert.equal(out.status, 204)
    assert.match(String(out.headers['set-cookie']), /^hikyaku=; .*Max-Age=0/)
    assert.equal((await ask('GET', '/session')).status, 401)
    assert.equal((await ask('GET', '/jmap/session')).status, 401)
  })
})

test('with TLS the cookie is bound to this very host, and the browser is told to come by TLS', async () => {
  await withJmap(
    async bed => {
      const answer = await signIn(bed, { username: address, password })
      assert.match(
        String(answer.headers['set-cookie']),
        /^__Host-hikyaku=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict;/,
      )
      assert.equal(answer.headers['strict-transport-security'], 'max-age=31536000')
      const value = cookieOf(answer).split('=')[1] ?? ''
      // the name without the prefix, which any page of a neighbouring host could have set, means nothing here
      assert.equal((await asks(bed, `hikyaku=${value}`)('GET', '/session')).status, 401)
      assert.equal((await asks(bed, `__Host-hikyaku=${value}`)('GET', '/session')).status, 200)
    },
    { tls: true, allowPlaintextLogin: false },
  )
})

test('whose page asks: other sites, other ports of this host and pages that do not say get nothing by cookie', async () => {
  await withJmap(async bed => {
    const ask = asks(bed, await signedIn(bed))
    const origin = `http://127.0.0.1:${bed.port}`
    const refused: readonly Ask['headers'][] = [
      {},
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'http://127.0.0.1:1' },
      { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' },
    ]
    for (const headers of refused)
      for (const path of ['/session', '/sessions', '/jmap/session'])
        assert.equal((await ask('GET', path, headers)).status, 403, `${path} ${JSON.stringify(headers)}`)
    assert.equal((await ask('DELETE', '/session', { origin: 'https://evil.example' })).status, 403)
    for (const headers of [ours, { origin }]) assert.equal((await ask('GET', '/session', headers)).status, 200)
    // an address that somebody opens: for downloads alone
    const download = await ask('GET', `/jmap/download/${bed.accountId}/L1/a.txt`, { 'sec-fetch-site': 'none' })
    assert.equal(download.status, 404)
  })
})

test('a configured origin may use JMAP by password, and never by cookie', async () => {
  const origin = 'https://mail.example.org'
  await withJmap(
    async bed => {
      const headers = { origin, 'sec-fetch-site': 'cross-site' }
      assert.equal((await bed.ask({ path: '/jmap/session', headers })).status, 200)
      assert.equal((await asks(bed, await signedIn(bed))('GET', '/jmap/session', headers)).status, 403)
    },
    { origins: [origin] },
  )
})

test('signing in from another page is refused, and so is what a form could send', async () => {
  await withJmap(async bed => {
    const given = { username: address, password }
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }])
      assert.equal((await signIn(bed, given, headers)).status, 403)
    assert.equal((await signIn(bed, given, { 'content-type': 'text/plain' })).status, 415)
    assert.equal((await signIn(bed, { username: address })).status, 400)
    const long = await signIn(bed, { username: address, password: 'x'.repeat(20_000) })
    assert.equal(long.status, 413)
  })
})

test('a planted cookie is not taken up: each sign-in makes a token of its own, and ends the session it comes from', async () => {
  await withJmap(async bed => {
    const planted = `hikyaku=${'A'.repeat(43)}`
    const first = cookieOf(await signIn(bed, { username: address, password }, { cookie: planted }))
    assert.notEqual(first, planted)
    assert.equal((await asks(bed, planted)('GET', '/session')).status, 401)
    const second = cookieOf(await signIn(bed, { username: address, password }, { cookie: first }))
    assert.notEqual(second, first)
    assert.equal((await asks(bed, first)('GET', '/session')).status, 401)
    assert.equal((await asks(bed, second)('GET', '/session')).status, 200)
  })
})

test('guesses are slowed down, and hold up nobody who is right', async () => {
  await withJmap(async bed => {
    const right = asks(bed, await signedIn(bed))
    const statuses: number[] = []
    for (let guess = 0; guess < 12; guess++)
      statuses.push((await asks(bed, `hikyaku=${String(guess).padStart(43, 'g')}`)('GET', '/session')).status)
    assert.equal(statuses[0], 401)
    assert.ok(statuses.includes(429), statuses.join())
    assert.equal((await right('GET', '/session')).status, 200)
    const passwords: Answer[] = []
    for (let guess = 0; guess < 12; guess++)
      passwords.push(await signIn(bed, { username: address, password: `no ${guess}` }))
    assert.equal(passwords[0]?.status, 401)
    const throttled = passwords.find(({ status }) => status === 429)
    assert.ok(Number(throttled?.headers['retry-after']) >= 1)
  })
})

test('a ticket signs in once', async () => {
  await withJmap(async bed => {
    const { ticket } = bed.access.tickets.make(bed.account)
    const answers = await Promise.all([signIn(bed, { ticket }), signIn(bed, { ticket })])
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 401],
    )
    assert.equal((await signIn(bed, { ticket })).status, 401)
    const winner = answers.find(({ status }) => status === 200)
    assert.ok(winner)
    assert.equal((await asks(bed, cookieOf(winner))('GET', '/session')).status, 200)
    const late = bed.access.tickets.make(bed.account)
    await bed.directory.setEnabled(address, false)
    assert.equal((await signIn(bed, { ticket: late.ticket })).status, 401)
  })
})

test('a link for somebody else asks before it puts out who is signed in', async () => {
  await withJmap(async bed => {
    const mallory = await bed.directory.addUser({ address: 'mallory@home.test' })
    assert.ok(!('refused' in mallory))
    const linkFor = (account = mallory.account) => bed.access.tickets.make(account).ticket
    const cookie = await signedIn(bed)
    const asked = await signIn(bed, { ticket: linkFor() }, { cookie })
    assert.equal(asked.status, 409)
    assert.equal(asked.headers['set-cookie'], undefined)
    const { type, username, signedInAs, ticket } = body(asked)
    assert.deepEqual(
      { type, username, signedInAs },
      {
        type: '/problems/other-person',
        username: 'mallory@home.test',
        signedInAs: address,
      },
    )
    assert.equal((await asks(bed, cookie)('GET', '/session')).status, 200)
    // with a yes it does, once
    const changed = await signIn(bed, { ticket, replace: true }, { cookie })
    assert.equal(body(changed)['username'], 'mallory@home.test')
    assert.equal((await asks(bed, cookie)('GET', '/session')).status, 401)
    assert.equal((await signIn(bed, { ticket, replace: true })).status, 401)
    // the same person, and a browser in which nobody is signed in, are not asked
    assert.equal((await signIn(bed, { ticket: linkFor() }, { cookie: cookieOf(changed) })).status, 200)
    assert.equal((await signIn(bed, { ticket: linkFor(bed.account) }, { cookie })).status, 200)
  })
})

test('sessions are listed, and one ends another', async () => {
  await withJmap(async bed => {
    const [mine, other] = [asks(bed, await signedIn(bed)), asks(bed, await signedIn(bed))]
    const { sessions } = JSON.parse((await mine('GET', '/sessions')).bytes.toString()) as {
      sessions: readonly { id: string; current: boolean; userAgent: string; clientAddress: string }[]
    }
    assert.equal(sessions.length, 2)
    assert.equal(sessions.filter(({ current }) => current).length, 1)
    assert.ok(sessions.every(one => one.userAgent === 'A browser' && one.clientAddress === '127.0.0.1'))
    const id = sessions.find(one => !one.current)?.id ?? ''
    assert.equal((await mine('DELETE', '/sessions/nothing')).status, 404)
    assert.equal((await mine('DELETE', `/sessions/${id}`)).status, 204)
    assert.equal((await other('GET', '/session')).status, 401)
    assert.equal((await mine('GET', '/session')).status, 200)
  })
})

async function listen(bed: JmapBed, cookie: string) {
  const request = get({
    host: '127.0.0.1',
    port: bed.port,
    path: '/jmap/eventsource?types=*&closeafter=no&ping=0',
    headers: { cookie, ...ours },
    agent: false,
  })
  const [response] = await once(request, 'response')
  assert.equal(response.statusCode, 200)
  return { closed: new Promise<void>(resolve => response.once('close', () => resolve()).resume()) }
}

test('what ends a session ends what hangs on it: signing out elsewhere, a new password, a disabled user', async () => {
  await withJmap(async bed => {
    const ends: readonly ((id: string) => Promise<unknown>)[] = [
      id => bed.access.sessions.end(bed.account, id),
      () => bed.directory.setPassword(address, password),
      () => bed.directory.setEnabled(address, false).then(() => bed.directory.setEnabled(address, true)),
    ]
    for (const end of ends) {
      const cookie = await signedIn(bed)
      const { closed } = await listen(bed, cookie)
      const [session] = bed.access.sessions.list(bed.account)
      await end(session?.id ?? '')
      assert.equal(await Promise.race([closed, sleep(5_000, 'open', { ref: false })]), undefined)
      assert.equal((await asks(bed, cookie)('GET', '/session')).status, 401)
      assert.deepEqual(bed.access.sessions.list(bed.account), [])
    }
  })
})

test('without TLS nothing of a session crosses from another machine', async () => {
  await withJmap(
    async bed => {
      const cookie = await signedIn(bed)
      // a proxy that speaks no TLS itself tells of somebody far away
      for (const headers of [{ 'x-forwarded-for': '192.0.2.9' }, { forwarded: 'for=192.0.2.9' }]) {
        assert.equal((await signIn(bed, { username: address, password }, headers)).status, 403)
        assert.equal((await asks(bed, cookie)('GET', '/session', { ...ours, ...headers })).status, 403)
        assert.equal((await asks(bed, cookie)('GET', '/jmap/session', { ...ours, ...headers })).status, 403)
      }
    },
    { allowPlaintextLogin: false },
  )
  await withJmap(
    async bed => {
      assert.equal((await signIn(bed, { username: address, password })).status, 403)
      assert.equal((await asks(bed, `hikyaku=${'A'.repeat(43)}`)('GET', '/jmap/session')).status, 403)
    },
    { allowPlaintextLogin: false, clientAddress: '192.0.2.9' },
  )
})

test('whatever is posted, nothing breaks: other types, nothing, deep and long, headers of all kinds', async () => {
  await withJmap(async bed => {
    const cookie = await signedIn(bed)
    const deep = `${'['.repeat(200)}${']'.repeat(200)}`
    const bodies = [
      '',
      'null',
      '7',
      '[]',
      '{',
      '{"a":1,"a":2}',
      deep,
      '{"username":{},"password":[]}',
      '{"ticket":7}',
      '{"ticket":""}',
      '{"passkey":{}}',
      '{"passkey":{"id":{}}}',
      '{"passkey":{"id":"x","response":null}}',
      '{"passkey":[[]]}',
      `{"ticket":"${'x'.repeat(1e4)}"}`,
      `{"username":"${'u'.repeat(5e3)}","password":"p"}`,
      '{"username":"a\\u0000b","password":"c\\u0000d"}',
      '{"name":7,"response":7}',
      '{"name":"x","response":{"id":1}}',
      '{"code":{}}',
      '{"code":"000000"}',
      '{"password":7}',
      '{"__proto__":{"username":"x"},"constructor":1}',
    ]
    const paths = [
      '/session',
      '/session/passkey/options',
      '/app-passwords',
      '/tokens',
      '/passkeys',
      '/passkeys/new/options',
    ]
    const more = ['/second-factor', '/second-factor/confirm', '/second-factor/off', '/second-factor/recovery-codes']
    for (const path of [...paths, ...more])
      for (const body of bodies) {
        const { status } = await bed.ask({
          method: 'POST',
          path,
          headers: { ...json, ...ours, cookie },
          body,
          anonymous: true,
        })
        assert.ok(status < 500 && status >= 200, `${path} ${body.slice(0, 60)}: ${status}`)
      }
    for (const odd of [
      'hikyaku',
      'hikyaku=',
      '=;;=',
      `hikyaku=${'a'.repeat(5_000)}`,
      'hikyaku="x"; hikyaku=y',
      '\u00ff=\u00fe',
    ])
      assert.ok([401, 403, 429].includes((await asks(bed, odd)('GET', '/session')).status), odd)
    assert.equal((await asks(bed, cookie)('GET', '/session')).status, 200)
  })
})
