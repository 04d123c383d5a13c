// What `npm start` promises to people and to tools: docs of the demo, design of its ports, its one line, its end.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { get as getOverTls } from 'node:https'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { newcomersPath, type DemoReady } from '../support/demo.ts'
import {
  accountOf,
  awaitLetters,
  hikyaku,
  letterBytes,
  lettersIn,
  openMailbox,
  openSession,
  sendLetter,
} from '../support/mail-clients.ts'
import { freeOffset } from '../support/ports.ts'

const offset = await freeOffset()
const root = mkdtempSync(join(tmpdir(), 'hikyaku-contract-'))
const groups = new Set<number>()
// only what a failed or interrupted test has left running
process.on('exit', () => {
  for (const group of groups) process.kill(-group, 'SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))
after(() => rmSync(root, { recursive: true, force: true, maxRetries: 10 }))

type Started = {
  readonly child: ChildProcess
  readonly ready: DemoReady
  readonly pid: number
  stdout(): string
  /** Exit code, and how long it took from now */
  ended(): Promise<{ readonly code: number | null; readonly seconds: number }>
}

async function start(more: {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** What runs npm */
  readonly under?: readonly string[]
}): Promise<Started> {
  const [command, ...before] = [...(more.under ?? []), 'npm']
  const args = ['start', '-s', '--', '--headless', '--json', '--port-offset', `${offset}`, ...(more.args ?? [])]
  const child = spawn(command, [...before, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, PATH: newcomersPath(), ...more.env },
    detached: true,
  })
  const pid = child.pid ?? 0
  groups.add(pid)
  let stdout = ''
  const ready = await new Promise<DemoReady>((resolve, reject) => {
    child.on('exit', code => reject(new Error(`ended with ${code}: ${stdout}`)))
    child.stdout?.on('data', chunk => {
      stdout += String(chunk)
      if (stdout.includes('\n')) resolve(JSON.parse(stdout) as DemoReady)
    })
  })
  const closed = new Promise<number | null>(resolve => child.once('close', resolve))
  return {
    child,
    ready,
    pid,
    stdout: () => stdout,
    async ended() {
      const begun = performance.now()
      const code = await closed
      groups.delete(pid)
      return { code, seconds: (performance.now() - begun) / 1000 }
    },
  }
}

/** Processes whose command line names this folder, and whoever holds one of our ports. */
function leftOver(folder: string): string {
  const named = readdirSync('/proc').filter(pid => /^\d+$/.test(pid) && commandLine(pid).includes(folder))
  const listening = spawnSync('ss', ['-Hltn'], { encoding: 'utf8' }).stdout ?? ''
  const ports = [25, 2525, 587, 993, 80, 10_025].map(port => `127.0.0.1:${port + offset} `)
  return [...named, ...ports.filter(port => listening.includes(port))].join()
}

function commandLine(pid: string): string {
  try {
    return readFileSync(join('/proc', pid, 'cmdline'), 'utf8')
  } catch {
    return ''
  }
}

test('one line, every port answers, SIGTERM to the whole group, which npm repeats, nothing is left', async () => {
  const temporary = join(root, 'tmp')
  mkdirSync(temporary)
  const demo = await start({ env: { TMPDIR: temporary } })
  const { ready } = demo
  assert.deepEqual(Object.keys(ready), ['ready', 'webmail', 'accounts', 'ports', 'ca'])
  assert.equal(ready.ready, true)
  assert.ok(ready.accounts.length >= 2 && ready.accounts.every(({ address, password }) => address && password))
  const expected = { mx: 25, lmtp: 2525, submission: 587, submissions: 465, imap: 143, imaps: 993 }
  const others = { pop3: 110, pop3s: 995, managesieve: 4190, http: 80, https: 443 }
  for (const [name, port] of Object.entries({ ...expected, ...others }))
    assert.equal(ready.ports[name], port + offset, name)
  assert.ok(readFileSync(ready.ca, 'utf8').startsWith('-----BEGIN CERTIFICATE-----'))
  await everyPortGreets(ready)
  assert.equal(foldersOf(temporary).length, 1, 'one temporary folder')

  // to npm and to the demo; npm passes it on, so that the demo gets it twice
  process.kill(-demo.pid, 'SIGTERM')
  const { code, seconds } = await demo.ended()
  assert.equal(code, 0)
  assert.ok(seconds < 5, `ended after ${seconds.toFixed(1)} s`)
  assert.equal(demo.stdout().trimEnd().split('\n').length, 1, 'exactly one line on stdout')
  assert.ok(demo.stdout().startsWith('{'))
  assert.deepEqual(foldersOf(temporary), [], 'the temporary folder is gone')
  assert.equal(leftOver(temporary), '')
})

/** Of the demo: npm itself may keep its compile cache beside it. */
const foldersOf = (temporary: string) => readdirSync(temporary).filter(name => name !== 'node-compile-cache')

async function everyPortGreets({ ports, webmail, ca }: DemoReady): Promise<void> {
  const plain = {
    mx: /^220 /,
    lmtp: /^220 .*LMTP/,
    submission: /^220 /,
    imap: /^\* OK /,
    pop3: /^\+OK/,
    managesieve: /^"IMPL/,
  }
  for (const [name, greeting] of Object.entries(plain))
    (await openSession(ports[name] ?? 0, greeting))[Symbol.dispose]()
  const secure = { submissions: /^220 /, imaps: /^\* OK /, pop3s: /^\+OK/ }
  for (const [name, greeting] of Object.entries(secure))
    assert.match(await greetedOverTls(ports[name] ?? 0, ca), greeting)
  const page = await fetch(webmail)
  assert.equal(page.status, 200)
  assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
  await page.arrayBuffer()
  assert.equal(await statusOverTls(ports['https'] ?? 0, '/.well-known/jmap', ca), 401)
}

function statusOverTls(port: number, path: string, ca: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = getOverTls({ host: 'localhost', port, path, ca: readFileSync(ca), agent: false }, answer => {
      answer.resume().on('end', () => resolve(answer.statusCode))
    })
    request.on('error', reject)
  })
}

function greetedOverTls(port: number, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: 'localhost', port, ca: readFileSync(ca) })
    socket.setTimeout(5_000, () => socket.destroy(new Error('no greeting')))
    socket.once('error', reject)
    socket.once('data', chunk => {
      resolve(chunk.toString())
      socket.destroy()
    })
  })
}

// npm ended by the signal (exit code null) when the second one met it between its child's end and its own; on Node 24 that is longer
for (const [node, path] of [
  ['the system’s Node', newcomersPath()],
  ['the project’s Node', `${join(import.meta.dirname, '../../node_modules/.bin')}:${newcomersPath()}`],
] as const)
  test(`signals that are repeated within a second change nothing (npm on ${node})`, async () => {
    const data = join(root, 'signals')
    const demo = await start({ args: ['--data', data], env: { PATH: path } })
    const ended = demo.ended()
    const begun = performance.now()
    for (const at of [0, 60, 130, 200, 300, 400, 600, 950]) {
      await sleep(Math.max(0, begun + at - performance.now()))
      process.kill(-demo.pid, 'SIGTERM')
    }
    const { code, seconds } = await ended
    assert.equal(code, 0)
    assert.ok(seconds < 5, `ended after ${seconds.toFixed(1)} s`)
    assert.equal(leftOver(data), '')
  })

test('a folder given with --data is kept: the same accounts, passwords and mail at the next start; npm alone may be ended', async () => {
  const data = join(root, 'kept')
  const first = await start({ args: ['--data', data] })
  const { address } = accountOf(first.ready, 'hanako')
  const bytes = letterBytes('kept')
  const { reply } = await sendLetter(first.ready.ports['mx'] ?? 0, { from: 'aki@internet.test', to: [address], bytes })
  assert.match(reply, /^250 /)
  assert.equal((await awaitLetters(first.ready, accountOf(first.ready, 'hanako'), 'kept')).length, 1)
  // people who read and servers in the middle of a letter do not hold it up
  const reader = await openMailbox(first.ready, accountOf(first.ready, 'hanako'))
  await reader.mailboxOpen('INBOX')
  void reader.idle().catch(() => undefined)
  using stranger = await openSession(first.ready.ports['mx'] ?? 0)
  for (const line of ['EHLO mx.internet.test', 'MAIL FROM:<aki@internet.test>', `RCPT TO:<${address}>`, 'DATA'])
    assert.match(await stranger.say(line), /^[23]/)
  await stranger.write(Buffer.from('Subject: never finished\r\n'))
  first.child.kill('SIGTERM')
  const ended = await first.ended()
  assert.equal(ended.code, 0)
  assert.ok(ended.seconds < 5, `ended after ${ended.seconds.toFixed(1)} s`)
  assert.equal(leftOver(data), '')
  assert.ok(existsSync(join(data, 'home')), 'the folder stays')

  const second = await start({ args: ['--data', data] })
  assert.deepEqual(second.ready, first.ready)
  const letters = await lettersIn(second.ready, accountOf(second.ready, 'hanako'))
  assert.equal(letters.filter(letter => letter.includes('<kept@')).length, 1)
  assert.ok(letters.length > 5, 'the letters that came with the demo')
  second.child.kill('SIGINT')
  assert.equal((await second.ended()).code, 0)
})

const canUnshare = process.getuid?.() === 0 && spawnSync('unshare', ['-n', 'true']).status === 0
const canTrace = spawnSync('strace', ['-V']).status === 0
const cannot = !canUnshare ? 'needs root and unshare' : !canTrace ? 'needs strace' : false

test('it needs no network but loopback and writes nothing outside its folder', { skip: cannot }, async () => {
  const data = join(root, 'offline')
  const home = join(root, 'somebody')
  const log = join(root, 'strace')
  mkdirSync(home)
  const demo = await start({
    args: ['--data', data],
    // the cache of compiled code is the tests' own
    env: { HOME: home, npm_config_cache: join(home, '.npm'), NODE_DISABLE_COMPILE_CACHE: '1' },
    // a network of its own, in which there is nothing but loopback
    under: [
      'unshare',
      '-n',
      'sh',
      '-c',
      `ip link set lo up; exec strace -f --seccomp-bpf -qq -e trace=${writing} -o ${log} "$@"`,
      'sh',
    ],
  })
  const status = await hikyaku({ folder: data }, 'home', ['status'])
  assert.equal(status.code, 0, status.stderr)
  process.kill(-demo.pid, 'SIGTERM')
  assert.equal((await demo.ended()).code, 0)
  const paths = readFileSync(log, 'utf8').split('\n').flatMap(writtenPaths)
  assert.ok(
    paths.some(path => path.startsWith(data)),
    'the trace saw something',
  )
  const foreign = paths.filter(path => ![data, home, '/dev/', '/proc/'].some(place => path.startsWith(place)))
  assert.deepEqual([...new Set(foreign)], [])
})

const writing =
  'open,openat,creat,mkdir,mkdirat,rename,renameat,renameat2,unlink,unlinkat,symlink,symlinkat,link,linkat'

/** Of one line of strace: what was opened for writing, made, moved or removed. Failed calls wrote nothing. */
function writtenPaths(line: string): readonly string[] {
  if (/= -1 /.test(line) || (/\bopen(?:at)?\(/.test(line) && !/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(line))) return []
  return [...line.matchAll(/"(\/[^"]*)"/g)].flatMap(([, path]) => path ?? [])
}
