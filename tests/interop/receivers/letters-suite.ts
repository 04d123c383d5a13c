/** What a letter and its envelope become at a real server to which they go straight. */
import assert from 'node:assert/strict'
import test from 'node:test'
import { internationalLetter, japaneseLetter, largeLetter, smallLetter } from '../letters.ts'
import { eventually } from '../../support/peers.ts'
import { putBefore } from '../mailbox.ts'
import type { Bench } from './bench.ts'
import { faces } from './world.ts'

const notify = { success: true, failure: true, delay: false }

export function lettersSuite(bench: () => Bench): void {
  /** All commands about it, in one text */
  const said = (sent: Parameters<Bench['heardOf']>[0]) =>
    bench()
      .heardOf(sent)
      .map(({ command }) => command)
      .join('\n')

  test('letters arrive unchanged, over TLS, in chunks and pipelined', async () => {
    const { world, sender, arrives } = bench()
    const domain = world.domain('modern', faces.mx)
    const { domain: watched, proxy } = await bench().proxied('watched', 'plain', {})
    for (const letter of [smallLetter(), japaneseLetter(), largeLetter(1_000_000)]) {
      const sent = await sender.send(`${letter.mark}@${domain}`, { letter })
      // both servers write a maildir with LF
      const mail = Buffer.from((await arrives(sent)).replaceAll('\n', '\r\n'))
      assert.match(putBefore(mail, sent.letter.bytes) ?? '', /^Return-path: <hanako@home\.test>/i)
      assert.match(said(sent), /^STARTTLS\n[^]*^MAIL FROM:<hanako@home\.test> SIZE=\d+ BODY=8BITMIME$/m)
      assert.match(said(sent), /^BDAT \d+ LAST$/m)
    }
    await arrives(await sender.send(`aki@${watched}`))
    assert.equal(proxy.pipelined, true)
  })

  test('to an old server one command at a time, by DATA', async () => {
    const { domain, proxy } = await bench().proxied('old-watched', 'old', {})
    const letter = japaneseLetter()
    const sent = await bench().sender.send(`aki@${domain}`, { letter })
    const mail = Buffer.from((await bench().arrives(sent)).replaceAll('\n', '\r\n'))
    assert.ok(putBefore(mail, sent.letter.bytes) !== undefined)
    assert.equal(proxy.pipelined, false)
    assert.deepEqual(
      proxy.heard.map(command => command.split(/[ :]/)[0]),
      ['EHLO', 'MAIL', 'RCPT', 'DATA', 'QUIT'].slice(0, proxy.heard.length),
    )
  })

  test('DSN parameters go with it, and the server reports the delivery by them', async () => {
    const { world, sender, arrives, receiver } = bench()
    const to = `aki@${world.domain('dsn', faces.mx)}`
    const dsn = { dsnEnvelopeId: 'envelope-8', dsnReturn: 'HDRS' } as const
    const recipients = [{ address: to, notify, originalRecipient: 'rfc822;first@internet.test' }]
    const sent = await sender.send(to, { envelope: { ...dsn, recipients } })
    await arrives(sent)
    assert.match(said(sent), /^MAIL FROM:<hanako@home\.test>.* RET=HDRS ENVID=envelope-8$/m)
    assert.match(said(sent), /^RCPT TO:<.*> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;first@internet\.test$/m)
    const isReport = (mail: string) => /^Original-Envelope-ID: envelope-8/im.test(mail)
    const report = await eventually('the report', () => receiver.mail().find(isReport))
    assert.match(report, /^Original-Recipient: rfc822; ?first@internet\.test/im)
    assert.match(report, /^Action: delivered/m)
  })

  test('a server without DSN: we report that it was relayed there; NOTIFY=NEVER: no report of a refusal', async () => {
    const { world, sender, copies } = bench()
    const domain = world.domain('no-dsn', faces.old)
    const relayed = await sender.send(`aki@${domain}`, {
      envelope: { recipients: [{ address: `aki@${domain}`, notify }] },
    })
    const never = { address: `refused.never@${domain}`, notify: { never: true } } as const
    const silent = await sender.send(never.address, { envelope: { recipients: [never] } })
    const [report] = await eventually('the report', async () => {
      const found = await sender.reports(relayed)
      return found.length > 0 && found
    })
    assert.match(report ?? '', /^Action: relayed\r$/m)
    assert.equal(copies(relayed).length, 1)
    assert.doesNotMatch(said(relayed), /NOTIFY|ORCPT/)
    await sender.left(silent)
    assert.deepEqual(await sender.reports(silent), [])
  })

  test('SMTPUTF8: taken where it is offered; elsewhere an IDN domain goes in A-labels, the rest comes back (5.6.7)', async () => {
    const { world, sender, arrives, comesBack } = bench()
    const letter = internationalLetter()
    const sent = await sender.send(`花子@${world.domain('utf8', faces.mx)}`, { letter, envelope: { smtpUtf8: true } })
    await arrives(sent)
    assert.match(said(sent), /^MAIL FROM:<hanako@home\.test>.* SMTPUTF8$/m)
    const old = world.domain('xn--r8jz45g', faces.old)
    const labels = await sender.send(`aki@例え.internet.test`, { envelope: { smtpUtf8: true } })
    await eventually('it is there', () => bench().copies(labels).length === 1)
    for (const [to, what] of [
      [`花子@${old}`, smallLetter()],
      [`aki@${old}`, internationalLetter()],
    ] as const) {
      const back = await sender.send(to, { letter: what, envelope: { smtpUtf8: true } })
      await comesBack(back, /^Status: 5\.6\.7\r$/m)
    }
  })

  test('refused for now at RCPT and after the letter: it waits with their words, and arrives once at the next try', async () => {
    const { world, sender, arrives } = bench()
    const domain = world.domain('greylists', faces.mx)
    const grey = await sender.send(`grey.${bench().kind.name}@${domain}`)
    const full = await sender.send(`full.${bench().kind.name}@${domain}`)
    assert.match(await sender.waits(grey, /Greylisted, come again/), /"code":45[01]/)
    assert.match(await sender.waits(full, /Mailbox full/), /"code":45[012]/)
    for (const sent of [grey, full]) await sender.retry(sent)
    for (const sent of [grey, full]) await arrives(sent)
  })

  test('refused for good at RCPT and after the letter: one report in their words; the others of one letter get it', async () => {
    const { world, sender, comesBack, copies } = bench()
    const domain = world.domain('refuses', faces.mx)
    const recipients = ['aki', 'refused.one', 'ken'].map(name => ({ address: `${name}@${domain}` }))
    const mixed = await sender.send(`aki@${domain}`, { envelope: { recipients } })
    const unwanted = await sender.send(`unwanted.one@${world.domain('reads-first', faces.mx)}`)
    await comesBack(unwanted, /^Diagnostic-Code: smtp; 550 5\.7\.1 [^]*Not such a letter/m)
    const [report, ...more] = await eventually('the report', async () => {
      const found = await sender.reports(mixed)
      return found.length > 0 && found
    })
    assert.match(report ?? '', /^Final-Recipient: rfc822; ?refused\.one@/m)
    assert.match(report ?? '', /Nobody of that name/)
    assert.doesNotMatch(report ?? '', /^Final-Recipient: .*(?:aki|ken)@/m)
    assert.equal(more.length, 0)
    await eventually('both have it', () => /aki@[^]*ken@/.test([...copies(mixed)].sort().join('')))
    assert.equal(copies(mixed).length, 2)
    assert.match(said(mixed), /^MAIL [^]*\nRCPT [^]*\nRCPT [^]*\nRCPT [^]*\nBDAT [^]*$/m)
    assert.equal(said(mixed).split('MAIL FROM').length, 2, 'one letter for all of them')
  })

  test('a letter larger than the server takes comes back, and the server hears nothing of it', async () => {
    const { domain, proxy } = await bench().proxied('small-mailboxes', 'old', {})
    const sent = await bench().sender.send(`aki@${domain}`, { letter: largeLetter(300_000) })
    await bench().comesBack(sent, /^Status: 5\.3\.4\r$/m, /takes messages of at most 204800 octets/)
    assert.ok(proxy.heard.every(command => /^(?:EHLO|RSET|QUIT)/.test(command)))
  })

  test('a server that takes a second for its answers gets it once, and others do not wait for it', async () => {
    const { world, sender, arrives, receiver } = bench()
    const slow = await sender.send(`aki@${world.domain('takes-its-time', faces.slow)}`)
    const swift = await sender.send(`aki@${world.domain('swift', faces.mx)}`)
    for (const sent of [swift, slow]) await arrives(sent)
    const order = receiver.heard().map(({ command }) => command)
    const at = ({ to }: typeof slow) => order.findIndex(command => command.startsWith(`RCPT TO:<${to}>`))
    assert.ok(at(swift) < at(slow))
  })
}
