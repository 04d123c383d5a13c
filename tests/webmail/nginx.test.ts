// Behind Debian's Nginx with the server block that `hikyaku config nginx` prints: nothing in it is changed but ports and the certificate's place.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { freePort } from '../scenarios/running.ts'
import { makeCertificates } from '../support/box.ts'
import { missing } from '../support/debian.ts'
import { answers, eventually } from '../support/peers.ts'
import { startBrowser } from './browser.ts'
import { passwordOf, startWebmailHome, type WebmailHome } from './home.ts'

const skip = await missing('chromium', 'nginx')
const scope = new AsyncDisposableStack()
let home: WebmailHome
let browser: Browser
let port = 0
/** Its own address, so that it is told from the proxy's */
const client = '127.0.0.77'

before(async () => {
  if (skip) return
  const behind = await freePort()
  port = await freePort()
  home = await startWebmailHome(scope, {
    listen: [`{ service: http, address: 127.0.0.1, port: ${behind}, loginWithoutTls: true, forwardedBy: [127.0.0.1] }`],
  })
  const certificates = await makeCertificates(home.folder)
  const block = printed(join(home.folder, 'home.yaml'))
    .replaceAll(new URL(home.origin).port, String(behind))
    .replaceAll(/listen \[::\]:443[^;]*;\n/g, '')
    .replaceAll('listen 443', `listen 127.0.0.1:${port}`)
    .replace(/ssl_certificate .*;/, `ssl_certificate ${certificates.mail}.crt;`)
    .replace(/ssl_certificate_key .*;/, `ssl_certificate_key ${certificates.mail}.key;`)
  await startNginx(block)
  browser = await startBrowser(scope)
})
after(() => scope.disposeAsync())

function printed(configFile: string): string {
  const main = new URL('../../src/main.ts', import.meta.url).pathname
  const { stdout, stderr } = spawnSync(process.execPath, [main, 'config', 'nginx', '--config', configFile])
  assert.match(stdout.toString(), /server_name mail\.home\.test;/, stderr.toString())
  return stdout.toString()
}

async function startNginx(block: string): Promise<void> {
  const folder = join(home.folder, 'nginx')
  mkdirSync(folder)
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(name => `${name}_temp_path ${folder}/${name};`)
  const file = join(folder, 'nginx.conf')
  writeFileSync(
    file,
    `pid ${folder}/pid; error_log ${folder}/log warn; daemon off; master_process off;
events { worker_connections 200; }
http { access_log off; ${paths.join(' ')}
${block}
}
`,
  )
  const nginx = spawn('/usr/sbin/nginx', ['-c', file, '-p', folder], { stdio: 'ignore' })
  scope.defer(() => void nginx.kill())
  await eventually('nginx listens', () => answers(port))
}

type Answer = { readonly status: number; readonly headers: NodeJS.Dict<string | string[]>; readonly text: string }

function ask(path: string, headers: Readonly<Record<string, string>>, method = 'GET', body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        localAddress: client,
        port,
        path,
        method,
        headers: { host: `localhost:${port}`, ...headers },
        rejectUnauthorized: false,
      },
      response => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    asked.on('upgrade', (response, socket) => {
      socket.destroy()
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text: '' })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

const ours = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }

async function cookie(): Promise<{ readonly field: string; readonly cookie: string }> {
  const proof = JSON.stringify({ username: 'hanako@home.test', password: passwordOf('hanako') })
  const { headers, status, text } = await ask('/session', { ...ours, 'x-forwarded-for': '203.0.113.9' }, 'POST', proof)
  assert.equal(status, 200, text)
  const [field = ''] = [headers['set-cookie']].flat()
  return { field, cookie: field.split(';', 1)[0] ?? '' }
}

test('the cookie is bound to the host, and the session knows the client, not the proxy', { skip }, async () => {
  const entered = await cookie()
  assert.match(entered.field, /^__Host-hikyaku=.*; Secure; SameSite=Strict/)
  const listed = await ask('/sessions', { ...ours, cookie: entered.cookie })
  const { sessions } = JSON.parse(listed.text) as { readonly sessions: readonly { readonly clientAddress: string }[] }
  // what the client itself says of another address counts for nothing
  assert.ok(sessions.every(({ clientAddress }) => clientAddress === client))
})

test('twenty megabytes go up; a WebSocket begins', { skip }, async () => {
  const entered = await cookie()
  const session = JSON.parse((await ask('/jmap/session', { ...ours, cookie: entered.cookie })).text) as {
    readonly uploadUrl: string
    readonly primaryAccounts: Readonly<Record<string, string>>
  }
  assert.ok(session.uploadUrl.startsWith('https://'))
  const account = session.primaryAccounts['urn:ietf:params:jmap:mail'] ?? ''
  const sent = await ask(
    `/jmap/upload/${account}/`,
    { ...ours, cookie: entered.cookie, 'content-type': 'application/octet-stream' },
    'POST',
    'x'.repeat(20 * 1024 ** 2),
  )
  assert.equal(sent.status, 201, sent.text.slice(0, 300))
  assert.equal((JSON.parse(sent.text) as { readonly size: number }).size, 20 * 1024 ** 2)
  const upgraded = await ask('/jmap/ws', {
    cookie: entered.cookie,
    origin: `https://localhost:${port}`,
    'sec-fetch-site': 'same-origin',
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
    'sec-websocket-protocol': 'jmap',
  })
  assert.equal(upgraded.status, 101)
})

test('somebody signs in, reads, and hears of news within a second or two', { skip }, async () => {
  const context = await browser.newContext({
    baseURL: `https://localhost:${port}`,
    ignoreHTTPSErrors: true,
    locale: 'ja-JP',
    viewport: { width: 1440, height: 900 },
  })
  const page: Page = await context.newPage()
  try {
    await page.goto('/')
    await page.locator('input[name=username]').fill('hanako@home.test')
    await page.locator('input[name=password]').fill(passwordOf('hanako'))
    await page.locator('button[type=submit]').click()
    await page.locator('.row', { hasText: '週末の山登り' }).click()
    await page.locator('.conversation-subject', { hasText: '山登り' }).waitFor()
    await home.put('hanako', 'inbox', 'From: aki@internet.test\nSubject: warm up\n\nx\n')
    await page.locator('.row', { hasText: 'warm up' }).waitFor()
    const began = performance.now()
    await home.put('hanako', 'inbox', 'From: aki@internet.test\nSubject: behind nginx\n\nx\n')
    await page.locator('.row', { hasText: 'behind nginx' }).waitFor()
    // a proxy that holds back what comes in small pieces would keep it until its time is up
    assert.ok(performance.now() - began < 5_000, `${performance.now() - began} ms`)
  } finally {
    await context.close()
  }
})
