// The way out as its owner runs it: a mail program (nodemailer), DKIM keys and pauses by the command line, a relay on loopback.
import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { createTransport } from 'nodemailer'
import { memorySource } from '#formats/message-source.ts'
import { verifyDkim } from '#mail/authenticity/dkim/verify.ts'
import { readMessage } from '#mail/authenticity/message.ts'
import { tableNames } from '#mail/authenticity/names.testbed.ts'
import type { ShownDkimKey } from '#mail/signing/dkim-key.ts'
import { hanako, homeYaml, password } from './boxes.ts'
import { pretendRelay } from './pretend-relay.ts'
import { folderOf, freePort, type Running, serve, until } from './running.ts'
import { withUser } from '../support/administer.ts'

async function homeWith(t: TestContext, more: string): Promise<Running> {
  const yaml = `${homeYaml(await freePort()).replace('../link', './data')}${more}`
  return serve(t, { folder: await folderOf(t), yaml, before: file => withUser(file, hanako, password) })
}

function relayYaml(ports: Readonly<Record<string, number>>): string {
  const upstreams = Object.entries(ports).map(
    ([name, port]) => `    - { name: ${name}, host: 127.0.0.1, port: ${port}, tls: none-on-loopback-only }\n`,
  )
  return `outbound:\n  upstreams:\n${upstreams.join('')}`
}

function programOf(home: Running) {
  return createTransport({
    host: '127.0.0.1',
    port: home.port('submissions'),
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: hanako, pass: password },
  })
}

const json = <Value>({ out }: { out: string }) => JSON.parse(out) as Value

test('a mail program’s letter leaves signed by both keys, without Bcc or Resent-Bcc, and is filed once with them', async t => {
  const relay = await pretendRelay(t)
  const home = await homeWith(t, relayYaml({ one: relay.port }))
  const keys = json<{ result: readonly ShownDkimKey[] } | readonly ShownDkimKey[]>(
    await home.command('dkim', 'create', 'home.test', '--json'),
  )
  const made = 'result' in keys ? keys.result : keys
  for (const { selector } of made) assert.equal((await home.command('dkim', 'activate', 'home.test', selector)).code, 0)
  await programOf(home).sendMail({
    from: `花子 <${hanako}>`,
    to: 'aki@internet.test',
    bcc: 'himitsu@internet.test',
    headers: { 'Resent-Bcc': 'mo-hitori@internet.test' },
    subject: '手紙',
    text: 'こんにちは\n.\nend',
    envelope: { from: hanako, to: ['aki@internet.test', 'himitsu@internet.test'] },
  })
  await until('it has left', () => relay.received.length > 0)
  const [letter] = relay.received
  assert.ok(letter)
  assert.deepEqual(new Set(letter.to), new Set(['aki@internet.test', 'himitsu@internet.test']))
  // as a field: signatures in base64 may spell it by chance
  assert.doesNotMatch(letter.text, /^(?:resent-)?bcc\s*:|himitsu|mo-hitori/im)
  const names = tableNames(Object.fromEntries(made.map(({ name, record }) => [name, { TXT: [record] }])))
  const found = await verifyDkim(await readMessage(memorySource(Buffer.from(letter.text, 'latin1'))), {
    names,
    now: Date.now(),
  })
  assert.deepEqual(
    found.map(({ result, algorithm }) => `${result} ${algorithm}`),
    ['pass rsa-sha256', 'pass ed25519-sha256'],
  )
})

test('a relay that is down: the second takes over; a letter held, sent another way by hand, and one sent later', async t => {
  const relay = await pretendRelay(t)
  const other = await pretendRelay(t)
  const home = await homeWith(t, relayYaml({ down: await freePort(), one: relay.port, two: other.port }))
  const program = programOf(home)
  await program.sendMail({ from: hanako, to: 'aki@internet.test', subject: 'one', text: 'x' })
  await until('the second took it', () => relay.received.length === 1)
  await home.command('user', 'pause', hanako)
  await program.sendMail({ from: hanako, to: 'aki@internet.test', subject: 'two', text: 'x' })
  const queue = await home.command('queue', 'ls', '--json')
  const id = /"id":\s*"(home-out\.[^"]+)"/.exec(queue.out)?.[1]
  assert.ok(id, queue.out)
  assert.match(queue.out, /"state":\s*"held"/)
  assert.match((await home.command('user', 'paused')).out, /hanako@home\.test/)
  assert.match((await home.command('queue', 'retry', id)).err, /^held: .*hikyaku queue release/)
  assert.match(
    (await home.command('queue', 'show', id)).out,
    /aki@internet\.test: (?:held, tried 0 ×|留め置き, 試行 0 回)/,
  )
  assert.equal((await home.command('queue', 'reroute', id, 'nowhere')).code, 1)
  assert.equal((await home.command('queue', 'reroute', id, 'two')).code, 0)
  assert.equal(other.received.length, 0, 'it is still held')
  assert.match((await home.command('user', 'resume', hanako)).out, /1/)
  await until('it went the other way', () => other.received.length === 1)
  await until('nothing waits', async () =>
    /nothing waits|待機中のメールはありません/.test((await home.command('queue', 'ls')).out),
  )
  assert.equal(relay.received.length, 1)
})
