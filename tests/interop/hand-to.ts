/** Hands a letter to a server on this machine by our own SMTP client. */
import assert from 'node:assert/strict'
import type { Envelope, RecipientResult } from '#formats/envelope.ts'
import { memorySource } from '#formats/message-source.ts'
import { smtpTransport, type TransportOptions } from '#protocols/smtp/transport.ts'
import type { TestLetter } from './letters.ts'

/** One result per recipient. Without TLS and login unless `how` says so. */
export async function handOver(
  port: number,
  letter: TestLetter,
  envelope: Partial<Envelope> = {},
  how: Partial<TransportOptions> = {},
): Promise<readonly RecipientResult[]> {
  await using transport = smtpTransport({
    server: { host: 'localhost', port },
    helo: 'desk.stranger.test',
    tls: { mode: 'none' },
    ...how,
  })
  const whole: Envelope = {
    reversePath: 'stranger@stranger.test',
    recipients: [{ address: 'hanako@home.test' }],
    body: '8BITMIME',
    smtpUtf8: false,
    ...envelope,
  }
  return transport(whole, memorySource(letter.bytes), AbortSignal.timeout(30_000))
}

/** The same, and all must be taken. */
export async function handTo(...args: Parameters<typeof handOver>): Promise<void> {
  for (const { status, reply } of await handOver(...args)) assert.equal(status, 'delivered', JSON.stringify(reply))
}
