import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { silentLog } from '#base/log.ts'
import { createMetrics } from '#base/metrics.ts'
import { parseConfig } from '#config/load.ts'
import type { AdminServices } from './admin-operation.ts'
import { operations, runOperation } from './admin-operations.ts'
import { serveAdmin, serveHealth } from './admin-socket.ts'

async function gatewayServices(t: TestContext): Promise<AdminServices & { folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-admin-'))
  t.after(() => rm(folder, { recursive: true }))
  const text = 'role: gateway\nhostname: mx.home.test\ndata: ./data\ngateway: {home: {url: lmtp://127.0.0.1}}\n'
  const loaded = parseConfig(text, { path: join(folder, 'hikyaku.yaml'), env: {} })
  assert.ok('config' in loaded)
  return { folder, box: 'gateway@mx.home.test', config: loaded.config, queues: [] }
}

function ask(socketPath: string, path: string, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' }
    const asked = request({ socketPath, path, method: 'POST', headers }, response => {
      let text = ''
      response.on('data', chunk => void (text += String(chunk)))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

test('an operation that this box cannot do is refused in words, an unknown or malformed one too', async t => {
  const services = await gatewayServices(t)
  const refusal = async (name: string, input: unknown) => {
    const answer = await runOperation(services, name, input)
    return 'refused' in answer ? answer.refused : 'done'
  }
  assert.equal(await refusal('user.add', { address: 'a@home.test' }), 'not-here')
  assert.equal(await refusal('queue.ls', {}), 'not-running')
  assert.equal(await refusal('user.drop', {}), 'no-such-operation')
  assert.equal(await refusal('domain.add', { domain: 7 }), 'bad-input')
  assert.equal(await refusal('domain.add', { domain: 'home.test', force: true }), 'bad-input')
  assert.equal(await refusal('config', {}), 'done')
})

test('the socket answers operations, survives rubbish, and replaces a dead socket file', async t => {
  const services = await gatewayServices(t)
  const path = join(services.folder, 'admin.sock')
  await writeFile(path, 'left by a crash')
  await using _server = await serveAdmin(services, path, silentLog)
  const config = await ask(path, '/operations/config', '{}')
  assert.equal(config.status, 200)
  assert.match(config.text, /"box":"gateway@mx\.home\.test"/)
  assert.equal((await ask(path, '/operations/config', '{not json')).status, 400)
  assert.equal((await ask(path, '/elsewhere', '{}')).status, 404)
  assert.equal((await ask(path, '/operations/status', '{}')).status, 200)
})

test('no operation takes input that was not described', () => {
  for (const operation of operations.values())
    assert.equal(operation.input.safeParse({ surprise: 1 }).success, false, operation.name)
})

test('health pages: alive, ready or why not, metrics, and nothing else', async () => {
  let reason: string | undefined
  const metrics = createMetrics()
  metrics.gauge('answer', 'The answer', () => 42)
  await using server = await serveHealth({
    host: '127.0.0.1',
    port: 0,
    metrics,
    notReady: () => Promise.resolve(reason),
  })
  const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`)
  assert.equal((await get('/healthz')).status, 200)
  assert.equal((await get('/readyz')).status, 200)
  reason = 'the disk is full'
  const unready = await get('/readyz')
  assert.deepEqual([unready.status, await unready.text()], [503, 'the disk is full\n'])
  assert.match(await (await get('/metrics')).text(), /^answer 42$/m)
  assert.equal((await get('/operations/config')).status, 404)
})
