import assert from 'node:assert/strict'
import test from 'node:test'
import { utf8 } from '#base/bytes.ts'
import type { EnvelopeRecipient, RecipientResult } from '#formats/envelope.ts'
import { memorySource } from '#formats/message-source.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import type { DeliveryId } from '../ids.ts'
import { successReport } from './success-report.ts'

const success = { success: true, failure: false, delay: false }
const delivered: RecipientResult = { status: 'delivered', reply: smtpReply(250, '2.0.0', 'Saved') }
const deferred: RecipientResult = { status: 'deferred', reply: smtpReply(451, '4.3.0', 'Later') }

function reportOn(
  outcomes: readonly [EnvelopeRecipient, RecipientResult][],
  reversePath = 'a@internet.test',
  hash = new Uint8Array(32),
) {
  return successReport({
    id: 'demo.1.1' as DeliveryId,
    envelope: { reversePath, recipients: outcomes.map(([recipient]) => recipient), body: '7BIT', smtpUtf8: false },
    received: memorySource(utf8('Subject: x\r\n\r\n')),
    hash,
    at: 1_790_000_000_000,
    outcomes: outcomes.map(([recipient, result]) => ({ recipient, result })),
  })
}

test('only those who were delivered and asked for it', () => {
  const report = reportOn([
    [{ address: 'silent@home.test' }, delivered],
    [{ address: 'never@home.test', notify: { never: true } }, delivered],
    [{ address: 'later@home.test', notify: success }, deferred],
    [{ address: 'told@home.test', notify: success }, delivered],
  ])
  assert.deepEqual(
    report?.recipients.map(({ position, recipient }) => [position, recipient.address]),
    [[3, 'told@home.test']],
  )
})

test('nobody is told of a report, or of nothing', () => {
  const told = { address: 'told@home.test', notify: success }
  assert.equal(reportOn([[told, delivered]], ''), undefined)
  assert.equal(reportOn([[told, deferred]]), undefined)
  assert.equal(reportOn([]), undefined)
})

test('the same delivery makes the same report, other recipients of it another', () => {
  const one = { address: 'one@home.test', notify: success }
  const two = { address: 'two@home.test', notify: success }
  const first = reportOn([
    [one, delivered],
    [two, deferred],
  ])
  assert.equal(first?.group, reportOn([[one, delivered]])?.group)
  assert.notEqual(first?.group, reportOn([[two, delivered]])?.group)
})

// A gateway that was set up anew counts its ids from the beginning again: the queue took its first reports for old ones.
test('another message under the same delivery id makes another report', () => {
  const told: [EnvelopeRecipient, RecipientResult] = [{ address: 'told@home.test', notify: success }, delivered]
  const first = reportOn([told])
  assert.notEqual(first?.group, reportOn([told], 'a@internet.test', new Uint8Array(32).fill(1))?.group)
  assert.equal(first?.group, reportOn([told])?.group)
})
