import assert from 'node:assert/strict'
import test from 'node:test'
import { causeOf, causeTexts, type ReplyCause } from './reply-cause.ts'

/** As real servers say it. */
const answers: readonly (readonly [number, string, string, ReplyCause | undefined])[] = [
  [250, '2.0.0', 'OK', undefined],
  [450, '4.2.0', '<a@b>: Recipient address rejected: Greylisted', 'greylisted'],
  [451, '4.7.1', 'Greylisting in action, please come back later', 'greylisted'],
  [450, '4.7.1', 'Try again in 300 seconds', 'greylisted'],
  [421, '4.7.0', 'Too many concurrent SMTP connections', 'slow-down'],
  [421, '4.7.28', 'Gmail has detected an unusual rate of unsolicited mail', 'slow-down'],
  [451, '4.7.652', 'The mail server has exceeded the maximum number of connections', 'slow-down'],
  [452, '4.2.2', 'The email account that you tried to reach is over quota', 'mailbox-full'],
  [552, '5.2.2', 'Mailbox size limit exceeded', 'mailbox-full'],
  [550, '', 'Mailbox is full', 'mailbox-full'],
  [550, '5.1.1', 'The email account that you tried to reach does not exist', 'no-such-user'],
  [550, '', 'Invalid recipient <x@docomo.ne.jp>', 'no-such-user'],
  [550, '', 'Unknown user kdi@ezweb.ne.jp', 'no-such-user'],
  [550, '5.1.2', 'There is no such mail domain as nowhere.test', 'no-such-domain'],
  [556, '5.1.10', 'example.org takes no mail (null MX)', 'no-such-domain'],
  [550, '5.2.1', 'The email account that you tried to reach is disabled', 'disabled'],
  [552, '5.3.4', 'Message size exceeds fixed limit', 'too-large'],
  [554, '5.4.6', 'Too many hops', 'loop'],
  [550, '5.7.30', 'REQUIRETLS support required', 'tls'],
  [
    550,
    '5.7.26',
    'Unauthenticated email from home.test is not accepted due to domain’s DMARC policy',
    'authentication',
  ],
  [554, '5.7.1', 'Service unavailable; client host blocked using a block list', 'spam'],
  [550, '5.7.1', 'Relaying denied', 'policy'],
  [550, '5.6.7', 'mx.test does not take internationalized mail (SMTPUTF8)', 'content'],
  [451, '4.4.1', 'Cannot reach mx.test: ECONNREFUSED', 'busy'],
  [554, '', 'No', undefined],
]

for (const [code, enhanced, text, expected] of answers)
  test(`${code} ${enhanced} ${text}: ${expected ?? 'nothing is known'}`, () =>
    assert.equal(causeOf({ code, ...(enhanced !== '' && { enhanced }), lines: [text] }), expected))

test('each cause has its sentence in both languages', () => {
  for (const text of Object.values(causeTexts)) {
    assert.match(text.en, /\.$/)
    assert.match(text.ja, /。$/)
  }
})
