import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import type { Language } from '#base/text.ts'
import { runCommandLine } from './program.ts'
import type { Terminal } from './terminal.ts'

type Ran = { readonly code: number; readonly out: string; readonly err: string }

async function hikyaku(
  argv: readonly string[],
  options: { input?: string; language?: Language; env?: Terminal['env'] } = {},
): Promise<Ran> {
  let out = ''
  let err = ''
  const terminal: Terminal = {
    language: options.language ?? 'en',
    env: options.env ?? {},
    columns: undefined,
    color: false,
    interactive: false,
    out: text => void (out += text),
    err: text => void (err += text),
    input: () => Promise.resolve(options.input ?? ''),
    ask: () => Promise.reject(new Error('nobody is there')),
    signal: new AbortController().signal,
  }
  const code = await runCommandLine(argv, terminal)
  return { code, out, err }
}

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-cli-'))
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }))
  return folder
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds() && tries < 400; tries++) await new Promise(resolve => setTimeout(resolve, 25))
  assert.ok(holds())
}

/** An installation that listens on the admin socket and one health port only. */
async function installation(t: TestContext): Promise<{ file: string; folder: string }> {
  const folder = await folderOf(t)
  const file = join(folder, 'hikyaku.yaml')
  await writeFile(
    file,
    'role: home\nhostname: mail.home.test\ndata: ./data\nlisten: [{service: admin, port: 0}]\ntls: {localCa: true}\n',
  )
  return { file, folder }
}

const password = 'four-couriers-by-night'

/** What everyone does with users; the same on a stopped and on a running installation. */
async function peopleWork(config: readonly string[]): Promise<void> {
  const added = await hikyaku(['domain', 'add', 'home.test', ...config])
  assert.deepEqual([added.code, added.out], [0, 'home@mail.home.test\nadded home.test\n'], added.err)
  const user = await hikyaku(['user', 'add', 'hanako@home.test', '--password-stdin', '--name', '花子', ...config], {
    input: `${password}\n`,
  })
  assert.equal(user.code, 0, user.err)
  const twice = await hikyaku(['user', 'add', 'hanako@home.test', '--password-stdin', ...config], { input: password })
  assert.deepEqual([twice.code, twice.err.split(':')[0]], [1, 'exists'])
  const right = await hikyaku(['user', 'test', 'hanako@home.test', '--password-stdin', ...config], { input: password })
  assert.equal(right.code, 0, right.err)
  const wrong = await hikyaku(['user', 'test', 'hanako@home.test', '--password-stdin', ...config], {
    input: 'testtest',
    language: 'ja',
  })
  assert.deepEqual([wrong.code, wrong.err], [1, 'wrong-password: アカウントは正常ですが、パスワードが違います\n'])
  assert.equal((await hikyaku(['alias', 'add', 'info@home.test', 'hanako@home.test', ...config])).code, 0)
  const listed = await hikyaku(['user', 'ls', '--json', ...config])
  const answer = JSON.parse(listed.out) as { box: string; result: { address: string; name: string }[] }
  assert.equal(answer.box, 'home@mail.home.test')
  assert.deepEqual(
    answer.result.map(item => [item.address, item.name]),
    [['hanako@home.test', '花子']],
  )
  assert.equal((await hikyaku(['user', 'disable', 'hanako@home.test', ...config])).code, 0)
  const off = await hikyaku(['user', 'test', 'hanako@home.test', '--password-stdin', ...config], { input: password })
  assert.match(off.err, /^disabled:/)
}

test('users, domains and aliases of a stopped installation', async t => {
  const { file } = await installation(t)
  await peopleWork(['--config', file])
})

test('the same over the admin socket of a running one, which no one else may open', async t => {
  const { file, folder } = await installation(t)
  const main = new URL('../main.ts', import.meta.url).pathname
  const server = spawn(process.execPath, [main, 'serve', '--config', file], { stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => server.kill('SIGKILL'))
  let log = ''
  server.stdout.on('data', (chunk: Buffer) => void (log += chunk.toString()))
  await until(() => log.includes('"Ready"'))
  assert.match(log, /"msg":"Starting"/)
  await peopleWork(['--config', file])
  assert.equal((await stat(join(folder, 'data', 'admin.sock'))).mode & 0o777, 0o600)
  const status = await hikyaku(['status', '--config', file])
  assert.equal(status.code, 0, status.err)
  assert.equal(status.out.split('\n')[0], 'home@mail.home.test')
  const queue = await hikyaku(['queue', 'show', 'nothing', '--config', file])
  assert.match(queue.err, /^no-such-entry:/)
  const certificates = await hikyaku(['tls', '--json', '--config', file])
  assert.match(certificates.out, /"names":\["mail.home.test"\]/)
  const before = await readFile(file, 'utf8')
  await writeFile(file, before.replace('hostname', 'hostnaem'))
  server.kill('SIGHUP')
  await until(() => log.includes('the old one is kept'))
  assert.match(log, /did you mean hostname/)
  await writeFile(file, before.replace('localCa: true', 'localCa: true, policy: modern').concat('language: ja\n'))
  server.kill('SIGHUP')
  await until(() => log.includes('was read again'))
  assert.match(log, /"applied":\["language","tls.policy"\],"waitingForRestart":\[\]/)
  const ended = once(server, 'exit')
  server.kill('SIGTERM')
  assert.deepEqual(await ended, [0, null])
})

test('a passwd-file: what would happen, then what happened', async t => {
  const { file, folder } = await installation(t)
  const users = join(folder, 'users')
  await writeFile(
    users,
    `\uFEFF# users\r\ntaro@home.test:{PLAIN}${password}:5000:5000:太郎::\r\nbare:{PLAIN}x\r\njiro@home.test:{SHA512-CRYPT}::::\r\naki@home.test:{PLAIN}${password}::::::nologin\r\n`,
  )
  const config = ['--config', file]
  const dry = await hikyaku(['user', 'import', '--passwd-file', users, '--add-domains', '--dry-run', ...config])
  assert.equal(dry.code, 1)
  assert.match(dry.out, /2: taro@home.test would-add\n3: bare problem: .*\n4: jiro@home.test problem: .*malformed/)
  assert.doesNotMatch((await hikyaku(['user', 'ls', ...config])).out, /taro/)
  await hikyaku(['user', 'import', '--passwd-file', users, '--add-domains', ...config])
  const login = await hikyaku(['user', 'test', 'taro@home.test', '--password-stdin', ...config], { input: password })
  assert.equal(login.code, 0, login.err)
  assert.match((await hikyaku(['user', 'ls', ...config])).out, /aki@home\.test .*no/)
  const again = await hikyaku(['user', 'import', '--passwd-file', users, '--replace-passwords', ...config])
  assert.match(again.out, /2: taro@home\.test replaced\n/)
  await writeFile(users, '\n# nobody\n')
  const empty = await hikyaku(['user', 'import', '--passwd-file', users, ...config])
  assert.deepEqual([empty.code, empty.err.split(':')[0]], [1, 'AUTH-NOUSERS'])
})

test('init writes one file, adds a domain and a user, and changes nothing when run again', async t => {
  const file = join(await folderOf(t), 'conf', 'hikyaku.yaml')
  const argv = ['init', '--domain', 'home.test', '--user', 'taro@home.test', '--password-stdin', '--config', file]
  const first = await hikyaku(argv, { input: password })
  assert.equal(first.code, 0, first.err)
  const written = await readFile(file, 'utf8')
  const second = await hikyaku([...argv, '--port-offset', '10000'], { input: 'another' })
  assert.equal(second.code, 0, second.err)
  assert.equal(await readFile(file, 'utf8'), written)
  const login = await hikyaku(['user', 'test', 'taro@home.test', '--password-stdin', '--config', file], {
    input: password,
  })
  assert.equal(login.code, 0, login.err)
})

test('a configuration that cannot run is 78 with every problem; --json says the same', async t => {
  const file = join(await folderOf(t), 'bad.yaml')
  await writeFile(file, 'role: home\nhostnmae: x\ndata: $DATA\n')
  for (const argv of [['config', 'check'], ['serve'], ['user', 'ls']]) {
    const { code, err } = await hikyaku([...argv, '--config', file])
    assert.equal(code, 78)
    assert.match(err, /bad\.yaml:2:1: CONF-PARSE hostnmae: unknown key; did you mean hostname\?/)
    assert.match(err, /bad\.yaml:3:7: CONF-UNEXPANDED data/)
  }
  const { out } = await hikyaku(['config', 'check', '--json', '--config', file])
  const answer = JSON.parse(out) as { runs: boolean; problems: { code: string; line: number }[] }
  assert.equal(answer.runs, false)
  assert.ok(answer.problems.some(problem => problem.code === 'CONF-MISSING'))
  const none = await hikyaku(['serve', '--config', `${file}.none`])
  assert.deepEqual([none.code, /CONF-DEFAULT/.test(none.err)], [78, true])
})

test('help in both languages; a wrong command line is 2', async () => {
  const english = await hikyaku(['--help'])
  assert.deepEqual([english.code, /Usage:[\s\S]*serve/.test(english.out)], [0, true])
  const japanese = await hikyaku(['queue', '--help'], { language: 'ja' })
  assert.match(japanese.out, /使い方:[\s\S]*コマンド:/)
  assert.equal((await hikyaku(['nonsense'])).code, 2)
  assert.equal((await hikyaku(['user', 'add'])).code, 2)
  assert.equal((await hikyaku(['status', '--colour'])).code, 2)
})

test('a test message goes through gateway and home in one process; the trace shows its way', async t => {
  const folder = await folderOf(t)
  const file = join(folder, 'hikyaku.yaml')
  await writeFile(
    file,
    'role: both\nhostname: mail.home.test\ndata: ./data\nlisten: [{service: admin, port: 0}]\nhome: {recipientsFile: ./data/recipients.json}\n',
  )
  const config = ['--config', file]
  await hikyaku(['domain', 'add', 'home.test', ...config])
  await hikyaku(['user', 'add', 'hanako@home.test', '--password-stdin', ...config], { input: password })
  const main = new URL('../main.ts', import.meta.url).pathname
  const server = spawn(process.execPath, [main, 'serve', ...config], { stdio: ['ignore', 'pipe', 'ignore'] })
  t.after(() => server.kill('SIGKILL'))
  let log = ''
  server.stdout.on('data', (chunk: Buffer) => void (log += chunk.toString()))
  await until(() => log.includes('"Ready"'))
  const inward = await hikyaku(['test', 'in', 'hanako@home.test', ...config])
  assert.equal(inward.code, 0, inward.out + inward.err)
  assert.match(inward.out, /250 2\.0\.0 <hanako@home\.test> \S+ Saved[\s\S]* delivered [\s\S]*passed on\n$/)
  const nobody = await hikyaku(['test', 'in', 'nobody@home.test', ...config])
  assert.deepEqual([nobody.code, /550 5\.1\.1/.test(nobody.err)], [1, true])
  const outward = await hikyaku(['test', 'out', 'hanako@home.test', '--json', ...config])
  assert.equal((JSON.parse(outward.out) as { result: { arrived: boolean } }).result.arrived, true)
})
