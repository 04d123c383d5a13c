// Everything changes while letters run: the Sieve script, the DKIM keys, the upstream, the limits, what is junk. Each letter is handled by what
// held before or after a change, none is lost and none doubled. HOSTILE_SECONDS (4).
import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { hanako, password } from '../scenarios/boxes.ts'
import { pretendRelay } from '../scenarios/pretend-relay.ts'
import { folderOf, type Running, serve } from '../scenarios/running.ts'
import { withUser } from '../support/administer.ts'
import { plain, Wire } from '../scenarios/wire.ts'
import { admin } from './admin.ts'
import { openImap } from './imap.ts'

const forMs = 1000 * Number(process.env['HOSTILE_SECONDS'] ?? 4)

type Bed = { readonly box: Running; readonly folder: string; readonly until: number }

const id = (text: string) => /^Message-ID: <(.*?)@/im.exec(text)?.[1] ?? '?'

test('scripts, keys, upstreams, limits and junk change while letters run', async t => {
  const relays = [await pretendRelay(t), await pretendRelay(t)] as const
  const folder = await folderOf(t)
  const yaml = (turn: number) => `role: both
hostname: mx.home.test
data: ./data
dns: { servers: ['127.0.0.1:1'] }
tls: { localCa: true, names: [127.0.0.1] }
listen:
  - { service: mx, address: 127.0.0.1, port: 0 }
  - { service: imap, address: 127.0.0.1, port: 0, loginWithoutTls: true }
  - { service: managesieve, address: 127.0.0.1, port: 0 }
  - { service: submissions, address: 127.0.0.1, port: 0 }
home: { recipientsFile: ./data/recipients.json, content: { junkFrom: ${4 + (turn % 3)} } }
gateway:
  recipientsFile: ./data/recipients.json
  checks:
    greetingDelay: 0s
    connectionsPerMinute: ${10_000 + turn}
    greylist: ${turn % 2 === 0 ? 'off' : 'suspicious'}
    denyLists: [{ zone: bl${turn % 3}.test, action: reject }]
limits: { perUser: { messagesPerHour: ${100_000 + turn} } }
outbound:
  upstreams:
    - { name: relay, host: 127.0.0.1, port: ${relays[turn % 2 === 0 ? 0 : 1].port}, tls: none-on-loopback-only }
`
  const box = await serve(t, { folder, yaml: yaml(0), before: file => withUser(file, hanako, password) })
  const bed = { box, folder, until: performance.now() + forMs }
  await admin(folder, 'dkim.create', { domain: 'home.test', selector: 'one' })
  await admin(folder, 'dkim.create', { domain: 'home.test', selector: 'two' })
  await rotate(bed, 'one')
  await mailboxes(box)
  let turn = 0
  const [brought, submitted] = await Promise.all([
    whileTime(bed, 4, bring),
    whileTime(bed, 4, submit),
    scripts(bed),
    whileTime(bed, 1, async number => {
      await rotate(bed, number % 2 === 0 ? 'one' : 'two')
      return undefined
    }),
    whileTime(bed, 2, moveJunk),
    whileTime(bed, 1, async () => {
      const said = await box.reread(yaml(++turn))
      assert.match(String(said['msg']), /^The configuration was read/)
      await sleep(150)
      return undefined
    }),
  ])
  await eachOnce(t, box, brought, submitted, () => relays.flatMap(({ received }) => received))
  assert.doesNotMatch(box.log(), /"level":"error"/)
})

async function eachOnce(
  t: TestContext,
  box: Running,
  brought: readonly string[],
  submitted: readonly string[],
  left: () => readonly { readonly text: string }[],
): Promise<void> {
  const found: string[] = []
  for (const mailbox of ['INBOX', 'Junk', 'A', 'B']) found.push(...(await idsIn(box, mailbox)))
  t.diagnostic(`${brought.length} brought, ${submitted.length} submitted`)
  assert.ok(brought.length > 0 && submitted.length > 0)
  assert.deepEqual(found.toSorted(), brought.toSorted(), 'each letter in one mailbox')
  for (let tries = 0; tries < 500 && left().length < submitted.length; tries++) await sleep(20)
  assert.deepEqual(
    left()
      .map(({ text }) => id(text))
      .toSorted(),
    submitted.toSorted(),
    'each submitted letter has left once',
  )
  for (const { text } of left()) {
    const selectors = [...text.matchAll(/^DKIM-Signature:[^]*?\bs=(one|two)([re]);/gim)].map(
      ([, stem, end]) => `${stem}${end}`,
    )
    assert.deepEqual(
      selectors.map(one => one.at(-1) ?? '').toSorted(),
      ['e', 'r'],
      `one signature of each kind: ${selectors.join()}`,
    )
  }
}

/** In so many lines at once until the time is over; what was given. */
async function whileTime(
  bed: Bed,
  lines: number,
  act: (number: number, bed: Bed) => Promise<string | undefined>,
): Promise<readonly string[]> {
  const given: string[] = []
  let number = 0
  const line = async () => {
    while (performance.now() < bed.until) {
      const one = await act(number++, bed)
      if (one !== undefined) given.push(one)
    }
  }
  await Promise.all(Array.from({ length: lines }, line))
  return given
}

async function bring(number: number, { box }: Bed): Promise<string | undefined> {
  await using wire = await Wire.open(box.port('mx'))
  await wire.reply()
  for (const line of ['EHLO mx.internet.test', `MAIL FROM:<a${number}@internet.test>`, `RCPT TO:<${hanako}>`])
    assert.match(await wire.say(line), /^250/, line)
  await wire.say('DATA')
  const text = `From: a@internet.test\r\nTo: ${hanako}\r\nSubject: parcel\r\nDate: Mon, 23 Nov 2026 02:00:00 +0000\r\nMessage-ID: <in${number}@x.test>\r\n\r\nA parcel ${number}\r\n.`
  assert.match(await wire.say(text), /^250 /)
  return `in${number}`
}

async function submit(number: number, { box }: Bed): Promise<string | undefined> {
  await using wire = await Wire.openTls(box.port('submissions'))
  await wire.reply()
  for (const line of [
    'EHLO laptop',
    `AUTH PLAIN ${plain(hanako, password)}`,
    `MAIL FROM:<${hanako}>`,
    'RCPT TO:<kei@example.org>',
  ])
    assert.match(await wire.say(line), /^2/, line)
  await wire.say('DATA')
  const text = `From: ${hanako}\r\nTo: kei@example.org\r\nDate: Mon, 23 Nov 2026 02:00:00 +0000\r\nMessage-ID: <out${number}@home.test>\r\n\r\nHello\r\n.`
  assert.match(await wire.say(text), /^250 /)
  return `out${number}`
}

async function rotate({ folder }: Bed, stem: string): Promise<void> {
  for (const end of ['r', 'e']) await admin(folder, 'dkim.activate', { domain: 'home.test', selector: `${stem}${end}` })
}

/** Another script is active all the time, or none. */
async function scripts({ box, until }: Bed): Promise<void> {
  await using wire = await Wire.open(box.port('managesieve'))
  const ok = () => wire.read(/^(?:OK|NO|BYE).*\r\n/m)
  await ok()
  wire.send('STARTTLS')
  await ok()
  await wire.secure()
  await ok()
  wire.send(`AUTHENTICATE "PLAIN" "${plain(hanako, password)}"`)
  assert.match(await ok(), /OK/)
  for (let number = 0; performance.now() < until; number++) {
    const text = `require "fileinto"; fileinto "${number % 2 === 0 ? 'A' : 'B'}";`
    for (const line of [
      `PUTSCRIPT "s${number % 3}" "${text.replaceAll('"', '\\"')}"`,
      `SETACTIVE "s${number % 3}"`,
      ...(number % 5 === 4 ? ['SETACTIVE ""', 'DELETESCRIPT "s0"', 'DELETESCRIPT "s1"', 'DELETESCRIPT "s2"'] : []),
    ]) {
      wire.send(line)
      const answer = await ok()
      assert.ok(/^OK/m.test(answer) || line.startsWith('DELETE'), `${line}: ${answer}`)
    }
  }
  wire.send('SETACTIVE ""')
  await ok()
}

async function mailboxes(box: Running): Promise<void> {
  await using imap = await openImap(box)
  for (const name of ['A', 'B']) await imap.ask(`CREATE ${name}`)
}

/** Two clients that do not agree: one moves into Junk, one out of it. */
async function moveJunk(number: number, { box }: Bed): Promise<undefined> {
  await using imap = await openImap(box)
  const [from, to] = number % 2 === 0 ? ['INBOX', 'Junk'] : ['Junk', 'INBOX']
  for (let round = 0; round < 5; round++) {
    await imap.ask(`SELECT ${from}`)
    await imap.ask(`MOVE 1:5 ${to}`)
  }
  return undefined
}

async function idsIn(box: Running, mailbox: string): Promise<readonly string[]> {
  await using imap = await openImap(box)
  await imap.ask(`SELECT ${mailbox}`)
  const answer = await imap.ask('FETCH 1:* (BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])')
  return [...answer.matchAll(/Message-ID: <(.*?)@/gi)].map(([, found = '']) => found)
}
