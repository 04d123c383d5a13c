// Every letter of the corpus, and some large ones: in by SMTP at the gateway, through home into the store, read back by IMAP
// (imapflow) and POP3. What follows our trace block is what was sent, octet for octet.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import test from 'node:test'
import { ImapFlow } from 'imapflow'
import { makeCertificates, startBox } from '../support/box.ts'
import { freePorts, temporaryFolder } from '../support/peers.ts'
import { corpus } from './suite.ts'
import { dotted, openWire, type Wire } from './wire.ts'

type Sent = { readonly name: string; readonly bytes: Buffer }

const user = 'hanako@home.test'
const password = 'courier of the corpus'
/** RFC 5321 §2.3.8: CR and LF only as CRLF. Their makers wrote these so. */
const refusedFiles = [
  'mail-auth/resources/dkim2/expected/simple-rsa1024.eml',
  'mail-parser/resources/eml/legacy/049.eml',
]

const yaml = (at: { folder: string; mx: number; imaps: number; pop3s: number }) => `
role: both
hostname: mail.home.test
dns: { servers: ['127.0.0.1:1'] }
data: ${at.folder}/data
listen:
  - { service: mx, address: 127.0.0.1, port: ${at.mx} }
  - { service: imaps, address: 127.0.0.1, port: ${at.imaps} }
  - { service: pop3s, address: 127.0.0.1, port: ${at.pop3s} }
tls:
  certificates:
    - { cert: ${at.folder}/tls/mail.crt, key: ${at.folder}/tls/mail.key }
home:
  recipientsFile: ${at.folder}/recipients.json
`

test('the corpus passes through the store byte-identical', { timeout: 240_000 }, async t => {
  await using scope = new AsyncDisposableStack()
  const folder = temporaryFolder(scope, 'vectors')
  const ports = await freePorts('mx', 'imaps', 'pop3s')
  const { ca } = await makeCertificates(folder)
  const box = await startBox(scope, { folder, name: 'both', yaml: yaml({ folder, ...ports }) })
  await box.command(['domain', 'add', 'home.test'])
  await box.command(['user', 'add', user, '--password-stdin'], password)
  const letters = [...corpusLetters(), ...largeLetters()]
  const refused: string[] = []
  const sent: Sent[] = []
  using wire = await openWire(ports.mx)
  assert.match(await wire.say('EHLO mx.internet.test'), /^250 /)
  for (const letter of letters) {
    const reply = await send(wire, letter.bytes)
    if (reply.startsWith('250 ')) sent.push(letter)
    else refused.push(`${letter.name}: ${reply}`)
  }
  t.diagnostic(`${sent.length} taken, ${refused.length} refused:\n${refused.join('\n')}`)
  assert.deepEqual(
    refused.map(line => line.replace(/: .*/s, '')),
    refusedFiles,
  )
  const certificate = readFileSync(ca, 'utf8')
  const byImap = await readByImap(ports.imaps, certificate)
  const byPop3 = await readByPop3(ports.pop3s, certificate)
  assert.deepEqual(byImap.map(hash), byPop3.map(hash), 'both protocols show the same octets in the same order')
  assert.equal(byImap.length, sent.length)
  for (const [index, { name, bytes }] of sent.entries()) {
    const stored = byImap[index] ?? Buffer.alloc(0)
    const tail = stored.subarray(Math.max(0, stored.length - bytes.length))
    assert.ok(tail.equals(bytes), `${name} is not what was sent`)
    assertTrace(name, stored.subarray(0, stored.length - bytes.length))
  }
})

/** CRLF line ends, the last line ended: as a mail program would hand it to SMTP. A CR alone stays. */
function corpusLetters(): Sent[] {
  const root = corpus.pathname
  return globSync(`${root}**/*.eml`)
    .sort()
    .map(file => {
      const text = readFileSync(file, 'latin1').replaceAll(/(?<!\r)\n/g, '\r\n')
      const whole = text.endsWith('\r\n') ? text : `${text}\r\n`
      return { name: relative(root, file), bytes: Buffer.from(whole, 'latin1') }
    })
}

/** Past every size at which storage changes its way: in memory, in a file of its own, in pieces. */
function largeLetters(): Sent[] {
  return [1_048_000, 1_048_577, 5_000_001, 9_000_003].map(sizeBytes => {
    const head = `Subject: ${sizeBytes} octets\r\nContent-Type: application/octet-stream\r\n\r\n`
    const line = `.${'0123456789abcdef\x80\xff'.repeat(4)}\r\n`
    const body = line.repeat(Math.ceil(sizeBytes / line.length)).slice(0, sizeBytes - head.length - 2)
    return { name: `${sizeBytes} octets`, bytes: Buffer.from(`${head}${body.replace(/\r$/, 'x')}\r\n`, 'latin1') }
  })
}

async function send(wire: Wire, bytes: Buffer): Promise<string> {
  await wire.say('MAIL FROM:<vectors@internet.test> BODY=8BITMIME')
  const recipient = await wire.say(`RCPT TO:<${user}>`)
  assert.match(recipient, /^250 /)
  assert.match(await wire.say('DATA'), /^354 /)
  await wire.write(dotted(bytes))
  return await wire.reply()
}

async function readByImap(port: number, ca: string): Promise<Buffer[]> {
  const auth = { user, pass: password }
  const client = new ImapFlow({ host: 'localhost', port, secure: true, auth, tls: { ca }, logger: false })
  await client.connect()
  try {
    await client.mailboxOpen('INBOX', { readOnly: true })
    const messages = await client.fetchAll('1:*', { source: true })
    return messages.sort((a, b) => a.seq - b.seq).map(({ source }) => source ?? Buffer.alloc(0))
  } finally {
    await client.logout()
  }
}

async function readByPop3(port: number, ca: string): Promise<Buffer[]> {
  using wire = await openWire(port, ca)
  await wire.say(`USER ${user}`)
  assert.match(await wire.say(`PASS ${password}`), /^\+OK/)
  const count = Number(/^\+OK (\d+)/.exec(await wire.say('STAT'))?.[1])
  const messages: Buffer[] = []
  for (let number = 1; number <= count; number++) {
    assert.match(await wire.say(`RETR ${number}`), /^\+OK/)
    messages.push(await wire.message())
  }
  await wire.say('QUIT')
  return messages
}

function assertTrace(name: string, block: Buffer): void {
  const names = [...block.toString('latin1').matchAll(/^([!-9;-~]+):/gm)].map(([, field]) => field)
  assert.equal(names[0], 'Return-Path', `${name}: ${block.toString('latin1')}`)
  for (const field of names)
    assert.match(field ?? '', /^(Return-Path|Delivered-To|Received|Authentication-Results|X-Hikyaku-Junk)$/, name)
}

function hash(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
