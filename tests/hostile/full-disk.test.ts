// The disk is full, without a reserve, while mail is refused and kept, scripts redirect, users send, junk is learnt and somebody is paused:
// temporary answers, nothing lost, nothing doubled, and all goes on when there is room again.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { hanako, password } from '../scenarios/boxes.ts'
import { pretendRelay } from '../scenarios/pretend-relay.ts'
import { folderOf, hikyaku, type Running, serve, until } from '../scenarios/running.ts'
import { withUser } from '../support/administer.ts'
import { plain, Wire } from '../scenarios/wire.ts'
import { mountSmallDisk, whyNoSmallDisk } from '../support/small-disk.ts'
import { admin } from './admin.ts'
import { openImap } from './imap.ts'

const testString = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'
const script = 'require "copy"; if header :contains "subject" "copy" { redirect :copy "kei@example.org"; }'
const skip = whyNoSmallDisk() ?? false
const messageId = (text: string) => /^Message-ID: <(.*?)@/im.exec(text)?.[1] ?? '?'

test('a full disk: kept refusals, effects of scripts, submissions, lessons and pauses wait for room', {
  skip,
}, async t => {
  using disk = mountSmallDisk('tmpfs', 48)
  const data = join(disk.path, 'data')
  const relay = await pretendRelay(t)
  const folder = await folderOf(t)
  await writeFile(join(folder, 'main.sieve'), script)
  const yaml = `role: both
hostname: mx.home.test
data: ${data}
dns: { servers: ['127.0.0.1:1'] }
tls: { localCa: true, names: [127.0.0.1] }
listen:
  - { service: mx, address: 127.0.0.1, port: 0 }
  - { service: imap, address: 127.0.0.1, port: 0, loginWithoutTls: true }
  - { service: submissions, address: 127.0.0.1, port: 0 }
home:
  recipientsFile: ${data}/recipients.json
  accounts: { diskReserve: 0B }
  content: { rejectFrom: 50 }
gateway: { recipientsFile: ${data}/recipients.json, checks: { greetingDelay: 0s } }
outbound:
  upstreams:
    - { name: relay, host: 127.0.0.1, port: ${relay.port}, tls: none-on-loopback-only }
`
  const box = await serve(t, { folder, yaml, before: file => prepared(file, folder) })
  assert.match(await bring(box, 'before', 'Hello'), /^250 /)
  disk.fill(0)
  await sleep(1_200)
  const letters = ['plain', 'copy', 'refused'].flatMap(kind => [1, 2, 3].map(number => `${kind}${number}`))
  const bodyOf = (id: string) => (id.startsWith('refused') ? testString : 'x'.repeat(900).concat('\r\n').repeat(30))
  let waiting = [...letters]
  let unsent = ['out1', 'out2', 'out3']
  const replies: string[] = []
  const round = async () => {
    for (const id of waiting) {
      const reply = await bring(box, id, bodyOf(id))
      replies.push(reply)
      assert.match(reply, id.startsWith('refused') ? /^(?:4\d\d|550 5\.7\.1) / : /^(?:250|4\d\d) /, `${id}: ${reply}`)
      if (!reply.startsWith('4')) waiting = waiting.filter(one => one !== id)
    }
    for (const id of unsent) {
      const reply = await submit(box, id)
      replies.push(reply)
      assert.match(reply, /^(?:250|4\d\d) /, reply)
      if (reply.startsWith('250')) unsent = unsent.filter(one => one !== id)
    }
  }
  await round()
  await round()
  assert.ok(
    replies.some(reply => reply.startsWith('452 4.3.1')),
    `full indeed: ${replies.join(' | ')}`,
  )
  await admin(folder, 'user.pause', { address: hanako }, data).catch(() => undefined)
  await moveToJunk(box)
  disk.makeRoom()
  await sleep(1_200)
  for (let tries = 0; tries < 5 && waiting.length + unsent.length > 0; tries++) await round()
  assert.deepEqual([waiting, unsent], [[], []])
  await admin(folder, 'user.resume', { address: hanako }, data)
  const wanted = ['copy1', 'copy2', 'copy3', 'out1', 'out2', 'out3']
  await until('all has left', async () => {
    await admin(folder, 'queue.retry', {}, data)
    return wanted.every(id => relay.received.some(({ text }) => messageId(text) === id))
  })
  await sleep(300)
  assert.deepEqual(relay.received.map(({ text }) => messageId(text)).toSorted(), wanted, 'each effect once')
  const found = [...(await idsIn(box, 'INBOX')), ...(await idsIn(box, 'Junk'))]
  const inside = ['before', ...letters.filter(id => !id.startsWith('refused'))]
  assert.deepEqual(found.filter(id => !id.startsWith('pause')).toSorted(), inside.toSorted(), 'each letter once')
  const { result } = await admin(folder, 'refused.list', { limit: 100 }, data)
  const kept = (result as readonly { readonly subject: string }[]).map(({ subject }) => subject)
  assert.deepEqual(kept.toSorted(), ['refused1', 'refused2', 'refused3'], 'what was refused can be had back')
  await moveToJunk(box)
  await until('it learns again', async () => {
    const status = await admin(folder, 'junk.status', { address: hanako }, data)
    return (status.result as { readonly junk: number }).junk > 0
  })
  assert.equal(await box.stop(), 0)
})

async function prepared(file: string, folder: string): Promise<void> {
  await withUser(file, hanako, password)
  for (const args of [
    ['put', hanako, 'main', join(folder, 'main.sieve')],
    ['activate', hanako, 'main'],
  ]) {
    const ran = await hikyaku(['sieve', ...args, '--config', file])
    assert.equal(ran.code, 0, ran.err)
  }
}

async function bring(box: Running, id: string, body: string): Promise<string> {
  await using wire = await Wire.open(box.port('mx'))
  await wire.reply()
  let reply = ''
  for (const line of ['EHLO mx.internet.test', `MAIL FROM:<${id}@internet.test>`, `RCPT TO:<${hanako}>`, 'DATA']) {
    reply = await wire.say(line)
    if (/^[45]/.test(reply)) return reply
  }
  return await wire.say(
    `From: ${id}@internet.test\r\nTo: ${hanako}\r\nSubject: ${id}\r\nDate: Mon, 23 Nov 2026 02:00:00 +0000\r\nMessage-ID: <${id}@x.test>\r\n\r\n${body}\r\n.`,
  )
}

async function submit(box: Running, id: string): Promise<string> {
  await using wire = await Wire.openTls(box.port('submissions'))
  let reply = await wire.reply()
  for (const line of [
    'EHLO laptop',
    `AUTH PLAIN ${plain(hanako, password)}`,
    `MAIL FROM:<${hanako}>`,
    'RCPT TO:<kei@example.org>',
    'DATA',
  ]) {
    reply = await wire.say(line)
    if (/^[45]/.test(reply)) return reply
  }
  return await wire.say(
    `From: ${hanako}\r\nTo: kei@example.org\r\nDate: Mon, 23 Nov 2026 02:00:00 +0000\r\nMessage-ID: <${id}@home.test>\r\n\r\nHello\r\n.`,
  )
}

/** OK, or NO where there is no room. */
async function moveToJunk(box: Running): Promise<void> {
  await using imap = await openImap(box)
  await imap.ask('SELECT INBOX')
  assert.match(await imap.ask('MOVE 1 Junk'), /^t\d+ (?:OK|NO)/m)
}

async function idsIn(box: Running, mailbox: string): Promise<readonly string[]> {
  await using imap = await openImap(box)
  await imap.ask(`SELECT ${mailbox}`)
  const answer = await imap.ask('FETCH 1:* (BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])')
  return [...answer.matchAll(/Message-ID: <(.*?)[@.]/gi)].map(([, found = '']) => found)
}
