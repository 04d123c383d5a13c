import assert from 'node:assert/strict'
import test from 'node:test'
import type { RecipientResult } from '#formats/envelope.ts'
import { memorySource } from '#formats/message-source.ts'
import type { SmtpReply } from '#formats/smtp-reply.ts'
import { meaningOf, neverBounceOurFault } from './reply-meaning.ts'

const reply = (line: string): SmtpReply => {
  const [, code, enhanced, text] = /^(\d{3}) (?:(\d\.\d+\.\d+) )?(.*)$/.exec(line) ?? []
  return { code: Number(code), ...(enhanced && { enhanced }), lines: [text ?? ''] }
}

const cases: readonly (readonly [string, string | undefined])[] = [
  [
    '550 The from address does not match a verified Sender Identity. Mail cannot be sent until this error is resolved.',
    'UP-SENDER',
  ],
  ['451 Authentication failed: Maximum credits exceeded', 'UP-QUOTA'],
  ['535 Authentication failed: The provided authorization grant is invalid, expired, or revoked', 'UP-AUTH'],
  ['535 5.7.8 Bad username / password', 'UP-AUTH'],
  ['554 5.7.8 Authentication credentials invalid', 'UP-AUTH'],
  ['530 5.7.0 Authentication required', 'UP-AUTH'],
  ['550 5.1.1 No such user', undefined],
  ['552 5.2.2 Mailbox quota of this user is used up', undefined],
  ['554 5.7.1 Message looks like spam', undefined],
  ['250 2.0.0 Ok: credits exceeded', undefined],
]

for (const [line, code] of cases)
  test(`${code ?? 'of the message'}: ${line}`, () => assert.equal(meaningOf(reply(line))?.code, code))

test('our fault is never a bounce, and the words stay', async () => {
  const answers = ['550 not a verified Sender Identity', '550 5.1.1 No such user'].map(
    (line): RecipientResult => ({ status: 'failed', reply: reply(line) }),
  )
  const transport = neverBounceOurFault(async () => answers)
  const envelope = { reversePath: '', recipients: [], body: '7BIT', smtpUtf8: false } as const
  const results = await transport(envelope, memorySource(new Uint8Array(0)), new AbortController().signal)
  assert.deepEqual(results, [{ status: 'deferred', reply: answers[0]?.reply }, answers[1]])
})
