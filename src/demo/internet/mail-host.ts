/** A mail server of the pretend internet: answers as its people do, remembers what it got, and lets some of them write back. */
import { randomUUID } from 'node:crypto'
import type { EnvelopeRecipient } from '#formats/envelope.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { smtpReply, type SmtpReply } from '#formats/smtp-reply.ts'
import type { MessageReceiver } from '#mail/receiving.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { mannerOf } from './people.ts'

export type ArrivedLetter = {
  readonly reversePath: string
  readonly recipient: string
  readonly bytes: Buffer
  readonly at: number
}

export type MailHost = {
  readonly arrived: readonly ArrivedLetter[]
  /** What the answer to RCPT is, counting the attempts */
  recipient(address: string): SmtpReply
  take(letter: ArrivedLetter): void
}

/** The demo is for looking at, not for keeping: the newest letters stay. */
const keptLetters = 5_000
const largestLetterBytes = 64 * 1024 * 1024

export function createMailHost(options: { onLetter: (letter: ArrivedLetter) => void }): MailHost {
  const arrived: ArrivedLetter[] = []
  const attempts = new Map<string, number>()
  return {
    arrived,
    recipient(address) {
      const count = (attempts.get(address) ?? 0) + 1
      if (attempts.size > keptLetters) attempts.clear()
      attempts.set(address, count)
      return mannerOf(localpartOf(address)).atRecipient(count)
    },
    take(letter) {
      arrived.push(letter)
      if (arrived.length > keptLetters) arrived.shift()
      options.onLetter(letter)
    },
  }
}

/** What its SMTP server asks. `accepts` decides who may send (the relay has its own rule). */
export function receiverOf(
  host: MailHost,
  accepts: (reversePath: string) => SmtpReply | undefined = () => undefined,
): MessageReceiver {
  return {
    begin(session, envelope) {
      const refusal = accepts(envelope.reversePath)
      if (refusal) return Promise.resolve({ kind: 'refused', reply: refusal })
      const recipients: EnvelopeRecipient[] = []
      return Promise.resolve({
        kind: 'open',
        reply: smtpReply(250, '2.1.0', 'Sender ok'),
        transaction: {
          recipient(recipient) {
            const reply = host.recipient(recipient.address)
            if (reply.code < 300) recipients.push(recipient)
            return Promise.resolve(reply)
          },
          async message(source, signal) {
            const bytes = await wholeOf(source)
            await sleep(Math.max(0, ...recipients.map(recipient => slownessOf(recipient.address))), undefined, {
              signal,
            })
            for (const recipient of recipients)
              host.take({ reversePath: envelope.reversePath, recipient: recipient.address, bytes, at: Date.now() })
            const reply = smtpReply(250, '2.0.0', `Ok: queued as ${randomUUID().slice(0, 8)}`)
            return { reply, results: recipients.map(() => ({ status: 'delivered' as const, reply })) }
          },
          settle() {},
        },
      })
    },
  }
}

function slownessOf(address: string): number {
  return mannerOf(localpartOf(address)).slowMs ?? 0
}

export function localpartOf(address: string): string {
  return address.slice(0, address.lastIndexOf('@'))
}

async function wholeOf(source: MessageSource): Promise<Buffer> {
  if (source.sizeBytes > largestLetterBytes) throw new Error('The letter is larger than this host takes')
  const chunks: Uint8Array[] = []
  for await (const chunk of source.open()) chunks.push(chunk)
  return Buffer.concat(chunks)
}
