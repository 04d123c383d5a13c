/** A real outbound queue and submission for the tests of JMAP, whose letters go nowhere but into a list. */
import { join } from 'node:path'
import { asciiText } from '#base/bytes.ts'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import type { Envelope } from '#formats/envelope.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import type { Directory } from '#mail/directory.ts'
import { type Events, silentEvents } from '#mail/events.ts'
import { openQueue } from '#mail/queue/open-queue.ts'
import type { Scripts } from '#mail/scripts.ts'
import { createSubmissionReceiver } from '#mail/submit.ts'
import type { Sending } from './sending.ts'

export type OutboundBed = {
  readonly left: { readonly to: string; readonly from: string; readonly text: string }[]
  /** What was said with them; one may have several recipients */
  readonly envelopes: Envelope[]
  /** Letters to `slow@…` leave from now on. */
  letGo(): void
  /** Copies for the Sent mailbox */
  readonly copies: string[]
}

/** Who is written to as `later@…` is not reached at first, as `nobody@…` never; letters to `slow@…` wait for `letGo`. */
export async function openOutboundBed(
  folder: string,
  events: Events = silentEvents,
): Promise<OutboundBed & AsyncDisposable & { sendingOf(directory: Directory, scripts: Scripts): Sending }> {
  const left: OutboundBed['left'] = []
  const envelopes: Envelope[] = []
  const copies: string[] = []
  const slow = Promise.withResolvers<void>()
  const queue = await openQueue({
    file: join(folder, 'outbound.db'),
    spoolFolder: join(folder, 'spool'),
    name: 'outbound',
    destinationOf: (_, recipient) => recipient,
    transportFor: destination => async (envelope, whole) => {
      if (destination.startsWith('slow@')) await slow.promise
      if (destination.startsWith('nobody@'))
        return envelope.recipients.map(() => ({ status: 'failed', reply: smtpReply(550, '5.1.1', 'Nobody') }))
      if (destination.startsWith('later@'))
        return envelope.recipients.map(() => ({ status: 'deferred', reply: smtpReply(451, '4.3.0', 'Later') }))
      const text = await textOf(whole.open())
      envelopes.push(envelope)
      for (const { address } of envelope.recipients) left.push({ to: address, from: envelope.reversePath, text })
      return envelope.recipients.map(() => ({ status: 'delivered', reply: smtpReply(250, '2.0.0', 'OK') }))
    },
    fileSentCopy: async (_, __, message) => void copies.push(await textOf(message.open())),
    report: () => Promise.resolve(),
    clock: systemClock,
    log: silentLog,
    events,
    diskReserveBytes: 0,
  })
  return {
    letGo: slow.resolve,
    left,
    envelopes,
    copies,
    sendingOf: (directory, scripts) => ({
      directory,
      queue,
      scripts,
      sieve: { maxScriptBytes: 100_000, maxRedirects: 4 },
      maxRecipients: 3,
      maxSize: 100_000,
      maxDelayMs: 86_400_000,
      receiver: createSubmissionReceiver({
        name: 'home',
        boot: 1,
        hostname: 'home.test',
        directory,
        queue,
        fingerprintKey: new Uint8Array(32),
        clock: systemClock,
        log: silentLog,
        events,
        sizeLimitBytes: 100_000,
        maxRecipients: 3,
      }),
    }),
    [Symbol.asyncDispose]: () => queue[Symbol.asyncDispose](),
  }
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  for await (const chunk of chunks) text += asciiText(chunk)
  return text
}
