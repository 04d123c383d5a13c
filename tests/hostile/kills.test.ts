// Killed without warning while everything small is written: refused mail that is kept, pauses and counts, DKIM keys, greylist, what is learnt
// from junk. Each start succeeds, and what was answered is there, once. HOSTILE_KILLS strikes (2).
import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { hanako, password } from '../scenarios/boxes.ts'
import { pretendRelay } from '../scenarios/pretend-relay.ts'
import { folderOf, type Running, serve, until } from '../scenarios/running.ts'
import { withUser } from '../support/administer.ts'
import { plain, Wire } from '../scenarios/wire.ts'
import { seededRandom } from '../support/random.ts'
import { admin } from './admin.ts'
import { openImap } from './imap.ts'

const kills = Number(process.env['HOSTILE_KILLS'] ?? 2)
const random = seededRandom(Number(process.env['HOSTILE_SEED'] ?? 1))
const testString = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'

/** What was answered, and so must be there */
const answered = {
  refused: new Set<string>(),
  taken: new Set<string>(),
  submitted: new Set<string>(),
  selectors: new Set<string>(),
  moved: new Set<string>(),
  /** Undefined: an answer was cut off */
  paused: false as boolean | undefined,
}
let number = 0

test('killed again and again while pauses, keys, refused mail and lessons are written', async t => {
  const relay = await pretendRelay(t)
  const folder = await folderOf(t)
  const yaml = `role: both
hostname: mx.home.test
data: ./data
dns: { servers: ['127.0.0.1:1'] }
tls: { localCa: true, names: [127.0.0.1] }
listen:
  - { service: mx, address: 127.0.0.1, port: 0, proxy: [127.0.0.1] }
  - { service: imap, address: 127.0.0.1, port: 0, loginWithoutTls: true }
  - { service: submissions, address: 127.0.0.1, port: 0 }
home: { recipientsFile: ./data/recipients.json, content: { rejectFrom: 50 } }
gateway:
  recipientsFile: ./data/recipients.json
  checks: { greetingDelay: 0s, greylist: unknown, greylistDelay: 1ms, connectionsPerMinute: 100000, dnsTimeout: 100ms, authenticity: { within: 100ms } }
outbound:
  upstreams:
    - { name: relay, host: 127.0.0.1, port: ${relay.port}, tls: none-on-loopback-only }
`
  let isFirst = true
  const start = () => {
    const before = isFirst ? (file: string) => withUser(file, hanako, password) : async () => undefined
    isFirst = false
    return serve(t, { folder, yaml, before })
  }
  for (let strike = 0; strike < kills; strike++) {
    const box = await start()
    await stillThere(box, folder)
    const killed = sleep(600 + random.integer(1_500)).then(() => box.child.kill('SIGKILL'))
    await Promise.all([refusedLetters, letters, submissions, pauses, keys, lessons].map(act => act(box, folder)))
    await killed
    await until('it is gone', () => box.child.signalCode !== null)
  }
  const box = await start()
  await stillThere(box, folder)
  await admin(folder, 'user.resume', { address: hanako })
  await until('what was submitted has left', async () => {
    await admin(folder, 'queue.retry', {})
    const left = new Set(relay.received.map(({ text }) => /^Message-ID: <(.*?)@/im.exec(text)?.[1]))
    return [...answered.submitted].every(id => left.has(id))
  })
  await learntAsItLies(box, folder)
  assert.equal(await box.stop(), 0)
  for (const name of readdirSync(join(folder, 'data'), { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.db') || name.endsWith('lock.db')) continue
    using database = new DatabaseSync(join(folder, 'data', name))
    assert.deepEqual({ ...database.prepare('PRAGMA integrity_check').get() }, { integrity_check: 'ok' }, name)
  }
  const { refused, taken, submitted, selectors, moved } = answered
  t.diagnostic(
    `${refused.size} refused, ${taken.size} taken, ${submitted.size} submitted, ${selectors.size} keys, ${moved.size} moved; ${relay.received.length} left`,
  )
})

/** Does it until the server is gone. */
async function untilKilled(box: Running, act: () => Promise<void>): Promise<void> {
  while (box.child.exitCode === null && box.child.signalCode === null)
    try {
      await act()
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error
      await sleep(20)
    }
}

async function handIn(box: Running, id: string, body: string): Promise<string> {
  await using wire = await Wire.open(box.port('mx'))
  // each comes from a network of its own
  wire.send(`PROXY TCP4 203.${random.integer(250)}.${random.integer(250)}.10 203.0.113.1 4321 25`)
  await wire.reply()
  for (const line of ['EHLO mx.internet.test', `MAIL FROM:<${id}@internet.test>`]) await wire.say(line)
  for (let tries = 0; tries < 3 && (await wire.say(`RCPT TO:<${hanako}>`)).startsWith('451'); tries++) await sleep(5)
  if (!(await wire.say('DATA')).startsWith('354')) return ''
  return await wire.say(
    `From: ${id}@internet.test\r\nTo: ${hanako}\r\nSubject: ${id}\r\nDate: Mon, 23 Nov 2026 02:00:00 +0000\r\nMessage-ID: <${id}@internet.test>\r\n\r\n${body}\r\n.`,
  )
}

const refusedLetters = (box: Running) =>
  untilKilled(box, async () => {
    const id = `refused${++number}`
    if ((await handIn(box, id, testString)).startsWith('550')) answered.refused.add(id)
  })

const letters = (box: Running) =>
  untilKilled(box, async () => {
    const id = `letter${++number}`
    if ((await handIn(box, id, `Hello ${id}, a parcel is on its way`)).startsWith('250')) answered.taken.add(id)
  })

const submissions = (box: Running) =>
  untilKilled(box, async () => {
    const id = `submitted${++number}`
    await using wire = await Wire.openTls(box.port('submissions'))
    await wire.reply()
    for (const line of ['EHLO laptop', `AUTH PLAIN ${plain(hanako, password)}`]) await wire.say(line)
    for (const line of [`MAIL FROM:<${hanako}>`, 'RCPT TO:<kei@example.org>', 'DATA']) await wire.say(line)
    const text = `From: ${hanako}\r\nTo: kei@example.org\r\nMessage-ID: <${id}@internet.test>\r\nDate: Mon, 23 Nov 2026 02:00:00 +0000\r\n\r\nHello\r\n.`
    if ((await wire.say(text)).startsWith('250')) answered.submitted.add(id)
  })

const pauses = (box: Running, folder: string) =>
  untilKilled(box, async () => {
    const wanted = answered.paused !== true
    answered.paused = undefined
    await admin(folder, wanted ? 'user.pause' : 'user.resume', { address: hanako })
    answered.paused = wanted
    await sleep(30)
  })

const keys = (box: Running, folder: string) =>
  untilKilled(box, async () => {
    const selector = `k${++number}`
    // RSA keys take a while, and a domain has a bound
    const domain = `d${number}.test`
    const { result } = await admin(folder, 'dkim.create', { domain, selector })
    if (Array.isArray(result)) answered.selectors.add(`${domain} ${selector}r`).add(`${domain} ${selector}e`)
    await sleep(200)
  })

/** Moves what lies in the inbox to Junk, and some of it back. */
async function lessons(box: Running): Promise<void> {
  await untilKilled(box, async () => {
    await using imap = await openImap(box)
    for (;;) {
      await imap.ask('SELECT INBOX')
      const there = await imap.ask('FETCH 1:3 (BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])')
      const ids = [...there.matchAll(/Message-ID: <(letter\d+)@/gi)].map(([, id = '']) => id)
      if (/^\S+ OK/m.test(await imap.ask('MOVE 1:3 Junk'))) for (const id of ids) answered.moved.add(id)
      await sleep(30)
    }
  })
}

async function idsIn(box: Running, mailbox: string): Promise<readonly string[]> {
  await using imap = await openImap(box)
  await imap.ask(`SELECT ${mailbox}`)
  const answer = await imap.ask('FETCH 1:* (BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])')
  return [...answer.matchAll(/Message-ID: <(.*?)@/gi)].map(([, id = '']) => id)
}

async function stillThere(box: Running, folder: string): Promise<void> {
  // notices of pauses come twice, to the user and to the postmaster
  const all = [...(await idsIn(box, 'INBOX')), ...(await idsIn(box, 'Junk'))].filter(id => id.startsWith('letter'))
  assert.equal(new Set(all).size, all.length, 'nothing twice')
  assert.deepEqual(
    [...answered.taken].filter(id => !all.includes(id)),
    [],
    'nothing lost',
  )
  const junk = new Set(await idsIn(box, 'Junk'))
  assert.deepEqual(
    [...answered.moved].filter(id => !junk.has(id)),
    [],
    'what was moved',
  )
  const kept = ((await admin(folder, 'refused.list', { limit: 10_000 })).result as readonly { subject: string }[]).map(
    one => one.subject,
  )
  assert.equal(new Set(kept).size, kept.length, 'refused mail once')
  assert.deepEqual(
    [...answered.refused].filter(id => !kept.includes(id)),
    [],
    'refused mail is kept',
  )
  const shown = (await admin(folder, 'dkim.ls', {})).result as readonly { domain: string; selector: string }[]
  const names = new Set(shown.map(({ domain, selector }) => `${domain} ${selector}`))
  assert.deepEqual(
    [...answered.selectors].filter(name => !names.has(name)),
    [],
    'keys',
  )
  const paused = ((await admin(folder, 'user.paused', {})).result as readonly unknown[]).length === 1
  assert.ok(answered.paused === undefined || answered.paused === paused, 'the pause')
  answered.paused = paused
  assert.doesNotMatch(box.log(), /"level":"error"/)
}

/** What was moved to Junk counts once each, however often the thread that learns was killed. */
async function learntAsItLies(box: Running, folder: string): Promise<void> {
  await using imap = await openImap(box)
  await imap.ask('SELECT Junk')
  const answer = await imap.ask('FETCH 1:* (BODY.PEEK[HEADER.FIELDS (X-HIKYAKU-JUNK)])')
  // what the filter put there itself does not teach it
  const moved = answer
    .split(/^\* (?=\d+ FETCH)/m)
    .filter(one => one.includes('FETCH (') && !/X-Hikyaku-Junk: yes/i.test(one))
  let learnt = -1
  for (let tries = 0; tries < 200 && learnt !== moved.length; tries++) {
    const { result } = await admin(folder, 'junk.status', { address: hanako })
    learnt = (result as { readonly junk: number }).junk
    await sleep(20)
  }
  assert.equal(learnt, moved.length)
}
