// One click on a real HTTPS server, by the session of a browser.
import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { memorySource } from '#formats/message-source.ts'
import { printEmailId } from '#mail/object-ids.ts'
import { openLocalCa } from '#net/tls/local-ca.ts'
import { type JmapBed, type JmapBedOptions, withJmap } from '../../jmap/jmap.testbed.ts'
import { listening, resolverOf } from '../image-proxy.testbed.ts'
import { json, ours, signedIn } from '../sign-in.testbed.ts'
import { createUnsubscribing } from './unsubscribe-site.ts'

type Call = {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: Record<string, unknown>
  readonly body: string
}

function letter(url: string, { signed = 'from:list-unsubscribe:list-unsubscribe-post' } = {}): string {
  return `Received: from mx.home.test by mail.home.test with LMTP id 1; Fri, 27 Nov 2026 09:00:00 +0000
Authentication-Results: mx.home.test; dkim=pass header.d=shop.example header.s=s; dmarc=pass header.from=shop.example
Received: from a.example by mx.home.test with ESMTPS id 2; Fri, 27 Nov 2026 09:00:00 +0000
DKIM-Signature: v=1; a=rsa-sha256; d=shop.example; s=s; h=${signed}; bh=eA==; b=eA==
From: shop@shop.example
List-Unsubscribe: <${url}>
List-Unsubscribe-Post: List-Unsubscribe=One-Click

news
`.replaceAll('\n', '\r\n')
}

async function put(bed: JmapBed, text: string): Promise<string> {
  const account = await bed.accounts.account(bed.account)
  const inbox = await account.mailboxNamed('INBOX')
  const flags = { mode: 'replace', system: 0, keywords: [] } as const
  const placed = await account.append(inbox!.id, [{ message: memorySource(Buffer.from(text)), flags, internalDate: 0 }])
  assert.ok(!('refused' in placed) && placed[0])
  return printEmailId(placed[0].emailId)
}

type Bed = {
  readonly jmap: JmapBed
  readonly port: number
  readonly calls: Call[]
  /** By the browser that is signed in */
  leave(emailId: string, headers?: Record<string, string>): Promise<{ status: number; body: Record<string, unknown> }>
}

/** The server's certificate is for lists.example */
async function withLists(answer: RequestListener, act: (bed: Bed) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-lists-'))
  const ca = await openLocalCa(folder)
  const calls: Call[] = []
  const lists = createServer(await ca.issueServer(['lists.example']), (request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      const { method, url, headers } = request
      calls.push({ method, url, headers, body: Buffer.concat(pieces).toString() })
      answer(request, response)
    })
  })
  const port = await listening(lists)
  const moreSites: JmapBedOptions['moreSites'] = (accounts, signIn) => [
    createUnsubscribing({
      accounts,
      clock: systemClock,
      log: silentLog,
      resolver: resolverOf(name => (name.endsWith('.example') ? ['127.0.0.1'] : /^[\d.]+$/.test(name) ? [name] : [])),
      alsoAllowed: (address, at) => address === '127.0.0.1' && at === port,
      ca: ca.certificatePem,
    })({ ...signIn, authservIds: () => ['mx.home.test'] }),
  ]
  try {
    await withJmap(
      async jmap => {
        const cookie = await signedIn(jmap)
        const leave: Bed['leave'] = async (emailId, headers = { ...ours, cookie }) => {
          const body = JSON.stringify({ emailId })
          const sent = { ...json, ...headers }
          const got = await jmap.ask({ method: 'POST', path: '/unsubscribe', headers: sent, body, anonymous: true })
          return { status: got.status, body: JSON.parse(got.bytes.toString()) as Record<string, unknown> }
        }
        await act({ jmap, port, calls, leave })
      },
      { moreSites },
    )
  } finally {
    lists.closeAllConnections()
    lists.close()
    await rm(folder, { recursive: true, force: true })
  }
}

const thanks: RequestListener = (_, response) =>
  void response.writeHead(200, { 'content-type': 'text/plain' }).end('You have left.\u0007\r\nbye')

test('one click: a POST of RFC 8058 that tells nothing about the person', () =>
  withLists(thanks, async ({ jmap, port, calls, leave }) => {
    const id = await put(jmap, letter(`https://lists.example:${port}/leave?id=1`))
    const { status, body } = await leave(id)
    assert.deepEqual(
      [status, body],
      [200, { outcome: 'done', status: 200, said: 'You have left. ', host: 'lists.example' }],
    )
    assert.equal(calls.length, 1)
    const [call] = calls
    assert.ok(call)
    const { method, url, headers, body: sent } = call
    assert.deepEqual([method, url, sent], ['POST', '/leave?id=1', 'List-Unsubscribe=One-Click'])
    assert.equal(headers['content-type'], 'application/x-www-form-urlencoded')
    for (const name of ['cookie', 'referer', 'authorization', 'origin', 'accept-language', 'from'])
      assert.equal(headers[name], undefined, name)
  }))

test('what the server answers is told; a redirect is not followed', async () => {
  const answers: RequestListener = ({ url }, response) => {
    if (url === '/to') return void response.writeHead(302, { location: '/leave' }).end()
    if (url === '/no') return void response.writeHead(410, { 'content-type': 'text/html' }).end('<b>gone</b>')
    if (url === '/long')
      return void response.writeHead(200, { 'content-type': 'text/plain' }).end('x'.repeat(10_000_000))
    response.destroy()
  }
  await withLists(answers, async ({ jmap, port, calls, leave }) => {
    const at = async (path: string) =>
      (await leave(await put(jmap, letter(`https://lists.example:${port}${path}`)))).body
    assert.deepEqual(await at('/to'), { outcome: 'refused', status: 302, said: '', host: 'lists.example' })
    assert.deepEqual(await at('/no'), { outcome: 'refused', status: 410, said: '', host: 'lists.example' })
    assert.equal((await at('/long'))['said'], 'x'.repeat(200))
    assert.deepEqual(await at('/broken'), { outcome: 'unreachable', host: 'lists.example' })
    assert.deepEqual(
      calls.map(({ url }) => url),
      ['/to', '/no', '/long', '/broken'],
    )
  })
})

test('no private address, no other port, no certificate for another name', () =>
  withLists(thanks, async ({ jmap, port, calls, leave }) => {
    const urls = [
      `https://other.example:${port}/`,
      `https://127.0.0.1:${port}/`,
      'https://10.0.0.1/',
      'https://lists.example:22/',
      `https://lists.example.:${port + 1}/`,
      `https://user:secret@lists.example:${port}/`,
      'https://nowhere.test/',
    ]
    for (const url of urls)
      assert.equal((await leave(await put(jmap, letter(url)))).body['outcome'], 'unreachable', url)
    assert.equal(calls.length, 0)
  }))

test('only for who is signed in, from our own page, about an email of theirs that may be believed; not all day', () =>
  withLists(thanks, async ({ jmap, port, calls, leave }) => {
    const url = `https://lists.example:${port}/leave`
    const id = await put(jmap, letter(url))
    assert.equal((await leave(id, ours)).status, 401)
    const cookie = await signedIn(jmap)
    assert.equal((await leave(id, { cookie, 'sec-fetch-site': 'cross-site' })).status, 403)
    assert.equal((await leave(id, { cookie, 'sec-fetch-site': 'same-site' })).status, 403)
    assert.equal((await leave('E99')).status, 404)
    assert.equal((await leave('nonsense')).status, 404)
    assert.equal((await leave(await put(jmap, letter(url, { signed: 'from:list-unsubscribe' })))).status, 409)
    assert.equal((await jmap.ask({ path: '/unsubscribe', headers: { ...ours, cookie }, anonymous: true })).status, 405)
    assert.equal(calls.length, 0)
    const all = await Promise.all(Array.from({ length: 62 }, () => leave(id)))
    assert.deepEqual([calls.length, all.filter(({ status }) => status === 429).length], [60, 2])
  }))
