// CONF-PARSE, CONF-UNEXPANDED, CONF-MISSING, CONF-DEFAULT, CONF-EPHEMERAL: the program says all of it before it runs.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import { folderOf, hikyaku, type Ran, serve } from './running.ts'

async function refused(t: TestContext, yaml: string, env: NodeJS.ProcessEnv = {}): Promise<Ran & { folder: string }> {
  const folder = await folderOf(t)
  await writeFile(join(folder, 'hikyaku.yaml'), yaml)
  const ran = await hikyaku(['serve', '--config', 'hikyaku.yaml'], { cwd: folder, env })
  assert.equal(ran.code, 78, ran.out)
  assert.ok(!existsSync(join(folder, 'data')), 'nothing was begun')
  return { ...ran, folder }
}

test('CONF-PARSE: every mistake at once, each with file, line, column and the nearest right word', async t => {
  const { err } = await refused(
    t,
    `role: home
hostnmae: mail.home.test
data: ./data
listen:
  - { service: imaps, prot: 993 }
  - { service: imap, port: "143x" }
limits:
  mesageSize: 50MB
  outboundAge: 5
`,
  )
  assert.match(err, /^hikyaku\.yaml:2:1: CONF-PARSE hostnmae: unknown key; did you mean hostname\?$/m)
  assert.match(err, /^hikyaku\.yaml:5:\d+: CONF-PARSE listen\.0\.prot: unknown key; did you mean port\?$/m)
  assert.match(err, /^hikyaku\.yaml:6:\d+: CONF-PARSE listen\.1\.port: /m)
  assert.match(err, /^hikyaku\.yaml:8:3: CONF-PARSE limits\.mesageSize: unknown key; did you mean messageSize\?$/m)
  assert.match(err, /^hikyaku\.yaml:9:\d+: CONF-PARSE limits\.outboundAge: a time with its unit is wanted/m)
  assert.match(err, /CONF-MISSING hostname/)
  const yaml = await refused(t, 'role: home\n  hostname: [unclosed\n')
  assert.match(yaml.err, /^hikyaku\.yaml:1:\d+: CONF-PARSE /m)
})

test('CONF-PARSE: spaces and line ends of other editors change nothing', async t => {
  const folder = await folderOf(t)
  const yaml =
    '\uFEFFrole: home\r\nhostname:   mail.home.test  \r\ndata: ./data\r\nlisten:\r\n  - {service: imap,   port:   0,address: 127.0.0.1}\r\ntls: {localCa: true}\r\n'
  const running = await serve(t, { folder, yaml })
  assert.ok(running.port('imap') > 0)
  assert.equal(await running.stop(), 0)
})

test('CONF-UNEXPANDED: what nobody expands is refused, wherever it stands and however it is written', async t => {
  for (const [written, shown] of [
    ['$MAGICDNS_NAME', '\\$MAGICDNS_NAME'],
    ['${MAGICDNS_NAME}', '\\$\\{MAGICDNS_NAME\\}'],
    ['{{ hostname }}', '\\{\\{ hostname \\}\\}'],
    ['mail.${DOMAIN}.test', '\\$\\{DOMAIN\\}'],
  ] as const) {
    const { err } = await refused(t, `role: home\nhostname: '${written}'\ndata: ./data\n`, {
      MAGICDNS_NAME: 'mail.home.test',
    })
    assert.match(err, new RegExp(`^hikyaku\\.yaml:2:\\d+: CONF-UNEXPANDED hostname: .*${shown}`, 'm'))
  }
})

test('CONF-MISSING: all absent keys and variables in one go, before anything is opened', async t => {
  const { err } = await refused(t, "role: gateway\ndata: './${env:HIKYAKU_TEST_ABSENT}'\n")
  assert.match(err, /^hikyaku\.yaml:\d+:\d+: CONF-MISSING hostname/m)
  assert.match(err, /^hikyaku\.yaml:2:\d+: CONF-MISSING data: .*HIKYAKU_TEST_ABSENT/m)
  assert.match(err, /^hikyaku\.yaml:\d+:\d+: CONF-MISSING gateway\.home\.url/m)
  const japanese = await refused(t, 'role: gateway\n', { LC_ALL: 'ja_JP.UTF-8' })
  assert.match(japanese.err, /CONF-MISSING gateway\.home\.url: ゲートウェイにはhomeへの道が必要です/)
})

test('CONF-DEFAULT: without its file nothing runs; with it, the path and its checksum are said', async t => {
  const folder = await folderOf(t)
  const none = await hikyaku(['serve'], { cwd: folder })
  assert.equal(none.code, 78)
  assert.match(none.err, /CONF-DEFAULT hikyaku\.yaml does not exist; nothing runs on defaults/)
  const running = await serve(t, { folder, yaml: 'role: home\nhostname: mail.home.test\ndata: ./data\n' })
  assert.match(running.log(), new RegExp(`^config used: ${running.file} \\(sha256 [0-9a-f]{64}\\)$`, 'm'))
  assert.match(String(running.said('Starting')[0]?.['config']), /hikyaku\.yaml$/)
})

const tmpfs = 0x01021994
const noTmpfs = await statfs('/dev/shm').then(
  ({ type }) => (type === tmpfs ? false : '/dev/shm is no tmpfs here'),
  () => 'there is no /dev/shm',
)

test('CONF-EPHEMERAL: a data folder in memory is said aloud by check, at the start and in the log', {
  skip: noTmpfs,
}, async t => {
  const memory = await mkdtemp('/dev/shm/hikyaku-')
  t.after(() => rm(memory, { recursive: true, force: true, maxRetries: 10 }))
  const folder = await folderOf(t)
  const yaml = `role: home\nhostname: mail.home.test\ndata: ${join(memory, 'data')}\n`
  const running = await serve(t, { folder, yaml })
  assert.match(running.log(), /^warning: \S+hikyaku\.yaml:3:7: CONF-EPHEMERAL data: the data folder lies on tmpfs/m)
  assert.ok(
    running.said('CONF-EPHEMERAL: the data folder is in memory or in a container layer; mail in it is lost with it')[0],
  )
  const checked = await running.command('config', 'check')
  assert.deepEqual([checked.code, /CONF-EPHEMERAL/.test(checked.err)], [1, true])
  assert.match(
    (await running.command('config', 'check', '--language', 'ja')).err,
    /CONF-EPHEMERAL .*ボリュームを使ってください/,
  )
})
