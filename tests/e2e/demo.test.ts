// The way of a letter through the running demo: in from the internet, out again, answers, bounces, the queue and the trace.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { createTransport } from 'nodemailer'
import type { StoredEvent } from '#mail/events.ts'
import { printReply } from '#formats/smtp-reply.ts'
import type { ListedEntry } from '#roles/admin-queue.ts'
import { isIdentical } from '../storm/ledger.ts'
import { type RunningDemo, startDemo } from '../support/demo.ts'
import {
  accountOf,
  awaitLetters,
  hikyaku,
  hikyakuJson,
  letterBytes,
  lettersIn,
  openMailbox,
  openSession,
  sendLetter,
  submit,
} from '../support/mail-clients.ts'
import { freeOffset } from '../support/ports.ts'

const folder = mkdtempSync(join(tmpdir(), 'hikyaku-e2e-'))
let demo: RunningDemo
before(async () => {
  demo = await startDemo({ folder, portOffset: await freeOffset() })
})
after(async () => {
  await demo?.stop()
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
})

const hanako = () => accountOf(demo.ready, 'hanako')
const mx = () => demo.ready.ports['mx'] ?? 0

test('a letter comes in over MX, gateway and home to IMAP, byte for byte, and the trace shows it on both boxes', async () => {
  const bytes = letterBytes('in-by-mx', 40_000)
  const sent = await sendLetter(mx(), { from: 'aki@internet.test', to: ['hanako@home.test'], bytes })
  assert.match(sent.reply, /^250 /)
  const letters = await awaitLetters(demo.ready, hanako(), '<in-by-mx@')
  assert.equal(letters.length, 1)
  assert.ok(letters[0] && isIdentical(letters[0], bytes))
  const about = '<in-by-mx@internet.test>'
  const gateway = await hikyakuJson<readonly StoredEvent[]>(demo, 'gateway', ['trace', about])
  const home = await hikyakuJson<readonly StoredEvent[]>(demo, 'home', ['trace', about])
  assert.ok(gateway.some(({ kind, reply }) => kind === 'received' && reply?.startsWith('250')))
  const delivered = home.find(({ kind }) => kind === 'delivered')
  assert.ok(delivered, 'home tells of the delivery')
  assert.ok(
    delivered.delivery && gateway.some(({ delivery }) => delivery === delivered.delivery),
    'one id on both boxes',
  )
  const shown = await hikyaku(demo, 'home', ['trace', about])
  assert.match(shown.stdout, /^home@mail\.home\.test/)
  assert.match(shown.stdout, /delivered/)
})

test('an address, its sub-addresses and postmaster take mail; relays and unknown names are refused', async () => {
  using session = await openSession(mx())
  await session.say('EHLO mx.internet.test')
  await session.say('MAIL FROM:<aki@internet.test>')
  assert.match(await session.say('RCPT TO:<hanako+letters@home.test>'), /^250 /)
  assert.match(await session.say('RCPT TO:<postmaster>'), /^250 /)
  assert.match(await session.say('RCPT TO:<nobody@home.test>'), /^550 5\.1\.1 /)
  assert.match(await session.say('RCPT TO:<victim@elsewhere.test>'), /^55\d 5\.7\.1 /)
  assert.match(await session.say('RCPT TO:<victim%elsewhere.test@home.test>'), /^55\d /)
  assert.match(await session.say('RCPT TO:<@home.test:victim@elsewhere.test>'), /^55\d /)
  assert.match(await session.say('RCPT TO:<hanako@home.test>'), /^250 /)
  await session.say('QUIT')
})

test('nobody sends through us without logging in', async () => {
  using submission = await openSession(demo.ready.ports['submission'] ?? 0)
  await submission.say('EHLO pc.home.test')
  assert.match(await submission.say('MAIL FROM:<hanako@home.test>'), /^530 /)
  using lmtp = await openSession(demo.ready.ports['lmtp'] ?? 0)
  await lmtp.say('LHLO mx.internet.test')
  assert.match(await lmtp.say('MAIL FROM:<aki@internet.test>'), /^[45]\d\d /)
})

test('Aki answers, and the letter lies in Sent once', async () => {
  assert.match(await submit(demo.ready, hanako(), 'aki@internet.test', 'how are you'), /^250 /)
  const answers = await awaitLetters(demo.ready, hanako(), 'Subject: Re: how are you')
  assert.equal(answers.length, 1)
  await using client = await openMailbox(demo.ready, hanako())
  const mailboxes = await client.list()
  const sentMailbox = mailboxes.find(({ specialUse }) => specialUse === '\\Sent')
  assert.ok(sentMailbox)
  const lock = await client.getMailboxLock(sentMailbox.path)
  try {
    const found = await client.search({ header: { subject: 'how are you' } })
    assert.equal(Array.isArray(found) ? found.length : 0, 1, 'one copy in Sent')
  } finally {
    lock.release()
  }
})

test('what Aki sends is hers, and Mallory is neither the bank nor the shop', async () => {
  assert.match(await submit(demo.ready, hanako(), 'aki@internet.test', 'is it you'), /^250 /)
  const [answer = Buffer.alloc(0)] = await awaitLetters(demo.ready, hanako(), 'Subject: Re: is it you')
  assert.match(
    answer.toString().replace(/\r\n[ \t]/g, ' '),
    /^Authentication-Results: mx\.home\.test;.* spf=pass smtp\.mailfrom=aki@internet\.test; dkim=pass header\.d=internet\.test .*; dmarc=pass /m,
  )
  assert.match(await submit(demo.ready, hanako(), 'mallory@internet.test', 'who are you'), /^250 /)
  const junk = await pathOf('\\Junk')
  assert.equal((await awaitLetters(demo.ready, hanako(), 'Subject: You have won', { mailbox: junk })).length, 1)
  const about = await hikyakuJson<readonly StoredEvent[]>(demo, 'gateway', ['trace', 'mallory@internet.test'])
  const refused = about.find(({ kind }) => kind === 'refused')
  assert.equal(refused?.reply, '550 5.7.1 Refused by the DMARC policy of bank.example')
  assert.equal(refused?.detail?.['dmarc'], 'fail bank.example p=reject')
  for (const letter of [...(await lettersIn(demo.ready, hanako())), ...(await lettersIn(demo.ready, hanako(), junk))])
    assert.doesNotMatch(letter.toString(), /Your account is locked/)
})

async function pathOf(specialUse: string): Promise<string> {
  await using client = await openMailbox(demo.ready, hanako())
  const found = (await client.list()).find(mailbox => mailbox.specialUse === specialUse)
  assert.ok(found)
  return found.path
}

test('a bounce comes back as a delivery status notification with the remote words', async () => {
  assert.match(await submit(demo.ready, hanako(), 'bounce@internet.test', 'to nobody'), /^250 /)
  const [report, ...more] = await awaitLetters(demo.ready, hanako(), 'report-type=delivery-status')
  assert.ok(report)
  assert.equal(more.length, 0)
  const text = report.toString()
  assert.match(text, /^Return-Path: <>/m)
  assert.match(text, /Final-Recipient: rfc822; ?bounce@internet\.test/i)
  assert.match(text, /Diagnostic-Code: smtp; ?550[\s\S]{0,40}The email account that you tried to reach/i)
  assert.match(text, /Status: 5\.1\.1/)
  assert.match(text, /^Auto-Submitted: auto-replied/im)
})

test('a greylisted letter waits with the remote words, goes when it is tried again; a 451 goes on waiting', async () => {
  await submit(demo.ready, hanako(), 'greylist@internet.test', 'once more')
  await submit(demo.ready, hanako(), '451@internet.test', 'later')
  const greylisted = await waiting('greylist@internet.test')
  const refused = await waiting('451@internet.test')
  assert.match(greylisted.words, /^451 4\.7\.1 Greylisted, please come back in a moment/)
  assert.match(refused.words, /^451 4\.3\.0 Temporary local problem/)
  const shown = await hikyaku(demo, 'home', ['queue', 'show', refused.id])
  assert.match(shown.stdout, /Temporary local problem/)
  assert.equal((await hikyaku(demo, 'home', ['queue', 'retry', greylisted.id])).code, 0)
  await until(async () => (await arrivedAt('greylist@internet.test')) === 1)
  await until(async () => (await queued('greylist@internet.test')) === undefined)
  assert.ok(await queued('451@internet.test'), 'still there')
  assert.equal((await hikyaku(demo, 'home', ['queue', 'rm', refused.id])).code, 0)
  assert.equal(await queued('451@internet.test'), undefined)
})

async function queued(address: string): Promise<ListedEntry | undefined> {
  const entries = await hikyakuJson<readonly ListedEntry[]>(demo, 'home', ['queue', 'ls'])
  return entries.find(entry => entry.recipients.some(recipient => recipient.address === address))
}

async function waiting(address: string): Promise<{ readonly id: string; readonly words: string }> {
  let found: { id: string; words: string } | undefined
  await until(async () => {
    const entry = await queued(address)
    const last = entry?.recipients[0]?.last
    if (entry && last) found = { id: entry.id, words: printReply(last.reply) }
    return found !== undefined
  })
  assert.ok(found)
  return found
}

async function arrivedAt(address: string): Promise<number> {
  const { arrived } = await demo.control({ arrived: address })
  return Array.isArray(arrived) ? arrived.length : 0
}

async function until(reached: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!(await reached())) {
    if (Date.now() > deadline) throw new Error('It did not come to that within 30 s')
    await sleep(400)
  }
}

test('POP3 reads what IMAP reads', async () => {
  const bytes = letterBytes('by-pop3')
  await sendLetter(mx(), { from: 'aki@internet.test', to: ['taro@home.test'], bytes })
  const taro = accountOf(demo.ready, 'taro')
  await awaitLetters(demo.ready, taro, '<by-pop3@')
  const text = await overPop3([`USER ${taro.address}`, `PASS ${taro.password}`, 'STAT', 'LIST', 'UIDL', 'QUIT'])
  const count = Number(/^\+OK (\d+) \d+\r$/m.exec(text)?.[1])
  assert.ok(count > 0)
  const read = await overPop3([`USER ${taro.address}`, `PASS ${taro.password}`, `RETR ${count}`, 'QUIT'])
  const from = read.indexOf('Message-ID: <by-pop3@')
  assert.ok(from > 0)
  assert.ok(read.includes(`\r\n.\r\n`))
  assert.equal(unstuffed(read.slice(from, read.indexOf('\r\n.\r\n', from) + 2)), bytes.toString('latin1'))
})

function unstuffed(text: string): string {
  return text.replaceAll('\r\n..', '\r\n.')
}

/** Says the lines one after another, without waiting (RFC 2449 PIPELINING), and gives everything that came. */
function overPop3(lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const ca = readFileSync(demo.ready.ca)
    const socket = connectTls({ host: 'localhost', port: demo.ready.ports['pop3s'] ?? 0, ca })
    let text = ''
    socket.setTimeout(10_000, () => socket.destroy(new Error(`no answer after ${text}`)))
    socket.once('secureConnect', () => socket.write(`${lines.join('\r\n')}\r\n`))
    socket.on('data', chunk => (text += chunk.toString('latin1')))
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
  })
}

test('Bcc is seen by its writer alone: in the one copy in Sent, nowhere on the way', async () => {
  const taro = accountOf(demo.ready, 'taro')
  const bcc = /^Bcc: Taro <taro@home\.test>,\r\n bounce@internet\.test\r$/m
  for (const clientFirst of [false, true]) {
    const mark = clientFirst ? 'blind-after' : 'blind-before'
    const raw = blindCopy(mark)
    if (clientFirst) await fileInSent(raw)
    await submitRaw(raw, ['aki@internet.test', taro.address, 'bounce@internet.test'], mark)
    const [atTaro] = await awaitLetters(demo.ready, taro, `<${mark}@home.test>`)
    const [report] = await awaitLetters(demo.ready, hanako(), `Original-Envelope-Id: ${mark}`)
    await until(async () => (await atInternet('aki@internet.test', mark)).length > 0)
    for (const seen of [atTaro, report, ...(await atInternet('aki@internet.test', mark))]) {
      assert.ok(seen && seen.includes(`Subject: ${mark}\r\n`))
      assert.doesNotMatch(seen.toString(), /^bcc:/im)
      assert.doesNotMatch(seen.toString().slice(seen.indexOf(`Subject: ${mark}`)), /taro@|bounce@/)
    }
    // the copy is filed when the entry has left
    await until(async () => (await queued('aki@internet.test')) === undefined)
    const inSent = async () =>
      (await lettersIn(demo.ready, hanako(), await sentMailbox())).filter(letter =>
        letter.includes(`<${mark}@home.test>`),
      )
    await until(async () => (await inSent()).length > 0)
    if (!clientFirst) {
      const [filed, ...more] = await inSent()
      assert.equal(more.length, 0)
      assert.match(filed?.toString() ?? '', bcc)
      await fileInSent(raw)
    }
    const [copy, ...others] = await inSent()
    assert.equal(others.length, 0, 'the copy that a client files itself and ours are one')
    assert.match(copy?.toString() ?? '', bcc)
  }
})

function blindCopy(mark: string): Buffer {
  const bcc = 'Bcc: Taro <taro@home.test>,\r\n bounce@internet.test\r\n'
  const rest = `Message-ID: <${mark}@home.test>\r\nTo: aki@internet.test\r\n${bcc}Subject: ${mark}\r\n\r\nno reply\r\n`
  return Buffer.from(`From: hanako@home.test\r\nDate: Mon, 23 Nov 2026 09:00:00 +0900\r\n${rest}`)
}

/** As it is written, Bcc and all; a failure gives the whole message back. */
async function submitRaw(raw: Buffer, to: readonly string[], mark: string): Promise<void> {
  const transport = createTransport({
    host: 'localhost',
    port: demo.ready.ports['submissions'] ?? 0,
    secure: true,
    auth: { user: hanako().address, pass: hanako().password },
    tls: { ca: readFileSync(demo.ready.ca, 'utf8') },
  })
  const dsn = { id: mark, return: 'full', notify: ['failure'], recipient: hanako().address } as const
  await transport.sendMail({
    envelope: { from: hanako().address, to: [...to] },
    raw,
    dsn: { ...dsn, notify: [...dsn.notify] },
  })
  transport.close()
}

async function sentMailbox(): Promise<string> {
  await using client = await openMailbox(demo.ready, hanako())
  const mailboxes = await client.list()
  return mailboxes.find(({ specialUse }) => specialUse === '\\Sent')?.path ?? 'no Sent'
}

async function fileInSent(raw: Buffer): Promise<void> {
  const path = await sentMailbox()
  await using client = await openMailbox(demo.ready, hanako())
  await client.append(path, raw, ['\\Seen'])
}

async function atInternet(address: string, mark: string): Promise<readonly Buffer[]> {
  const { arrived } = await demo.control({ arrived: address })
  const letters = arrived as readonly { readonly message: string }[]
  return letters.map(({ message }) => Buffer.from(message, 'base64')).filter(letter => letter.includes(mark))
}
