import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { address, type Answer, authorization, password, withJmap } from './jmap.testbed.ts'
import type { ProblemDetails } from './wire.ts'

const json = { 'content-type': 'application/json' }
const echo = (methodCalls: unknown, using: unknown = ['urn:ietf:params:jmap:core']) =>
  JSON.stringify({ using, methodCalls })

function problem(answer: Answer): ProblemDetails {
  assert.equal(answer.headers['content-type'], 'application/problem+json')
  const details = JSON.parse(answer.bytes.toString()) as ProblemDetails
  assert.equal(details.status, answer.status)
  return details
}

test('the Session object, at the place where clients look first (RFC 8620 §2)', async () => {
  await withJmap(async ({ ask, accountId, port }) => {
    const answer = await ask({ path: '/.well-known/jmap', headers: { host: 'MAIL.home.test:8080' } })
    assert.equal(answer.status, 200)
    assert.equal(answer.headers['content-type'], 'application/json')
    assert.equal(answer.headers['cache-control'], 'no-store')
    const session = JSON.parse(answer.bytes.toString())
    assert.equal(session.username, address)
    assert.deepEqual(Object.keys(session.accounts), [accountId])
    assert.equal(session.accounts[accountId].isPersonal, true)
    assert.equal(session.apiUrl, 'http://mail.home.test:8080/jmap/api')
    for (const name of ['accountId', 'blobId', 'type', 'name']) assert.ok(session.downloadUrl.includes(`{${name}}`))
    assert.ok(session.uploadUrl.includes('{accountId}'))
    for (const name of ['types', 'closeafter', 'ping']) assert.ok(session.eventSourceUrl.includes(`{${name}}`))
    const core = session.capabilities['urn:ietf:params:jmap:core']
    assert.equal(core.maxSizeUpload, 5_000_000)
    assert.ok(core.maxCallsInRequest >= 16 && core.maxObjectsInGet >= 500 && core.maxObjectsInSet >= 500)
    const behindProxy = await ask({ path: '/jmap/session', headers: { 'x-forwarded-proto': 'https' } })
    assert.equal(JSON.parse(behindProxy.bytes.toString()).apiUrl, `https://127.0.0.1:${port}/jmap/api`)
    const wrongHost = await ask({ path: '/jmap/session', headers: { host: 'a"b' } })
    assert.equal(wrongHost.status, 400)
  })
})

test('who has not said who they are, or wrongly, is told the same whatever is wrong', async () => {
  await withJmap(async ({ ask, directory }) => {
    const basic = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` })
    const wrong = [basic(`${address}:no`), basic(`nobody@home.test:${password}`)]
    for (const headers of [
      {},
      { authorization: 'Bearer abc' },
      { authorization: 'Basic ???' },
      basic('no colon'),
      ...wrong,
    ]) {
      const answer = await ask({ path: '/jmap/session', headers, anonymous: true })
      assert.equal(answer.status, 401)
      assert.equal(answer.headers['www-authenticate'], 'Basic realm="JMAP", charset="UTF-8"')
      assert.equal(problem(answer).type, 'about:blank')
    }
    const answers = await Promise.all(wrong.map(headers => ask({ path: '/jmap/session', headers, anonymous: true })))
    assert.equal(answers[0]?.bytes.toString(), answers[1]?.bytes.toString())
    for (let guess = 0; guess < 30; guess++) {
      const answer = await ask({ path: '/jmap/session', headers: basic(`${address}:guess ${guess}`), anonymous: true })
      if (answer.status !== 429) continue
      assert.ok(Number(answer.headers['retry-after']) >= 1)
      break
    }
    await directory.setEnabled(address, false)
    assert.ok([401, 429].includes((await ask({ path: '/jmap/session' })).status))
  })
})

test('a login on a connection ends with the user’s', async () => {
  await withJmap(async ({ directory, port }) => {
    const socket = connect(port, '127.0.0.1')
    let seen = ''
    socket.on('data', (chunk: Buffer) => (seen += chunk.toString()))
    const get = `GET /jmap/session HTTP/1.1\r\nHost: home.test\r\nAuthorization: ${authorization}\r\n\r\n`
    socket.write(get)
    while (!seen.includes('"state"')) await sleep(5)
    socket.write(get)
    while (seen.split('HTTP/1.1 200').length < 3) await sleep(5)
    await directory.setEnabled(address, false)
    await sleep(20)
    socket.write(get)
    while (!seen.includes('HTTP/1.1 401')) await sleep(5)
    socket.destroy()
  })
})

test('no password crosses without TLS, and with TLS it does', async () => {
  await withJmap(
    async ({ ask }) => {
      const answer = await ask({ path: '/jmap/session' })
      assert.equal(answer.status, 403)
      assert.match(problem(answer).detail, /TLS/)
    },
    { allowPlaintextLogin: false },
  )
  await withJmap(
    async ({ session, call, port }) => {
      assert.equal((await session()).apiUrl, `https://127.0.0.1:${port}/jmap/api`)
      assert.ok(await call('Core/echo'))
    },
    { allowPlaintextLogin: false, tls: true },
  )
})

test('requests that are none: notJSON, notRequest, unknownCapability (RFC 8620 §3.6.1)', async () => {
  await withJmap(async ({ ask }) => {
    const api = (body: string | Uint8Array, headers: Readonly<Record<string, string>> = json) =>
      ask({ method: 'POST', path: '/jmap/api', body, headers })
    const call = ['Core/echo', {}, 'a']
    const cases: readonly (readonly [string, string | Uint8Array])[] = [
      ['notJSON', ''],
      ['notJSON', '{'],
      ['notJSON', '{"using":[],"using":[],"methodCalls":[]}'],
      ['notJSON', Uint8Array.of(0x22, 0xff, 0x22)],
      ['notJSON', echo([['Core/echo', { x: 'REPLACE' }, 'a']]).replace('REPLACE', '\\ud800')],
      ['notRequest', '[]'],
      ['notRequest', 'null'],
      ['notRequest', '{}'],
      ['notRequest', echo([call], 'urn:ietf:params:jmap:core')],
      ['notRequest', echo(['Core/echo'])],
      ['notRequest', echo([['Core/echo', [], 'a']])],
      ['notRequest', echo([['Core/echo', {}]])],
      ['notRequest', echo([['Core/echo', {}, 1]])],
      ['notRequest', '['.repeat(200) + ']'.repeat(200)],
      ['notRequest', `[${'0,'.repeat(250_000)}0]`],
      ['notRequest', JSON.stringify({ using: [], methodCalls: [], createdIds: { 'a b': 'c' } })],
      ['unknownCapability', echo([call], ['urn:ietf:params:jmap:core', 'https://example.com/apis/foobar'])],
    ]
    for (const [type, body] of cases) {
      const answer = await api(body)
      assert.equal(answer.status, 400, String(body).slice(0, 80))
      assert.equal(problem(answer).type, `urn:ietf:params:jmap:error:${type}`, String(body).slice(0, 80))
    }
    for (const type of ['text/plain', 'application/json-patch+json', ''])
      assert.equal(
        problem(await api(echo([call]), { 'content-type': type })).type,
        'urn:ietf:params:jmap:error:notJSON',
      )
    assert.equal((await api(echo([call]), { 'content-type': 'Application/JSON; charset=utf-8' })).status, 200)
  })
})

test('limits: octets, calls, requests at a time (RFC 8620 §3.6.1)', async () => {
  await withJmap(async ({ ask, calls }) => {
    const api = (body: string) => ask({ method: 'POST', path: '/jmap/api', body, headers: json })
    const many = Array.from({ length: 65 }, (_, index) => ['Core/echo', {}, `c${index}`])
    const tooMany = problem(await api(echo(many)))
    assert.deepEqual([tooMany.type, tooMany.limit], ['urn:ietf:params:jmap:error:limit', 'maxCallsInRequest'])
    assert.equal((await api(echo(many.slice(1)))).status, 200)
    const large = await api(echo([['Core/echo', { x: 'x'.repeat(10_000_001) }, 'a']])).catch(() => undefined)
    // who sends on while it is refused may lose the words
    if (large) assert.deepEqual([large.status, problem(large).limit], [413, 'maxSizeRequest'])
    const nine = 'x'.repeat(1_000_000)
    const [answer] = await calls(['Core/echo', { x: nine }])
    assert.equal(answer?.[1]['x'], nine)
  })
})

test('requests under way are counted over all connections of an account', async () => {
  await withJmap(async ({ ask, port }) => {
    const head = `POST /jmap/api HTTP/1.1\r\nHost: home.test\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n`
    const waiting = Array.from({ length: 16 }, () => connect(port, '127.0.0.1'))
    for (const socket of waiting) socket.on('error', () => undefined).write(head)
    const api = () => ask({ method: 'POST', path: '/jmap/api', body: echo([]), headers: json })
    let answer = await api()
    for (let tries = 0; answer.status === 200 && tries < 100; tries++) {
      await sleep(10)
      answer = await api()
    }
    assert.equal(problem(answer).limit, 'maxConcurrentRequests')
    for (const socket of waiting) socket.destroy()
    for (let tries = 0; (await api()).status !== 200; tries++) {
      assert.ok(tries < 100, 'what has gone counts no more')
      await sleep(10)
    }
  })
})

test('pages of other origins: refused before anything is done, unless they are configured', async () => {
  const body = echo([['Core/echo', {}, 'a']])
  const api = { method: 'POST', path: '/jmap/api', body }
  await withJmap(async ({ ask, port, accountId }) => {
    const from = (origin: string) => ({ ...json, origin })
    assert.equal((await ask({ ...api, headers: from('https://evil.example') })).status, 403)
    assert.equal((await ask({ ...api, headers: from('null') })).status, 403)
    assert.equal((await ask({ ...api, headers: { ...json, 'sec-fetch-site': 'cross-site' } })).status, 403)
    assert.equal((await ask({ ...api, headers: from(`http://127.0.0.1:${port}`) })).status, 200)
    const upload = { method: 'POST', path: `/jmap/upload/${accountId}/`, body: 'x' }
    assert.equal(
      (await ask({ ...upload, headers: { 'content-type': 'text/plain', origin: 'https://evil.example' } })).status,
      403,
    )
    const preflight = await ask({
      method: 'OPTIONS',
      path: '/jmap/api',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
      anonymous: true,
    })
    assert.equal(preflight.headers['access-control-allow-origin'], undefined)
  })
  await withJmap(
    async ({ ask }) => {
      const origin = 'https://mail.example.org'
      const preflight = await ask({ method: 'OPTIONS', path: '/jmap/api', headers: { origin }, anonymous: true })
      assert.equal(preflight.status, 204)
      assert.equal(preflight.headers['access-control-allow-origin'], origin)
      assert.match(String(preflight.headers['access-control-allow-headers']), /Authorization/)
      assert.equal(preflight.headers['access-control-allow-credentials'], undefined)
      const answer = await ask({ ...api, headers: { ...json, origin, 'sec-fetch-site': 'cross-site' } })
      assert.deepEqual([answer.status, answer.headers['access-control-allow-origin']], [200, origin])
      assert.equal(
        (await ask({ ...api, headers: { ...json, origin: 'https://mail.example.org.evil.example' } })).status,
        403,
      )
    },
    { origins: ['https://mail.example.org'] },
  )
})

test('paths and methods that are not there', async () => {
  await withJmap(async ({ ask }) => {
    assert.equal((await ask({ path: '/jmap/nothing' })).status, 404)
    assert.equal((await ask({ path: '/nothing' })).status, 404)
    const answer = await ask({ path: '/jmap/api' })
    assert.deepEqual([answer.status, answer.headers['allow']], [405, 'POST'])
  })
})

test('whoever is slow or silent is left, and at the end of the server idle connections go at once', async () => {
  await withJmap(
    async ({ port, stop }) => {
      const silent = connect(port, '127.0.0.1')
      await once(silent, 'close')
      const trickling = connect(port, '127.0.0.1').on('error', () => undefined)
      trickling.write('GET /jmap/session HTTP/1.1\r\n')
      const drip = setInterval(() => trickling.write('X: y\r\n'), 20)
      await once(trickling, 'close')
      clearInterval(drip)
      const idle = connect(port, '127.0.0.1')
      idle.write('GET /nothing HTTP/1.1\r\nHost: home.test\r\n\r\n')
      await once(idle, 'data')
      stop.abort()
      await once(idle, 'close')
    },
    { deadlines: { firstHeaderMs: 150, nextHeaderMs: 5_000 } },
  )
})
