// AUTH-HASH, AUTH-UNREADABLE, AUTH-PASSWORD, and that no command and no log line ever shows a secret.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmod, chown, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { hanako, homeYaml, password } from './boxes.ts'
import { folderOf, freePort, hikyaku, serve } from './running.ts'
import { withUser } from '../support/administer.ts'
import { plain, Wire } from './wire.ts'

/** `crypt(3)` with SHA-512 of `believed-by-nobody-1`, as a Dovecot passwd-file has it; made with openssl. */
const knownPassword = 'believed-by-nobody-1'
const knownHash =
  '{SHA512-CRYPT}' +
  spawnSync('openssl', ['passwd', '-6', '-salt', 'SaltOfATest', knownPassword], { encoding: 'utf8' }).stdout.trim()

async function stopped(t: Parameters<typeof folderOf>[0]): Promise<{ folder: string; config: readonly string[] }> {
  const folder = await folderOf(t)
  const file = join(folder, 'hikyaku.yaml')
  await writeFile(file, homeYaml(await freePort()).replace('../link', './data'))
  return { folder, config: ['--config', file] }
}

test('AUTH-HASH: a hash whose $6$salt a shell has swallowed is refused when it comes in, named by its line and never printed', async t => {
  const { folder, config } = await stopped(t)
  const users = join(folder, 'users')
  const rest = knownHash.slice(knownHash.lastIndexOf('$') + 1)
  const swallowed = `{SHA512-CRYPT}${rest}`
  await writeFile(
    users,
    [
      `taro@home.test:${knownHash}:5000:5000::/var/mail/taro::`,
      `jiro@home.test:${swallowed}:5000:5000::/var/mail/jiro::`,
      `saburo@home.test:{SHA512-CRYPT}$6$SaltOfATest$${rest.slice(5)}:5000:5000::/var/mail/saburo::`,
      `shiro@home.test:{ROT13}abcdefg:::::`,
    ].join('\n'),
  )
  const english = await hikyaku(['user', 'import', '--passwd-file', users, '--add-domains', ...config])
  assert.equal(english.code, 1)
  assert.match(english.out, /^1: taro@home\.test added/m)
  assert.match(english.out, /^2: jiro@home\.test problem: .*malformed/m)
  assert.match(english.out, /^3: saburo@home\.test problem: .*malformed/m)
  assert.match(english.out, /^4: shiro@home\.test problem: .*ROT13.* not supported/m)
  assert.ok(!english.out.includes(rest) && !english.err.includes(rest.slice(5)), 'no hash is printed')
  const japanese = await hikyaku(['user', 'import', '--passwd-file', users, '--dry-run', '--language', 'ja', ...config])
  assert.match(japanese.out, /パスワードのハッシュが壊れています/)
})

test('AUTH-PASSWORD: the hash is fine and the password differs, said so in both languages', async t => {
  const { folder, config } = await stopped(t)
  const users = join(folder, 'users')
  await writeFile(users, `test@home.test:${knownHash}:5000:5000::/var/mail/test::\n`)
  assert.equal((await hikyaku(['user', 'import', '--passwd-file', users, '--add-domains', ...config])).code, 0)
  const tried = (input: string, ...more: string[]) =>
    hikyaku(['user', 'test', 'test@home.test', '--password-stdin', ...more, ...config], { input })
  const wrong = await tried('test1234')
  assert.deepEqual([wrong.code, wrong.err], [1, 'wrong-password: the account is fine, the password differs\n'])
  assert.match((await tried('test1234', '--language', 'ja')).err, /アカウントは正常ですが、パスワードが違います/)
  const right = await tried(knownPassword)
  assert.deepEqual([right.code, right.err], [0, ''])
  assert.match(right.out, /the password is right \((SHA512-CRYPT|argon2id)\)/)
  assert.equal((await tried(knownPassword)).code, 0, 'also after the hash was made anew at that login')
})

test('AUTH-UNREADABLE: a secret that may not be read is named with uid, owner and mode, and what is needed', async t => {
  // As root the file is given away and the loader runs as somebody else; others close the file to themselves.
  const isRoot = process.getuid?.() === 0
  const [reader, owner, mode] = isRoot ? [1000, 5000, 0o600] : [process.getuid?.(), process.getuid?.(), 0o200]
  const folder = await folderOf(t)
  await mkdir(join(folder, 'etc'), { mode: 0o755 })
  const secret = join(folder, 'etc', 'relay.key')
  const file = join(folder, 'etc', 'hikyaku.yaml')
  await writeFile(secret, 'SG.not-to-be-seen\n', { mode })
  if (isRoot) await chown(secret, 5000, 5000)
  await writeFile(
    file,
    `role: home\nhostname: mail.home.test\ndata: ./data\noutbound:\n  upstreams:\n    - { name: relay, host: smtp.example.net, username: u, passwordFile: ./relay.key }\n`,
  )
  await chmod(file, 0o644)
  // The loader itself under another uid: the process that would have to read the file.
  const loader = `${isRoot ? 'process.setgid(1000); process.setuid(1000)' : ''}
    const { loadConfig } = await import(${JSON.stringify(new URL('../../src/config/load.ts', import.meta.url).href)})
    console.log(JSON.stringify(loadConfig(${JSON.stringify(file)}, {}).problems))`
  const ran = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `import ${JSON.stringify(new URL('../../src/config/load.ts', import.meta.url).href)}\n${loader}`,
    ],
    { encoding: 'utf8' },
  )
  const problems = JSON.parse(ran.stdout || '[]') as { code: string; key: string; text: { en: string; ja: string } }[]
  const [problem] = problems
  assert.deepEqual([problem?.code, problem?.key], ['CONF-UNREADABLE', 'outbound.upstreams.0.passwordFile'], ran.stderr)
  assert.match(
    problem?.text.en ?? '',
    new RegExp(
      `^uid ${reader} cannot read \\S+relay\\.key \\(owner ${owner}, mode 0${mode.toString(8)}\\): needed is owner ${reader} with 0600, or its group with 0640$`,
    ),
  )
  assert.match(
    problem?.text.ja ?? '',
    new RegExp(`^uid ${reader} は \\S+ を読めません\\(所有者 ${owner}、モード 0${mode.toString(8)}\\)`),
  )
})

test('AUTH-UNREADABLE: a passwd-file that is not there is an error, not an empty list of users', async t => {
  const { folder, config } = await stopped(t)
  const gone = await hikyaku(['user', 'import', '--passwd-file', join(folder, 'nowhere'), ...config])
  assert.equal(gone.code, 2)
  assert.match(gone.err, /nowhere cannot be read: ENOENT/)
})

test('secrets: no command, no log line and no event shows a password, a key or a hash', async t => {
  const folder = await folderOf(t)
  const relayKey = 'SG.four-doves-fly-east'
  await writeFile(join(folder, 'relay.key'), `${relayKey}\n`, { mode: 0o600 })
  const yaml = `${homeYaml(await freePort()).replace('../link', './data')}outbound:
  upstreams:
    - { name: one, host: smtp.example.net, username: u, passwordFile: ./relay.key }
    - { name: two, host: smtp.example.net, username: u, password: '\${file:./relay.key}' }
log: { level: trace }
`
  const running = await serve(t, { folder, yaml, before: file => withUser(file, hanako, password) })
  await using wire = await Wire.openTls(running.port('submissions'))
  await wire.reply()
  await wire.say('EHLO client.home.test')
  await wire.say(`AUTH PLAIN ${plain(hanako, 'mistyped-secret')}`)
  await wire.say(`AUTH PLAIN ${plain(hanako, password)}`)
  await using imap = await Wire.openTls(running.port('imaps'))
  imap.send(`a LOGIN ${hanako} ${password}`)
  await imap.read(/a OK[^\n]*\n/)
  const commands = [
    ['config', 'show'],
    ['config', 'show', '--json'],
    ['config', 'check'],
    ['user', 'ls'],
    ['user', 'ls', '--json'],
    ['status', '--json'],
    ['tls', '--json'],
    ['ports'],
    ['queue', 'ls'],
    ['trace', hanako, '--json'],
  ]
  let shown = running.log()
  for (const command of commands) {
    const ran = await running.command(...command)
    shown += ran.out + ran.err
  }
  const linkKey = join(folder, 'gateway-tokyo', 'link.key')
  const made = await running.command('tls', 'client', 'tokyo')
  shown += made.out + made.err
  const secrets = [
    password,
    'mistyped-secret',
    relayKey,
    (await readFile(linkKey, 'utf8')).trim(),
    '$argon2id$',
    'PRIVATE KEY',
  ]
  for (const secret of [...secrets, plain(hanako, password)]) assert.ok(!shown.includes(secret), `${secret} is shown`)
  assert.deepEqual((await readdir(join(folder, 'gateway-tokyo'))).sort(), [
    'ca.crt',
    'client.crt',
    'client.key',
    'link.key',
  ])
})
