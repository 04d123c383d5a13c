import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { brotliCompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { silentLog } from '#base/log.ts'
import { Connection } from '#net/connection.ts'
import { createHttpDoor } from './door.ts'
import { readWebFiles, webmailSite } from './webmail-site.ts'

const script = 'console.log(1)\n'.repeat(100)
const page = '<!doctype html><title>webmail</title>'

type Answer = { readonly status: number; readonly headers: Record<string, unknown>; readonly body: Buffer }
type Ask = (path: string, options?: { method?: string; headers?: Record<string, string> }) => Promise<Answer>

async function withSite(written: Readonly<Record<string, string | Buffer>>, act: (ask: Ask) => Promise<void>) {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-web-'))
  await mkdir(join(folder, 'assets'))
  for (const [name, content] of Object.entries(written)) await writeFile(join(folder, name), content)
  const stop = new AbortController()
  const serve = createHttpDoor({ sites: [webmailSite(await readWebFiles(folder))], log: silentLog })
  const server = createServer(socket => {
    void serve(new Connection(socket), { clientAddress: '127.0.0.1' }, stop.signal)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  try {
    await act(async (path, options = {}) => {
      const sent = request({ host: '127.0.0.1', port, path, agent: false, ...options }).end()
      const [response] = await once(sent, 'response')
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk as Buffer)
      return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }
    })
  } finally {
    stop.abort()
    await new Promise(resolve => server.close(resolve))
    await rm(folder, { recursive: true })
  }
}

const built = {
  'index.html': page,
  'index.html.gz': gzipSync(page),
  'assets/a-1234.js': script,
  'assets/a-1234.js.br': brotliCompressSync(script),
  'assets/a-1234.js.gz': gzipSync(script),
  'notes.unknown': 'not for anybody',
  '.stamp': '{}',
}

test('the page stands at all of its addresses, under its policy, and is asked for anew', async () => {
  await withSite(built, async ask => {
    for (const path of ['/', '/mail', '/mail/inbox/T12?x=1']) {
      const answer = await ask(path)
      assert.equal(answer.body.toString(), page)
      assert.match(String(answer.headers['content-security-policy']), /^default-src 'none'; script-src 'self'; /)
      assert.equal(answer.headers['cache-control'], 'no-cache')
      const again = await ask(path, { headers: { 'if-none-match': `W/${answer.headers['etag']}` } })
      assert.deepEqual([again.status, again.body.length], [304, 0])
    }
  })
})

test('a hashed file goes out as the browser can take it, and is kept for ever', async () => {
  await withSite(built, async ask => {
    const plainly = await ask('/assets/a-1234.js')
    assert.equal(plainly.body.toString(), script)
    assert.equal(plainly.headers['content-encoding'], undefined)
    assert.match(String(plainly.headers['cache-control']), /immutable/)
    const gzip = await ask('/assets/a-1234.js', { headers: { 'accept-encoding': 'gzip, br;q=0' } })
    assert.equal(gunzipSync(gzip.body).toString(), script)
    const brotli = await ask('/assets/a-1234.js', { headers: { 'accept-encoding': 'gzip, deflate, br' } })
    assert.equal(brotli.headers['content-encoding'], 'br')
    const head = await ask('/assets/a-1234.js', { method: 'HEAD' })
    assert.deepEqual([head.headers['content-length'], head.body.length], [String(script.length), 0])
  })
})

test('what was not built for browsers is not there, whatever the path says', async () => {
  await withSite(built, async ask => {
    for (const path of [
      '/.stamp',
      '/notes.unknown',
      '/index.html.gz',
      '/assets/b.js',
      '/assets/../.stamp',
      '/%2e%2e/x',
    ])
      assert.equal((await ask(path)).status, 404, path)
    assert.equal((await ask('/', { method: 'POST' })).status, 405)
  })
})

test('where it was not built, the page says how to', async () => {
  await withSite({ 'other.html': page }, async ask => {
    const answer = await ask('/')
    assert.equal(answer.status, 503)
    assert.match(answer.body.toString(), /npm run build:web[\s\S]*ビルド/)
    assert.equal((await ask('/status')).status, 404)
  })
})

test('the service worker and the manifest are what a browser installs an app by', async () => {
  const files = { ...built, 'worker.js': script, 'app.ja.webmanifest': '{"name":"Hikyaku"}' }
  await withSite(files, async ask => {
    const worker = await ask('/worker.js')
    assert.equal(worker.status, 200)
    assert.equal(worker.headers['cache-control'], 'no-cache')
    assert.equal(worker.headers['service-worker-allowed'], '/')
    assert.equal(worker.headers['content-security-policy'], "default-src 'none'; connect-src 'self'")
    const again = await ask('/worker.js', { headers: { 'if-none-match': String(worker.headers['etag']) } })
    assert.equal(again.status, 304)
    const manifest = await ask('/app.ja.webmanifest')
    assert.equal(manifest.headers['content-type'], 'application/manifest+json')
    assert.equal(manifest.headers['content-security-policy'], undefined)
  })
})
