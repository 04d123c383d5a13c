import assert from 'node:assert/strict'
import test from 'node:test'
import type { Envelope, RecipientResult } from '#formats/envelope.ts'
import { memorySource } from '#formats/message-source.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import type { Transport } from '#mail/transport.ts'
import { firstThatAnswers } from './fall-back.ts'

const message = memorySource(Buffer.from('Subject: x\r\n\r\n'))
const taken: RecipientResult = { status: 'delivered', reply: smtpReply(250, '2.0.0', 'Taken') }

function envelope(...addresses: string[]): Envelope {
  const recipients = addresses.map(address => ({ address }))
  return { reversePath: 'a@home.test', recipients, body: '7BIT', smtpUtf8: false }
}

/** Whom the second upstream was asked for. */
async function asked(...first: RecipientResult[]): Promise<{ to: string[]; results: readonly RecipientResult[] }> {
  const to: string[] = []
  const second: Transport = async given => {
    to.push(...given.recipients.map(({ address }) => address))
    return given.recipients.map(() => taken)
  }
  const addresses = first.map((_, at) => `r${at}@internet.test`)
  const chain = firstThatAnswers([async () => first, second])
  return { to, results: await chain(envelope(...addresses), message, AbortSignal.timeout(5000)) }
}

const deferred = (code: number, enhanced: string, text: string): RecipientResult => ({
  status: 'deferred',
  reply: smtpReply(code, enhanced, text),
})

const upstreams = [
  deferred(451, '4.4.1', 'Cannot reach smtp.internet.test: ECONNREFUSED'),
  {
    ...deferred(451, '4.7.0', 'smtp.internet.test refuses our login: 535 5.7.8 Bad credentials'),
    unreached: true,
  } as const,
  deferred(451, '4.0.0', 'Authentication failed: Maximum credits exceeded'),
  deferred(421, '4.7.0', 'Too many connections'),
  deferred(451, '4.3.0', 'Internal error'),
  deferred(451, '4.7.5', 'TLS with smtp.internet.test failed'),
]
for (const result of upstreams)
  test(`the next is asked after ${result.reply.code} ${result.reply.lines[0]}`, async () =>
    assert.deepEqual((await asked(result)).to, ['r0@internet.test']))

const messages = [
  taken,
  { status: 'failed', reply: smtpReply(550, '5.1.1', 'No such user') } as const,
  { status: 'failed', reply: smtpReply(554, '5.7.1', 'Spam') } as const,
  deferred(452, '4.2.2', 'Mailbox full'),
  deferred(450, '4.7.1', 'Greylisted'),
  deferred(450, '4.1.1', 'No such user for now'),
  { ...deferred(451, '4.4.2', 'Lost after the message'), unsure: true } as const,
]
for (const result of messages)
  test(`what is said of the message stands: ${result.reply.code} ${result.reply.lines[0]}`, async () => {
    const { to, results } = await asked(result)
    assert.deepEqual(to, [])
    assert.deepEqual(results, [result])
  })

test('each recipient for itself', async () => {
  const { to, results } = await asked(taken, deferred(451, '4.4.1', 'Gone'), deferred(452, '4.2.2', 'Full'))
  assert.deepEqual(to, ['r1@internet.test'])
  assert.deepEqual(
    results.map(({ reply }) => reply.code),
    [250, 250, 452],
  )
})
