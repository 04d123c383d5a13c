// RFC 9422 §4.3 and RFC 5321 §4.5.3.1.10: what LIMITS says is what is held to.
import test from 'node:test'
import { smtpBench } from '../../src/protocols/smtp/smtp.testbed.ts'
import { runTranscript } from '../support/transcript.ts'

const dialogue = `
S: /^220 /
C: EHLO x
S: 250-mx.home.test
S: /^250-PIPELINING/
S: /^250-SIZE/
S: /^250-ENH/
S: /^250-8BIT/
S: /^250-SMTPUTF8/
S: /^250-DSN/
S: /^250-CHUNKING/
S: 250-LIMITS RCPTMAX=2 MAILMAX=1000
S: 250 STARTTLS
C: MAIL FROM:<a@example.org>
S: /^250 2.1.0 /
C: RCPT TO:<b@home.test>
S: /^250 2.1.5 /
C: RCPT TO:<c@home.test>
S: /^250 2.1.5 /
C: RCPT TO:<d@home.test>
S: /^452 4.5.3 /
C: DATA
S: /^354 /
C: Subject: x
C: .
S: /^250 2.6.0 /
C: MAIL FROM:<a@example.org>
S: /^250 2.1.0 /
C: RCPT TO:<d@home.test>
S: /^250 2.1.5 /
C: QUIT
S: /^221 /
S$
`

test('RCPTMAX: one more is refused for now, and is welcome in the next transaction', { timeout: 30_000 }, async () => {
  await using bench = await smtpBench('mx', { maxRecipients: 2 })
  await runTranscript(dialogue, { connect: () => bench.session().client })
})
