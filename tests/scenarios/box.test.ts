// A box as its owner and its monitoring see it: readiness, metrics, ports, files, exit codes, init at a terminal.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { hanako, homeYaml, letterFrom, password } from './boxes.ts'
import { folderOf, freePort, hikyaku, serve, until } from './running.ts'
import { withUser } from '../support/administer.ts'
import { Wire } from './wire.ts'

async function bothRoles(t: Parameters<typeof folderOf>[0]) {
  const folder = await folderOf(t)
  const yaml = homeYaml(await freePort())
    .replace('role: home', 'role: both')
    .replace('listen:\n', 'listen:\n  - { service: mx, address: 127.0.0.1, port: 0 }\n')
    .replace('../link', './data')
  return { folder, running: await serve(t, { folder, yaml, before: file => withUser(file, hanako, password) }) }
}

test('readyz tells the truth, metrics count what happened, ports and status show the health pages with their real port', async t => {
  const { folder, running } = await bothRoles(t)
  const port = running.port('admin')
  const get = async (path: string) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`)
    return { status: answer.status, text: await answer.text() }
  }
  assert.deepEqual(await get('/healthz'), { status: 200, text: 'ok\n' })
  assert.deepEqual(await get('/readyz'), { status: 200, text: 'ready\n' })
  assert.match((await running.command('ports')).out, new RegExp(`^admin +127\\.0\\.0\\.1 +${port}$`, 'm'))

  await using wire = await Wire.open(running.port('mx'))
  const sent = await letterFrom(wire, { from: 'aki@internet.test', to: hanako, messageId: 'metrics@internet.test' })
  assert.match(sent.data ?? '', /^250 /)
  const metrics = (await get('/metrics')).text
  for (const line of [
    /^hikyaku_mail_events_total\{kind="received"\} 1$/m,
    /^hikyaku_mail_events_total\{kind="delivered"\} 1$/m,
    /^hikyaku_queue_messages\{queue="hold"\} 0$/m,
    /^hikyaku_queue_oldest_age_seconds\{queue="outbound"\} 0$/m,
    /^hikyaku_sessions\{service="mx"\} 1$/m,
    /^hikyaku_store_threads_down 0$/m,
    /^hikyaku_commits [1-9]\d*$/m,
    /^hikyaku_committed_operations [1-9]\d*$/m,
    /^hikyaku_wal_bytes\{database="trace"\} \d+$/m,
    /^nodejs_eventloop_delay_p99_seconds [\d.e-]+$/m,
    /^hikyaku_certificate_expiry_seconds\{cert="[^"]+"\} \d{10}$/m,
  ])
    assert.match(metrics, line)

  await rename(join(folder, 'data'), join(folder, 'moved'))
  assert.deepEqual(await get('/readyz'), { status: 503, text: 'the data folder is no longer ours\n' })
  await rename(join(folder, 'moved'), join(folder, 'data'))
  assert.equal((await get('/readyz')).status, 200)
})

test('readyz: not ready while the disk reserve is reached', async t => {
  const folder = await folderOf(t)
  const yaml =
    'role: home\nhostname: mail.home.test\ndata: ./data\nlisten: [{ service: admin, port: 0 }]\nhome: { accounts: { diskReserve: 900000GB } }\n'
  const running = await serve(t, { folder, yaml })
  const answer = await fetch(`http://127.0.0.1:${running.port('admin')}/readyz`)
  assert.equal(answer.status, 503)
  assert.match(await answer.text(), /^STORE-DISK: /)
})

test('everything in a data folder is for its owner only, whatever the umask of the shell', async t => {
  const before = process.umask(0o022)
  t.after(() => process.umask(before))
  const { folder, running } = await bothRoles(t)
  await using wire = await Wire.open(running.port('mx'))
  const sent = await letterFrom(wire, { from: 'aki@internet.test', to: hanako, messageId: 'files@internet.test' })
  assert.match(sent.data ?? '', /^250 /)
  await running.command('trace', hanako)
  assert.deepEqual(await openToOthers(join(folder, 'data')), [])
  // by the command line, without the server
  await running.stop()
  const options = ['--password-stdin', '--config', running.file]
  const added = await hikyaku(['user', 'add', 'taro@home.test', ...options], { input: password })
  assert.equal(added.code, 0, added.err)
  assert.deepEqual(await openToOthers(join(folder, 'data')), [])
})

/** What others than its owner may look at, with its mode */
async function openToOthers(data: string): Promise<readonly string[]> {
  const entries = await readdir(data, { recursive: true, withFileTypes: true })
  assert.ok(entries.length > 10)
  const open: string[] = []
  for (const path of [data, ...entries.map(entry => join(entry.parentPath, entry.name))]) {
    // a WAL may just have been folded in
    const found = await stat(path).catch(() => undefined)
    if (!found) continue
    const wanted = found.isDirectory() ? 0o700 : 0o600
    if ((found.mode & 0o777) !== wanted) open.push(`${path} ${(found.mode & 0o777).toString(8)}`)
  }
  return open
}

test('exit codes: 0 well, 1 a refusal or finding, 2 could not run, 78 a configuration that cannot run', async t => {
  const folder = await folderOf(t)
  const good = join(folder, 'good.yaml')
  const bad = join(folder, 'bad.yaml')
  await writeFile(good, 'role: home\nhostname: mail.home.test\ndata: ./data\n')
  await writeFile(bad, 'role: house\n')
  await withUser(good, hanako, password)
  const g = ['--config', good]
  const rows: readonly (readonly [code: number, args: readonly string[], input?: string])[] = [
    [0, ['--help']],
    [0, ['queue', '--help']],
    [0, ['config', 'check', ...g]],
    [0, ['config', 'schema']],
    [0, ['user', 'ls', ...g]],
    [0, ['user', 'test', hanako, '--password-stdin', ...g], password],
    [1, ['user', 'test', hanako, '--password-stdin', ...g], 'not-this-one'],
    [1, ['user', 'rm', 'nobody@home.test', ...g]],
    [1, ['domain', 'add', 'home.test', ...g]],
    [1, ['status', ...g]],
    [1, ['queue', 'ls', ...g]],
    [2, ['nonsense']],
    [2, ['user', 'add', ...g]],
    [2, ['status', '--colour', ...g]],
    [2, ['user', 'add', 'taro@home.test', ...g]],
    [2, ['user', 'import', '--passwd-file', join(folder, 'gone'), ...g]],
    [2, ['tls', 'client', 'tokyo', ...g]],
    [2, ['status', ...g, '--config', bad]],
    [78, ['serve', '--config', bad]],
    [78, ['config', 'check', '--config', bad]],
    [78, ['user', 'ls', '--config', bad]],
    [78, ['serve', '--config', join(folder, 'gone.yaml')]],
  ]
  const wrong: string[] = []
  for (const [code, args, input] of rows) {
    const ran = await hikyaku(args, { input: input ?? '', cwd: folder })
    if (ran.code !== code) wrong.push(`${args.join(' ')}: ${ran.code}, not ${code}: ${ran.err}`)
  }
  assert.deepEqual(wrong, [])
})

test('a data folder that a running program holds: the second start could not run and says who holds it', async t => {
  const folder = await folderOf(t)
  const yaml = 'role: home\nhostname: mail.home.test\ndata: ./data\n'
  const running = await serve(t, { folder, yaml })
  const second = await hikyaku(['serve', '--config', running.file])
  assert.equal(second.code, 2)
  assert.match(second.err, new RegExp(`in use by process ${running.child.pid}`))
})

test('NET-BIND: a port that somebody else has is named, and the start ends at once', async t => {
  const { running } = await bothRoles(t)
  const folder = await folderOf(t)
  const taken = running.port('imap')
  const file = join(folder, 'second.yaml')
  await writeFile(
    file,
    `role: home\nhostname: mail.home.test\ndata: ./data\nlisten: [{ service: imap, address: 127.0.0.1, port: ${taken} }]\ntls: { localCa: true }\n`,
  )
  const second = await hikyaku(['serve', '--config', file])
  assert.equal(second.code, 2)
  assert.match(second.err, new RegExp(`NET-BIND: port ${taken} at 127.0.0.1 is taken`))
})

test('mistakes on the command line are told in Japanese, too', async () => {
  const rows = [
    [['statsu'], "エラー: コマンド 'statsu' はありません\n(status でしょうか)\n"],
    [['status', '--colour'], "エラー: オプション '--colour' はありません\n"],
    [['user', 'add'], "エラー: 引数 'address' がありません\n"],
    [['status', 'a', 'b'], 'エラー: 引数が多すぎます(0 個のところ 2 個)\n'],
    [['serve', '--config'], "エラー: オプション '--config <file>' に値がありません\n"],
  ] as const
  for (const [args, err] of rows) {
    const ran = await hikyaku(args, { env: { LC_ALL: 'ja_JP.UTF-8' } })
    assert.deepEqual([ran.code, ran.err], [2, err])
  }
})

const noScript = spawnSync('script', ['--version']).status === 0 ? false : 'script(1) is not installed'

test('init at a terminal asks in the person’s language, hides the password, and may be run again', {
  skip: noScript,
}, async t => {
  for (const [language, questions, ended] of [
    ['en', ['Mail domain: ', 'First user (name@home.test): ', 'Password: ', 'Again: '], 'taro@home.test can log in'],
    [
      'ja',
      ['メールのドメイン: ', '最初の利用者(名前@home.test): ', 'パスワード: ', 'もう一度: '],
      'taro@home.test でログインできます',
    ],
  ] as const) {
    const file = join(await folderOf(t), 'hikyaku.yaml')
    const main = new URL('../../src/main.ts', import.meta.url).pathname
    const command = `${process.execPath} ${main} init --config ${file} --language ${language}`
    const answers = ['home.test', 'taro@home.test', password, password]
    const first = await atTerminal(
      command,
      questions.map((question, index) => [question, answers[index] ?? '']),
    )
    assert.ok(first.includes(ended), first)
    assert.ok(!first.includes(password), 'the password is not shown')
    const written = await readFile(file, 'utf8')
    const again = await atTerminal(
      command,
      questions.slice(0, 2).map((question, index) => [question, answers[index] ?? '']),
    )
    assert.ok(again.includes(ended), again)
    assert.equal(await readFile(file, 'utf8'), written)
    const login = await hikyaku(['user', 'test', 'taro@home.test', '--password-stdin', '--config', file], {
      input: password,
    })
    assert.equal(login.code, 0, login.err)
  }
})

/** Runs it on a terminal of its own and types each answer when its question is there. */
async function atTerminal(
  command: string,
  dialogue: readonly (readonly [question: string, answer: string])[],
): Promise<string> {
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, TERM: 'xterm' },
  })
  let shown = ''
  child.stdout.on('data', (chunk: Buffer) => void (shown += chunk.toString()))
  const ended = new Promise(resolve => child.once('close', resolve))
  for (const [question, answer] of dialogue) {
    await until(`${question} in ${shown}`, () => shown.includes(question))
    await sleep(100)
    child.stdin.write(`${answer}\n`)
  }
  await ended
  return shown
}
