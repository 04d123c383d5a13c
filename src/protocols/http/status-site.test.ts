import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import test from 'node:test'
import { silentLog } from '#base/log.ts'
import type { StatusReport } from '#mail/status.ts'
import { Connection } from '#net/connection.ts'
import { createHttpDoor } from './door.ts'
import { statusSite } from './status-site.ts'

const address = '"<script>alert(1)</script>"@evil.example'
const report: StatusReport = {
  box: 'home@mail.home.test',
  version: '0',
  startedAt: 0,
  legs: [{ id: 'home', health: 'well', says: { en: '<b>', ja: '<b>' } }],
  listeners: [{ service: 'imap', address: '::1', port: 143 }],
  counts: { domains: 1, users: 1, queued: 0, sessions: 0 },
  recent: [
    { at: 0, kind: 'refused', from: address, to: "<img src=x onerror='x'>", reply: '550 <svg/onload=1>', box: '' },
  ],
}

async function withServer(act: (base: string, faults: string[]) => Promise<void>, give = async () => report) {
  const faults: string[] = []
  const log = { ...silentLog, error: (sentence: string) => void faults.push(sentence) }
  const stop = new AbortController()
  const serve = createHttpDoor({ sites: [statusSite({ report: give })], log })
  const server = createServer(socket => {
    void serve(new Connection(socket), { clientAddress: '127.0.0.1' }, stop.signal)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  try {
    await act(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, faults)
  } finally {
    stop.abort()
    await new Promise(resolve => server.close(resolve))
  }
}

test('what strangers wrote stands on the page as text, under a policy that runs nothing of theirs', async () => {
  await withServer(async base => {
    for (const path of ['/', '/status/body', '/?lang=ja', '/?lang=%3Cscript%3E']) {
      const answer = await fetch(base + path)
      const page = await answer.text()
      assert.match(
        answer.headers.get('content-security-policy') ?? '',
        /^default-src 'none'; .*frame-ancestors 'none'$/,
      )
      assert.doesNotMatch(page, /<script>alert|<img|<svg|<b>|onerror='/)
      assert.match(page, /&lt;script&gt;alert\(1\)&lt;\/script&gt;/)
    }
  })
})

test('a request that is wrong in itself is refused as such, and is no fault in the log', async () => {
  await withServer(async (base, faults) => {
    const headers = { 'content-type': 'application/json' }
    for (const [status, path, request] of [
      [405, '/', { method: 'POST', headers, body: '{}' }],
      [405, '/', { method: 'POST', headers, body: JSON.stringify('x'.repeat(100_000)) }],
      [404, '/..%2f..%2fetc/passwd', {}],
      [404, '/%ff', {}],
      [404, '/__proto__', {}],
      [404, '/constructor', {}],
    ] as const)
      assert.equal((await fetch(base + path, request)).status, status, path)
    assert.deepEqual(faults, [])
  })
})

test('requests sent ahead without end are not all answered', async () => {
  let answered = 0
  const counted = async () => {
    answered++
    return report
  }
  await withServer(async base => {
    const socket = connect(Number(new URL(base).port), '127.0.0.1').on('error', () => undefined)
    socket.resume().write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(2_000))
    await new Promise(resolve => socket.once('close', resolve))
    assert.ok(answered >= 1 && answered <= 16, `${answered} answers`)
  }, counted)
})

test('an error of ours is said without its words, which go to the log', async () => {
  const broken = async () => Promise.reject(new Error('secret words'))
  await withServer(async (base, faults) => {
    const answer = await fetch(`${base}/`)
    assert.equal(answer.status, 500)
    assert.doesNotMatch(await answer.text(), /secret words/)
    assert.deepEqual(faults, ['A web request failed'])
  }, broken)
})
