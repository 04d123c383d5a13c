import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request } from 'node:http'
import { createServer } from 'node:net'
import test from 'node:test'
import { hostOf, serveSwitch } from './switch.ts'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}

type Answer = { readonly status: number | undefined; readonly location: string | undefined }

function ask(port: number, path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', path, method, headers, agent: false }, response => {
      response.resume()
      resolve({ status: response.statusCode, location: response.headers.location })
    })
      .on('error', reject)
      .end()
  })
}

test('a link of the demo opens the webmail as one of its people, with a new ticket each time', async () => {
  const port = await freePort()
  let made = 0
  await using _server = await serveSwitch({
    port,
    linkFor: address => Promise.resolve(`http://${hostOf(address)}/#ticket=${++made}`),
  })
  assert.deepEqual(await ask(port, '/as/taro'), { status: 303, location: 'http://127.0.0.1/#ticket=1' })
  assert.deepEqual(await ask(port, '/as/hanako'), { status: 303, location: 'http://localhost/#ticket=2' })
  const nothing = { status: 404, location: undefined }
  assert.deepEqual(await ask(port, '/as/mallory'), nothing)
  assert.deepEqual(await ask(port, '/as/taro', {}, 'POST'), nothing)
  assert.deepEqual(await ask(port, '/as/taro', { host: `rebound.example.com:${port}` }), nothing)
  assert.equal(made, 2)
})
