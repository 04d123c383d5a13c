/** Hands a letter to a server in the peers' part, by our own SMTP client: plain, on loopback. */
import assert from 'node:assert/strict'
import type { Envelope } from '#formats/envelope.ts'
import { memorySource } from '#formats/message-source.ts'
import { smtpTransport } from '#protocols/smtp/transport.ts'
import type { TestLetter } from './letters.ts'

export async function handTo(port: number, letter: TestLetter, envelope: Partial<Envelope> = {}): Promise<void> {
  await using transport = smtpTransport({
    server: { host: '127.0.0.1', port },
    helo: 'desk.stranger.test',
    tls: { mode: 'none' },
  })
  const whole: Envelope = {
    reversePath: 'stranger@stranger.test',
    recipients: [{ address: 'hanako@home.test' }],
    body: '8BITMIME',
    smtpUtf8: false,
    ...envelope,
  }
  const results = await transport(whole, memorySource(letter.bytes), AbortSignal.timeout(30_000))
  for (const result of results) assert.equal(result.status, 'delivered', JSON.stringify(result.reply))
}
