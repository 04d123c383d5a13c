/** What the tests of the clients share: a message, an envelope, a way to the bench. */
import type { Envelope } from '#formats/envelope.ts'
import { memorySource } from '#formats/message-source.ts'
import type { TlsPolicy } from './client.ts'
import type { SmtpBench } from './smtp.testbed.ts'

export const message = memorySource(Buffer.from('Subject: x\r\n\r\n.dot\r\nlast line without end'))
export const signal = () => AbortSignal.timeout(10_000)

export function envelopeTo(recipients: readonly string[], more: Partial<Envelope> = {}): Envelope {
  return {
    reversePath: 'a@home.test',
    recipients: recipients.map(address => ({ address })),
    body: '8BITMIME',
    smtpUtf8: false,
    ...more,
  }
}

export const opportunistic: TlsPolicy = { mode: 'opportunistic', plainFallback: true }

export async function toBench(bench: SmtpBench, tls: TlsPolicy = opportunistic) {
  const listener = await bench.listen()
  return { server: { host: '127.0.0.1', port: listener.port }, helo: 'me.home.test', tls }
}
