// Somebody has a password and sends as fast as eight connections can: what passes the limits is held, the user is told, nobody else waits,
// a restart forgets neither the pause nor what is held, and after a resumption everything leaves once.
import assert from 'node:assert/strict'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { hanako, password } from '../scenarios/boxes.ts'
import { pretendRelay } from '../scenarios/pretend-relay.ts'
import { folderOf, type Running, serve, until } from '../scenarios/running.ts'
import { withUser } from '../support/administer.ts'
import { plain, Wire } from '../scenarios/wire.ts'
import { admin } from './admin.ts'

const taro = 'taro@home.test'
const limit = 20
const letters = Number(process.env['HOSTILE_LETTERS'] ?? 120)
const recipients = 10
const messageId = (text: string) => /^Message-ID: <(.*?)@/im.exec(text)?.[1] ?? '?'

test('a stolen password at full speed', async t => {
  const relay = await pretendRelay(t)
  const folder = await folderOf(t)
  const yaml = `role: home
hostname: mail.home.test
data: ./data
tls: { localCa: true, names: [127.0.0.1] }
listen:
  - { service: imap, address: 127.0.0.1, port: 0, loginWithoutTls: true }
  - { service: submissions, address: 127.0.0.1, port: 0 }
limits: { perUser: { messagesPerHour: ${limit}, recipientsPerHour: 100000, newRecipientsPerDay: 100000 } }
outbound:
  upstreams:
    - { name: relay, host: 127.0.0.1, port: ${relay.port}, tls: none-on-loopback-only }
`
  const prepare = async (file: string) => {
    await withUser(file, hanako, password)
    await withUser(file, taro, password)
  }
  const box = await serve(t, { folder, yaml, before: prepare })
  const numbers = Array.from({ length: letters }, (_, number) => number)
  const thief = async () => {
    for (let number = numbers.shift(); number !== undefined; number = numbers.shift())
      assert.match(await submit(box, hanako, `stolen${number}`, recipients), /^250 /)
  }
  const delays: number[] = []
  const friend = async () => {
    for (let number = 0; number < 8; number++) {
      const since = performance.now()
      assert.match(await submit(box, taro, `taro${number}`, 1), /^250 /)
      await until('it has left', () => relay.received.some(({ text }) => messageId(text) === `taro${number}`))
      delays.push(performance.now() - since)
    }
  }
  await Promise.all([...Array.from({ length: 8 }, thief), friend()])
  await sleep(500)
  const leftOf = (who: string) => relay.received.filter(({ text }) => messageId(text).startsWith(who))
  const idsOf = (who: string) => new Set(leftOf(who).map(({ text }) => messageId(text)))
  t.diagnostic(
    `${idsOf('stolen').size} of ${letters} left; another's took ${Math.round(Math.max(...delays))} ms at most`,
  )
  assert.ok(idsOf('stolen').size <= limit, 'no more than the limit has left')
  assert.ok(Math.max(...delays) < 30_000, 'nobody else waits')
  const paused = (await admin(folder, 'user.paused', {})).result as readonly { readonly address: string }[]
  assert.deepEqual(
    paused.map(({ address }) => address),
    [hanako],
  )
  // the user is the postmaster too: one letter for both
  await until('user and owner are told', async () => (await inboxOf(box)) === 1)

  box.child.kill('SIGKILL')
  await until('it is gone', () => box.child.signalCode !== null)
  const again = await serve(t, { folder, yaml })
  assert.match(await submit(again, hanako, `stolen${letters}`, recipients), /^250 /)
  await sleep(500)
  assert.ok(idsOf('stolen').size <= limit, 'still held after a restart')
  await admin(folder, 'user.resume', { address: hanako })
  await until('all has left', () => idsOf('stolen').size === letters + 1)
  await sleep(300)
  const to = leftOf('stolen').flatMap(({ to: addresses, text }) => addresses.map(one => `${messageId(text)} ${one}`))
  assert.equal(new Set(to).size, recipients * (letters + 1))
  assert.equal(to.length, new Set(to).size, 'to each recipient once')
  assert.equal(await inboxOf(again), 1, 'told once')
})

async function submit(box: Running, from: string, id: string, count: number): Promise<string> {
  await using wire = await Wire.openTls(box.port('submissions'))
  await wire.reply()
  const to = Array.from({ length: count }, (_, at) => `RCPT TO:<${id}.${at}@example.org>`)
  for (const line of ['EHLO laptop', `AUTH PLAIN ${plain(from, password)}`, `MAIL FROM:<${from}>`, ...to])
    assert.match(await wire.say(line), /^2/, line)
  await wire.say('DATA')
  return await wire.say(
    `From: ${from}\r\nTo: all@example.org\r\nDate: Mon, 23 Nov 2026 02:00:00 +0000\r\nMessage-ID: <${id}@home.test>\r\n\r\nHello\r\n.`,
  )
}

async function inboxOf(box: Running): Promise<number> {
  await using wire = await Wire.open(box.port('imap'))
  await wire.read(/^\* OK.*\r\n/)
  wire.send(`a LOGIN ${hanako} ${password}`)
  await wire.read(/^a OK.*\r\n/m)
  wire.send('b SELECT INBOX')
  return Number(/(\d+) EXISTS/.exec(await wire.read(/^b OK.*\r\n/m))?.[1])
}
