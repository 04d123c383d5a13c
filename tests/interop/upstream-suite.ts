/** What every relay of others and our outbound queue do to each other, by login over verified TLS; whichever relay it is. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import type { Envelope } from '#formats/envelope.ts'
import type { Box } from '../support/box.ts'
import { eventually } from '../support/peers.ts'
import { handTo } from './hand-to.ts'
import {
  fromHanako,
  internationalLetter,
  japaneseLetter,
  largeLetter,
  smallLetter,
  type TestLetter,
} from './letters.ts'
import { arrived, type MailboxAt, putBefore } from './mailbox.ts'

export type UpstreamBench = {
  readonly home: Box
  readonly inbox: MailboxAt
  readonly submissions: number
  /** The relay's log, with the commands that it heard */
  log(): string
  /** Copies that ended at the relay, without its own reports */
  relayed(letter: TestLetter): readonly Buffer[]
}

/** Hands it in as a mail program does: a login over verified TLS. */
export async function submit(
  { inbox, submissions }: UpstreamBench,
  letter: TestLetter,
  to = 'aki@internet.test',
  envelope: Partial<Envelope> = {},
): Promise<void> {
  await handTo(
    submissions,
    fromHanako(letter),
    { reversePath: inbox.user, recipients: [{ address: to }], ...envelope },
    {
      tls: { mode: 'required', from: 'start', ca: readFileSync(inbox.ca, 'utf8') },
      login: { username: inbox.user, password: inbox.password },
    },
  )
}

export async function there({ relayed }: UpstreamBench, letter: TestLetter): Promise<Buffer> {
  return await eventually('it is there', () => relayed(letter)[0])
}

export function said({ log }: UpstreamBench, pattern: RegExp): void {
  assert.ok(pattern.test(log()), `${pattern} is not in its log`)
}

export function upstreamSuite(bench: () => UpstreamBench): void {
  test('letters arrive there unchanged behind their trace fields, by login over verified TLS', async () => {
    for (const letter of [smallLetter(), japaneseLetter(), largeLetter(2_000_000)]) {
      await submit(bench(), letter)
      // both relays write a maildir with LF
      const mail = (await there(bench(), letter)).toString('latin1').replaceAll('\n', '\r\n')
      const trace = putBefore(Buffer.from(mail, 'latin1'), fromHanako(letter).bytes)
      assert.match(trace ?? '', /^Return-path: <hanako@home\.test>/i)
      assert.match(trace ?? '', /by mail\.home\.test[^]*with ESMTPSA/)
      assert.doesNotMatch(trace ?? '', /desk|127\.0\.0\.1\]\)\s+by mail\.home\.test/, 'the client stays between us')
    }
  })

  test('what our client says: STARTTLS, SIZE, 8BITMIME, CHUNKING', () => {
    said(bench(), /STARTTLS/)
    said(bench(), /MAIL FROM:<hanako@home\.test> SIZE=\d+ BODY=8BITMIME/)
    said(bench(), /BDAT \d{7} LAST/)
  })

  test('addresses and header fields in UTF-8 go with SMTPUTF8', async () => {
    const letter = internationalLetter()
    await submit(bench(), letter, '花子@internet.test', { smtpUtf8: true })
    await there(bench(), letter)
    said(bench(), /MAIL FROM:<hanako@home\.test>.* SMTPUTF8/)
    said(bench(), /RCPT TO:<花子@internet\.test>/)
  })

  test('DSN parameters are passed on, for whoever delivers to report', async () => {
    const letter = smallLetter()
    const notify = { success: true, failure: true, delay: false }
    await submit(bench(), letter, '', {
      dsnEnvelopeId: 'envelope-8',
      dsnReturn: 'HDRS',
      recipients: [{ address: 'aki@internet.test', notify, originalRecipient: 'rfc822;first@internet.test' }],
    })
    await there(bench(), letter)
    said(bench(), /MAIL FROM:<hanako@home\.test>.* RET=HDRS ENVID=envelope-8/)
    said(bench(), /RCPT TO:<aki@internet\.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;first@internet\.test/)
  })

  test('a refused recipient comes back to the sender as a report with the words of the relay', async () => {
    const letter = smallLetter()
    await submit(bench(), letter, 'refused@internet.test')
    const [report] = await arrived(bench().inbox, letter.mark)
    assert.match(report?.toString() ?? '', /Diagnostic-Code: smtp; 550 5\.1\.1 [^]*Nobody of that name/)
    assert.match(report?.toString() ?? '', /Final-Recipient: rfc822;\s*refused@internet\.test/)
  })

  test('a deferred recipient waits, and the queue says why', async () => {
    await submit(bench(), smallLetter(), 'later@internet.test')
    const list = await eventually('its reason is there', async () => {
      const text = await bench().home.command(['queue', 'ls', '--json'])
      return text.includes('Try later') && text
    })
    assert.match(list, /later@internet\.test/)
    assert.match(list, /45[01]/)
  })
}
