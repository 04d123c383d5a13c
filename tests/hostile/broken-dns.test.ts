// The name server is dead, slow or lying while many strangers write at once: each of them is answered within the time set, nobody is judged
// by what could not be found out, and the users' own mail goes on.
import assert from 'node:assert/strict'
import test from 'node:test'
import { hanako, password } from '../scenarios/boxes.ts'
import { pretendRelay } from '../scenarios/pretend-relay.ts'
import { folderOf, type Running, serve } from '../scenarios/running.ts'
import { withUser } from '../support/administer.ts'
import { plain, Wire } from '../scenarios/wire.ts'
import { type Breakage, startBrokenNameServer } from './broken-name-server.ts'

const strangers = Number(process.env['HOSTILE_STRANGERS'] ?? 20)
/** What is set below takes 2 s (RCPT, the judgement, home); the rest is for a busy machine. Without deadlines nobody would be answered */
const answeredWithinMs = 45_000

const nothingKnown: readonly Breakage[] = ['silent', 'late', 'servfail', 'refused', 'truncated', 'other-id', 'rubbish']

test('many strangers at once while the name server is broken in many ways', async t => {
  await using names = await startBrokenNameServer()
  const relay = await pretendRelay(t)
  const folder = await folderOf(t)
  const yaml = `role: both
hostname: mx.home.test
data: ./data
dns: { servers: ['127.0.0.1:${names.port}'] }
tls: { localCa: true, names: [127.0.0.1] }
listen:
  - { service: mx, address: 127.0.0.1, port: 0, proxy: [127.0.0.1] }
  - { service: imap, address: 127.0.0.1, port: 0, loginWithoutTls: true }
  - { service: submissions, address: 127.0.0.1, port: 0 }
home: { recipientsFile: ./data/recipients.json }
gateway:
  recipientsFile: ./data/recipients.json
  checks: { greetingDelay: 0s, dnsTimeout: 700ms, authenticity: { within: 700ms }, denyLists: [{ zone: bl.test, action: reject }] }
outbound:
  upstreams:
    - { name: relay, host: 127.0.0.1, port: ${relay.port}, tls: none-on-loopback-only }
`
  const box = await serve(t, { folder, yaml, before: file => withUser(file, hanako, password) })
  for (const [round, breakage] of [...nothingKnown, 'many-records' as const].entries()) {
    names.breakage = breakage
    const numbers = Array.from({ length: strangers }, (_, at) => round * strangers + at)
    const [answers] = await Promise.all([
      Promise.all(numbers.map(number => letterOf(box, number, breakage))),
      submitted(box),
    ])
    // a greylisting answer is one too: of those whose names lead nowhere something is known
    const wanted = breakage === 'many-records' ? /^(?:250|451 4\.7\.1) / : /^250 /
    assert.deepEqual(
      answers.filter(({ reply, ms }) => !wanted.test(reply) || ms > answeredWithinMs),
      [],
      breakage,
    )
  }
  assert.equal(relay.received.length, nothingKnown.length + 1, 'what users sent has left')
  await judgedAsUnknown(box)
})

/** From a network and domains of its own, signed by a third */
async function letterOf(box: Running, number: number, breakage: Breakage) {
  const since = performance.now()
  const domain = `${breakage}${number}.test`
  await using wire = await Wire.open(box.port('mx'))
  wire.send(`PROXY TCP4 203.0.${number >> 8}.${number & 255} 203.0.113.1 4321 25`)
  await wire.reply(60_000)
  let reply = ''
  for (const line of [`EHLO ${domain}`, `MAIL FROM:<aki@${domain}>`, `RCPT TO:<${hanako}>`, 'DATA']) {
    wire.send(line)
    reply = await wire.reply(60_000)
    if (!/^[23]/.test(reply)) return { reply, ms: performance.now() - since }
  }
  const signature = `DKIM-Signature: v=1; a=rsa-sha256; d=${domain}; s=s; h=from; c=relaxed/relaxed; bh=AAAA; b=AAAA`
  wire.send(
    `From: aki@${domain}\r\nSubject: ${breakage}\r\nMessage-ID: <${number}@x.test>\r\n${signature}\r\n\r\nHello\r\n.`,
  )
  return { reply: await wire.reply(60_000), ms: performance.now() - since }
}

async function submitted(box: Running): Promise<void> {
  const since = performance.now()
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
  assert.match(await wire.say(`From: ${hanako}\r\nTo: kei@example.org\r\n\r\nHello\r\n.`), /^250 /)
  assert.ok(performance.now() - since < 30_000, 'a user waited')
}

/** RFC 8601 §2.7: temperror, not fail and not none */
async function judgedAsUnknown(box: Running): Promise<void> {
  await using imap = await Wire.open(box.port('imap'))
  for (const [tag, command] of [
    ['a', `LOGIN ${hanako} ${password}`],
    ['b', 'SELECT INBOX'],
    ['c', 'FETCH 1:* (BODY.PEEK[HEADER.FIELDS (AUTHENTICATION-RESULTS SUBJECT)])'],
  ] as const) {
    imap.send(`${tag} ${command}`)
    const answer = await imap.read(new RegExp(`^${tag} OK .*\\r\\n`, 'm'), 60_000)
    if (tag !== 'c') continue
    for (const letter of answer.split(/^\* (?=\d+ FETCH )/m).slice(1)) {
      const breakage = /^Subject: (\S+)/m.exec(letter)?.[1]
      if (!nothingKnown.some(one => one === breakage)) continue
      const results = [...letter.matchAll(/(?<!\.)\b(spf|dkim|dmarc|iprev)=(\w+)/g)].map(
        ([, method, result]) => `${method}=${result}`,
      )
      assert.deepEqual(
        results.toSorted(),
        ['dkim=temperror', 'dmarc=temperror', 'iprev=temperror', 'spf=temperror'],
        letter,
      )
    }
  }
}
