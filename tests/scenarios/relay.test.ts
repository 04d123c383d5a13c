// GW-OPENRELAY: a stranger's letter to a stranger goes through no listener, whatever address the stranger seems to have. A mail
// server behind a NAT that shows every client as 172.22.0.1, and trusts that network, relays for the whole internet.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { hanako, password } from './boxes.ts'
import { folderOf, freePort, hikyaku, type Running, serve } from './running.ts'
import { withUser } from '../support/administer.ts'
import { plain, Wire } from './wire.ts'

/** Set by this file itself when it runs again in a network namespace of its own, with these addresses on its loopback. */
const inside = process.env['HIKYAKU_RELAY_ADDRESSES']?.split(',')
const hosts = inside ?? ['127.0.0.1']
const peers = inside ?? ['127.0.0.1', '127.0.0.2']

const strangers = [
  'victim@elsewhere.test',
  '@home.test:victim@elsewhere.test',
  '"victim@elsewhere.test"@home.test',
  'victim%elsewhere.test@home.test',
  'elsewhere.test!victim@home.test',
  'victim@[127.0.0.1]',
  'victim@elsewhere.test.',
  'victim@HOME.TEST.elsewhere.test',
  'victim',
]
const senders = ['spammer@internet.test', hanako, '', 'postmaster@home.test']

function yamlWith(bare: number): string {
  const listen = hosts.flatMap(host => [
    `  - { service: mx, address: ${host}, port: 0 }`,
    `  - { service: submission, address: ${host}, port: 0 }`,
    `  - { service: submissions, address: ${host}, port: 0 }`,
    `  - { service: lmtp, address: ${host}, port: 0 }`,
  ])
  return `role: both
hostname: mail.home.test
data: ./data
listen:
${listen.join('\n')}
  - { service: lmtp, address: 127.0.0.1, port: ${bare}, tls: off, unauthenticated: true }
tls: { localCa: true }
home: { recipientsFile: ./data/recipients.json }
limits: { connections: 1000 }
`
}

/** Every way in, as far as a stranger gets: the reply to RCPT for each address that was taken. */
async function attempts(open: () => Promise<Wire>, hello: string): Promise<string[]> {
  const taken: string[] = []
  for (const sender of senders)
    for (const stranger of strangers) {
      // a connection each: whoever is refused too often is sent away
      await using wire = await open()
      await wire.reply()
      await wire.say(`${hello} mx.internet.test`)
      const mail = await wire.say(`MAIL FROM:<${sender}>`)
      // sent away before any recipient could be named: no gateway of ours
      if (/^421[ -]4\.7\.0 /.test(mail)) continue
      const recipient = await wire.say(`RCPT TO:<${stranger}>`)
      if (!recipient.startsWith('5')) taken.push(`<${sender}> → <${stranger}>: ${mail.trim()}, ${recipient.trim()}`)
      const data = await wire.say('DATA')
      if (!data.startsWith('5')) taken.push(`DATA after <${stranger}>: ${data.trim()}`)
    }
  return taken
}

/** What the same stranger may do: write to us. */
async function ownMail(open: () => Promise<Wire>): Promise<void> {
  await using wire = await open()
  await wire.reply()
  await wire.say('EHLO mx.internet.test')
  assert.match(await wire.say('MAIL FROM:<aki@internet.test>'), /^250 /)
  assert.match(await wire.say(`RCPT TO:<${hanako}>`), /^250 /)
}

async function loggedIn(running: Running, port: number, host: string): Promise<void> {
  await using wire = await Wire.openTls(port, host)
  await wire.reply()
  await wire.say('EHLO client.home.test')
  assert.match(await wire.say(`AUTH PLAIN ${plain(hanako, password)}`), /^235 /)
  for (const sender of ['spammer@internet.test', 'taro@home.test', '', 'hanako@elsewhere.test'])
    assert.match(await wire.say(`MAIL FROM:<${sender}>`), /^553 5\.[17]\.\d /, running.log().slice(-200))
  assert.match(await wire.say(`MAIL FROM:<${hanako}>`), /^250 /)
  assert.match(await wire.say('RCPT TO:<friend@elsewhere.test>'), /^250 /)
}

test(`GW-OPENRELAY: no listener relays for strangers from ${peers.join(', ')}`, async t => {
  const folder = await folderOf(t)
  const bare = await freePort()
  const running = await serve(t, { folder, yaml: yamlWith(bare), before: file => withUser(file, hanako, password) })
  for (const host of hosts)
    for (const peer of peers) {
      const open = (service: string) => () => Wire.open(running.port(service, host), host, peer)
      assert.deepEqual(await attempts(open('mx'), 'EHLO'), [], `mx from ${peer}`)
      await ownMail(open('mx'))
      assert.deepEqual(await attempts(open('submission'), 'EHLO'), [], `submission from ${peer}`)
      assert.deepEqual(
        await attempts(() => Wire.openTls(running.port('submissions', host), host), 'EHLO'),
        [],
        `submissions from ${peer}`,
      )
      assert.deepEqual(await attempts(open('lmtp'), 'LHLO'), [], `lmtp from ${peer}`)
    }
  assert.deepEqual(await attempts(() => Wire.open(bare), 'LHLO'), [], 'lmtp without login, on loopback')
  for (const host of hosts) await loggedIn(running, running.port('submissions', host), host)
  const queue = await running.command('queue', 'ls', '--json')
  assert.deepEqual((JSON.parse(queue.out) as { result: unknown[] }).result, [])
})

test('GW-OPENRELAY: LMTP without login cannot be opened to a network at all', async t => {
  const file = join(await folderOf(t), 'hikyaku.yaml')
  await writeFile(
    file,
    'role: home\nhostname: mail.home.test\ndata: ./data\nlisten: [{ service: lmtp, address: 172.20.0.1, port: 2525, tls: off, unauthenticated: true }]\n',
  )
  const checked = await hikyaku(['config', 'check', '--config', file])
  assert.equal(checked.code, 78)
  assert.match(
    checked.err,
    /LMTP-EXPOSED listen\.0\.unauthenticated: LMTP would be open to the network at 172\.20\.0\.1/,
  )
})

const addresses = ['172.20.0.1', '172.22.0.1', '100.70.131.116', '192.168.11.2']
const script = [...addresses.map(address => `ip address add ${address}/32 dev lo`), 'ip link set lo up'].join(' && ')
/** Else the runner believes that it has been called inside itself. */
const { NODE_TEST_CONTEXT: _, ...withoutTestContext } = process.env

/** As root a network namespace is enough; others need a user namespace around it. */
const way = inside
  ? undefined
  : ['-n', '-rn'].find(flags => spawnSync('unshare', [flags, 'sh', '-c', script]).status === 0)
const noNamespace = inside
  ? 'this is the namespace'
  : way === undefined && 'network namespaces cannot be made here (iproute2 and leave to do so are needed)'

test('GW-OPENRELAY: the same for peers that look like a container bridge, a tunnel or a home network', {
  skip: noNamespace,
}, async () => {
  const child = spawn(
    'unshare',
    [way ?? '', 'sh', '-c', `${script} && exec "$0" --test-reporter=tap "$1"`, process.execPath, import.meta.filename],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...withoutTestContext, HIKYAKU_RELAY_ADDRESSES: addresses.slice(0, 3).join() },
    },
  )
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => void (out += chunk.toString()))
  const code = await new Promise<number | null>(resolve => child.once('close', resolve))
  assert.equal(code, 0, out)
  assert.match(out, /ok \d+ - GW-OPENRELAY: no listener relays for strangers from 172\.20\.0\.1/)
})
