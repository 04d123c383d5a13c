/** What every stranger's server and our MX do to each other, from there to home and back; whichever server it is. */
import assert from 'node:assert/strict'
import { join } from 'node:path'
import test from 'node:test'
import type { Envelope } from '#formats/envelope.ts'
import { type Box, makeCertificates, startBox } from '../support/box.ts'
import { eventually, fill, freePorts, temporaryFolder } from '../support/peers.ts'
import { handTo } from './hand-to.ts'
import { internationalLetter, japaneseLetter, largeLetter, smallLetter, type TestLetter } from './letters.ts'
import { arrived, type MailboxAt, messagesIn, putBefore } from './mailbox.ts'

export type Stranger = {
  readonly port: number
  /** The messages that ended there: reports to its people */
  mail(): readonly Buffer[]
  log(): string
  /** Resolves when it has nothing left to send */
  drained(): Promise<void>
}

export type StrangerBench = { readonly stranger: Stranger; readonly home: Box; readonly inbox: MailboxAt }

/** Gateway and home, and the stranger that `start` starts. `mx`: our port; `ca`: who vouches for it. */
export async function openStrangerBench(
  scope: AsyncDisposableStack,
  start: (values: { readonly mx: number; readonly ca: string }) => Promise<Stranger>,
): Promise<StrangerBench> {
  const folder = temporaryFolder(scope, 'stranger')
  const ports = await freePorts('mx', 'lmtp', 'imaps')
  const certificates = await makeCertificates(folder)
  const stranger = await start({ mx: ports.mx, ca: certificates.ca })
  const values = { ...ports, ...certificates, folder, stranger: stranger.port }
  const yaml = (name: string) => fill(join(import.meta.dirname, `stranger-${name}.yaml`), values)
  const home = await startBox(scope, { folder, name: 'home', yaml: yaml('home') })
  await home.command(['domain', 'add', 'home.test'])
  await home.command(['user', 'add', 'hanako@home.test', '--password-stdin'], 'sakura-no-michi-7\n')
  await startBox(scope, { folder, name: 'gateway', yaml: yaml('gateway') })
  const inbox = { port: ports.imaps, ca: certificates.ca, user: 'hanako@home.test', password: 'sakura-no-michi-7' }
  return { stranger, home, inbox }
}

/** The first of the stranger's own messages about a letter */
export async function reportOn({ stranger }: StrangerBench, { mark }: TestLetter): Promise<string> {
  return String(await eventually('the report', () => stranger.mail().find(mail => mail.includes(mark))))
}

/** `atOnce`: as many letters as it takes side by side */
export function strangerSuite(bench: () => StrangerBench, atOnce: number): void {
  const send = (letter: TestLetter, envelope: Partial<Envelope> = {}) => handTo(bench().stranger.port, letter, envelope)

  for (const [name, letter] of Object.entries({
    small: smallLetter(),
    'UTF-8 Japanese': japaneseLetter(),
    '2 MB': largeLetter(2_000_000),
  }))
    test(`a letter (${name}) arrives unchanged behind its trace fields`, async () => {
      await send(letter)
      const [stored, ...others] = await arrived(bench().inbox, letter.mark)
      assert.equal(others.length, 0)
      const trace = putBefore(stored ?? Buffer.alloc(0), letter.bytes)
      assert.ok(trace, 'the octets after our block are those that were sent')
      assert.match(trace, /^Return-Path: <stranger@stranger\.test>\r\nDelivered-To: hanako@home\.test\r\n/)
      assert.match(trace, /Received: from mail\.stranger\.test \(.*127\.0\.0\.1[^]*?with ESMTPS/)
    })

  test(`${atOnce} at once arrive once each`, async () => {
    const letters = Array.from({ length: atOnce }, smallLetter)
    await Promise.all(letters.map(letter => send(letter)))
    await eventually('all are there', async () => {
      const all = await messagesIn(bench().inbox)
      return letters.every(({ mark }) => all.some(message => message.includes(mark)))
    })
    const all = await messagesIn(bench().inbox)
    for (const { mark } of letters) assert.equal(all.filter(message => message.includes(mark)).length, 1, mark)
  })

  test('an unknown recipient is refused at RCPT and returned by the stranger, not by us', async () => {
    const letter = smallLetter()
    await send(letter, { recipients: [{ address: 'nobody@home.test' }] })
    const report = await reportOn(bench(), letter)
    assert.match(report, /in reply to RCPT TO command|RCPT TO:<nobody@home\.test>/)
    assert.match(report, /550[- ]5\.1\.1/)
  })

  test('one known and one unknown recipient in one transaction: the one gets it, the other is returned', async () => {
    const letter = largeLetter(100_000)
    await send(letter, { recipients: [{ address: 'nobody@home.test' }, { address: 'hanako@home.test' }] })
    const [stored] = await arrived(bench().inbox, letter.mark)
    assert.ok(putBefore(stored ?? Buffer.alloc(0), letter.bytes))
    assert.match(await reportOn(bench(), letter), /nobody@home\.test[^]*550[- ]5\.1\.1/)
  })

  test('UTF-8 header fields pass with SMTPUTF8; an unknown address in Japanese is unknown, and no syntax error', async () => {
    const letter = internationalLetter()
    await send(letter, { smtpUtf8: true, body: '8BITMIME' })
    const [stored] = await arrived(bench().inbox, letter.mark)
    assert.match(putBefore(stored ?? Buffer.alloc(0), letter.bytes) ?? '', /with UTF8/)
    const unknown = internationalLetter()
    await send(unknown, { smtpUtf8: true, body: '8BITMIME', recipients: [{ address: '花子@home.test' }] })
    assert.match(await reportOn(bench(), unknown), /550[- ]5\.1\.1/)
  })

  test('NOTIFY=SUCCESS is answered with one report of delivery', async () => {
    const letter = smallLetter()
    await send(letter, {
      dsnEnvelopeId: 'envelope-7',
      dsnReturn: 'HDRS',
      recipients: [{ address: 'hanako@home.test', notify: { success: true, failure: true, delay: false } }],
    })
    await arrived(bench().inbox, letter.mark)
    const isReport = (mail: Buffer) =>
      mail.includes('envelope-7') && /Action: (delivered|relayed)/.test(mail.toString())
    const report = await eventually('the report', () => bench().stranger.mail().find(isReport))
    assert.match(report.toString(), /Original-Envelope-Id: envelope-7/)
    assert.match(report.toString(), /Action: delivered/)
    assert.equal(bench().stranger.mail().filter(isReport).length, 1)
  })

  test('while home is away letters are taken at once, and arrive once when it is back', async () => {
    const { home, inbox, stranger } = bench()
    await home.stop()
    const letters = [smallLetter(), japaneseLetter(), largeLetter(200_000)]
    const begun = performance.now()
    for (const letter of letters) await send(letter)
    await stranger.drained()
    assert.ok(performance.now() - begun < 10_000)
    await home.start()
    for (const letter of letters) {
      const found = await arrived(inbox, letter.mark)
      assert.equal(found.length, 1)
      assert.ok(putBefore(found[0] ?? Buffer.alloc(0), letter.bytes))
    }
  })
}
