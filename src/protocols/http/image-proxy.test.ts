import assert from 'node:assert/strict'
import type { IncomingMessage, RequestListener } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openLocalCa } from '#net/tls/local-ca.ts'
import { maxImageBytes } from './image/limits.ts'
import { png, resolverOf, withProxy } from './image-proxy.testbed.ts'

const bodies: Readonly<Record<string, string | Buffer>> = {
  '/gif': 'GIF89a\x01\0\x01\0',
  '/svg': '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
  '/html': '<!doctype html><script>alert(1)</script>',
  '/js': 'alert(1)',
  '/empty': '',
  '/text-that-begins-like-a-bitmap': 'BM<script>alert(1)</script>',
  '/large': Buffer.concat([png, Buffer.alloc(maxImageBytes)]),
}

const images: RequestListener = ({ url = '/' }, response) => {
  const { pathname, searchParams } = new URL(url, 'http://images.example')
  if (pathname === '/to')
    return void response
      .writeHead(302, {
        location: encodeURI(searchParams.get('url') ?? '')
          .replaceAll('%5B', '[')
          .replaceAll('%5D', ']'),
      })
      .end()
  if (pathname === '/hop') {
    const left = Number(searchParams.get('left'))
    return void response.writeHead(301, { location: left > 1 ? `/hop?left=${left - 1}` : '/png' }).end()
  }
  if (pathname === '/silent') return
  if (pathname === '/says-large')
    return void response.writeHead(200, { 'content-length': maxImageBytes + 1 }).write(png)
  if (pathname === '/slow') {
    response.writeHead(200).write(png)
    return
  }
  if (pathname === '/missing') return void response.writeHead(404).end(png)
  // a lying type, a cookie and a policy: none of them crosses
  response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'id=1', refresh: '0; url=/', etag: '"x"' })
  response.end(bodies[pathname] ?? png)
}

test('an image is shown as what its octets are, under a policy that runs nothing', async () => {
  await withProxy(images, {}, async ({ get, port, outcomes }) => {
    for (const [path, type] of [
      ['/png', 'image/png'],
      ['/gif', 'image/gif'],
    ]) {
      const answer = await get(`http://images.example:${port}${path}`)
      assert.equal(answer.status, 200)
      assert.equal(answer.headers.get('content-type'), type)
      assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
      assert.equal(answer.headers.get('content-security-policy'), "default-src 'none'; sandbox")
      assert.match(answer.headers.get('cache-control') ?? '', /^private/)
      for (const field of ['set-cookie', 'refresh', 'etag']) assert.equal(answer.headers.get(field), null)
      if (path === '/png') assert.deepEqual(Buffer.from(await answer.arrayBuffer()), png)
    }
    assert.match(outcomes(), /hikyaku_letter_images_total\{outcome="shown"\} 2/)
  })
})

test('what is no picture of pixels is not shown, whatever it is called', async () => {
  await withProxy(images, {}, async ({ get, port, outcomes }) => {
    const paths = ['/svg', '/html', '/js', '/empty', '/text-that-begins-like-a-bitmap']
    for (const path of paths) {
      const answer = await get(`http://images.example:${port}${path}`)
      assert.equal(answer.status, 404, path)
      assert.doesNotMatch(await answer.text(), /alert/)
    }
    assert.match(outcomes(), new RegExp(`outcome="type"\\} ${paths.length}`))
    assert.equal((await get(`http://images.example:${port}/missing`)).status, 404)
  })
})

test('only for who is signed in, as an image of our own page, by GET', async () => {
  await withProxy(images, {}, async ({ get, port }) => {
    const url = `http://images.example:${port}/png`
    assert.equal((await get(url, {})).status, 401)
    const signedIn = { 'x-user': 'hanako' }
    assert.equal((await get(url, { ...signedIn, 'sec-fetch-site': 'cross-site' })).status, 403)
    assert.equal((await get(url, { ...signedIn, 'sec-fetch-site': 'none' })).status, 403)
    assert.equal((await get(url, { ...signedIn, 'sec-fetch-dest': 'document' })).status, 403)
    assert.equal(
      (await get(url, { ...signedIn, 'sec-fetch-site': 'same-origin', 'sec-fetch-dest': 'image' })).status,
      200,
    )
  })
})

test('nothing about the reader goes out', async () => {
  const seen: IncomingMessage['headers'][] = []
  const watched: RequestListener = (request, response) => {
    seen.push(request.headers)
    response.end(png)
  }
  await withProxy(watched, {}, async ({ get, port }) => {
    const headers = {
      'x-user': 'hanako',
      cookie: 'hikyaku=secret',
      referer: 'http://home.test/mail/1',
      'user-agent': 'X',
    }
    assert.equal((await get(`http://images.example:${port}/png`, headers)).status, 200)
    assert.deepEqual(Object.keys(seen[0] ?? {}).toSorted(), [
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ])
    assert.doesNotMatch(JSON.stringify(seen), /secret|home\.test|hanako|"X"/)
  })
})

test('addresses that are not of the public internet are never called, however they are written or reached', async () => {
  await withProxy(images, {}, async ({ get, port, neighbour, outcomes }) => {
    const at = neighbour.port
    const targets = [
      ...[
        '127.0.0.1',
        '[::1]',
        '2130706433',
        '0x7f.1',
        '017700000001',
        '127.1',
        '[::ffff:127.0.0.1]',
        '0',
        'localhost',
      ].map(host => `http://${host}:${at}/png`),
      'http://10.0.0.1/',
      'http://192.168.0.1/',
      'http://169.254.169.254/latest/meta-data/',
      'http://[fd00::1]/',
      'http://[64:ff9b::7f00:1]/',
      'http://１２７.0.0.1/',
      `http://localhost.example:${at}/`,
    ]
    for (const target of targets) {
      const around = `http://images.example:${port}/to?url=${encodeURIComponent(target)}`
      for (const url of [target, around]) assert.equal((await get(url)).status, 404, url)
    }
    assert.equal(neighbour.calls(), 0)
    assert.match(outcomes(), /outcome="address"\} \d/)
    assert.doesNotMatch(outcomes(), /outcome="shown"/)
  })
})

test('a name that answers with a private address beside a public one, or with another one later, leads nowhere', async () => {
  let asked = 0
  const resolver = resolverOf(name => {
    asked++
    if (name === 'mixed.example') return ['8.8.8.8', '10.0.0.1']
    // right at first, then the neighbour: what was checked is what is called
    return asked === 1 ? ['127.0.0.1'] : ['127.0.0.2']
  })
  await withProxy(images, { resolver }, async ({ get, port }) => {
    assert.equal((await get(`http://rebound.example:${port}/png`)).status, 200)
    assert.equal(asked, 1)
    assert.equal((await get(`http://rebound.example:${port}/png`)).status, 404)
    assert.equal((await get('http://mixed.example/png')).status, 404)
  })
})

test('only http and https, without a password, at their ports', async () => {
  const never = resolverOf(() => assert.fail('a name was looked up'))
  await withProxy(images, { resolver: never, alsoAllowed: undefined as never }, async ({ get }) => {
    for (const url of [
      '',
      'png',
      'file:///etc/passwd',
      'ftp://images.example/png',
      'data:image/png,x',
      'javascript:alert(1)',
      'gopher://images.example/',
      'http://user:password@images.example/png',
      'http://images.example:22/',
      'http://images.example:8080/',
      `http://images.example/${'x'.repeat(9_000)}`,
    ])
      assert.equal((await get(url)).status, 400, url.slice(0, 60))
  })
})

test('redirects are followed three times, and no longer', async () => {
  await withProxy(images, {}, async ({ get, port, outcomes }) => {
    assert.equal((await get(`http://images.example:${port}/hop?left=3`)).status, 200)
    assert.equal((await get(`http://images.example:${port}/hop?left=4`)).status, 404)
    assert.match(outcomes(), /outcome="redirects"\} 1/)
  })
})

test('who says nothing, dribbles or sends without end is left', async () => {
  await withProxy(images, { limits: { beginsMs: 300, endsMs: 600 } }, async ({ get, port, outcomes }) => {
    assert.equal((await get(`http://images.example:${port}/silent`)).status, 404)
    assert.equal((await get(`http://images.example:${port}/says-large`)).status, 404)
    for (const path of ['/slow', '/large']) {
      const answer = await get(`http://images.example:${port}${path}`)
      await assert.rejects(answer.arrayBuffer(), path)
    }
    assert.match(outcomes(), /outcome="broken"\} 2/)
  })
})

test('one account has so many under way, the next wait, and more are sent away', async () => {
  let most = 0
  let now = 0
  // nobody is answered before those were sent away that are too many: however slowly the eight come in
  const allCame = Promise.withResolvers<void>()
  const counted: RequestListener = (_, response) => {
    most = Math.max(most, ++now)
    void allCame.promise
      .then(() => sleep(30))
      .then(() => {
        now--
        response.end(png)
      })
  }
  const limits = { turns: { perAccount: 2, perProcess: 4, waitingPerAccount: 3 } }
  await withProxy(counted, { limits }, async ({ get, port }) => {
    let sentAway = 0
    const asked = Array.from({ length: 8 }, async () => {
      const answer = await get(`http://images.example:${port}/png`)
      if (answer.status === 503 && ++sentAway === 3) allCame.resolve()
      return answer
    })
    const answers = await Promise.all(asked)
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 200, 200, 200, 200, 503, 503, 503],
    )
    assert.equal(most, 2)
    assert.equal((await get(`http://images.example:${port}/png`)).status, 200)
  })
})

test('over TLS the certificate must hold for the name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-images-'))
  try {
    const ca = await openLocalCa(folder)
    const tls = await ca.issueServer(['images.example'])
    await withProxy(images, { tls, ca: ca.certificatePem }, async ({ get, port }) => {
      assert.equal((await get(`https://images.example:${port}/png`)).status, 200)
      assert.equal((await get(`https://others.example:${port}/png`)).status, 404)
      assert.equal((await get(`https://127.0.0.1:${port}/png`)).status, 404)
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
