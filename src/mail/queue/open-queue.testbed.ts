/** A queue in a folder of its own, what goes into it, and what becomes of that. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { utf8 } from '#base/bytes.ts'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import type { Envelope, RecipientResult } from '#formats/envelope.ts'
import { memorySource } from '#formats/message-source.ts'
import { smtpReply } from '#formats/smtp-reply.ts'
import { silentEvents } from '../events.ts'
import type { DeliveryId } from '../ids.ts'
import type { Transport } from '../transport.ts'
import { openQueue, type QueueOptions } from './open-queue.ts'
import type { NewEntry } from './queue.ts'

export const delivered: RecipientResult = { status: 'delivered', reply: smtpReply(250, '2.0.0', 'Stored') }
export const busy: RecipientResult = { status: 'deferred', reply: smtpReply(452, '4.2.2', 'Mailbox full') }
export const away: RecipientResult = { status: 'deferred', reply: smtpReply(451, '4.4.1', 'No connection') }
export const unknown: RecipientResult = { status: 'failed', reply: smtpReply(550, '5.1.1', 'No such user') }
export const dayMs = 24 * 3600 * 1000

export async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'hikyaku-queue-'))
  t.after(() => rm(path, { recursive: true, force: true, maxRetries: 10 }))
  return path
}

export function queueIn(path: string, transport: Transport, options: Partial<QueueOptions> = {}) {
  return openQueue({
    file: join(path, 'queue.db'),
    spoolFolder: join(path, 'spool'),
    name: 'hold',
    destinationOf: (_, recipient) => recipient.slice(recipient.lastIndexOf('@') + 1),
    transportFor: () => transport,
    clock: systemClock,
    log: silentLog,
    events: silentEvents,
    diskReserveBytes: 0,
    policy: { firstRetryMs: 30, maxRetryMs: 100, jitter: 0 },
    ...options,
  })
}

export function entry(id: string, recipients: readonly string[], change: Partial<NewEntry> = {}): NewEntry {
  const now = Date.now()
  return {
    id: id as DeliveryId,
    envelope: envelopeTo(recipients),
    trace: utf8('Received: from a.example by mx.home.test\r\n'),
    message: memorySource(utf8('Subject: hello\r\n\r\nText\r\n')),
    facts: '{}',
    fingerprint: utf8(id.padEnd(32, '.')),
    receivedAt: now,
    expiresAt: now + 30 * dayMs,
    ...change,
  }
}

export function envelopeTo(recipients: readonly string[]): Envelope {
  const list = recipients.map(address => ({ address }))
  return { reversePath: 'aki@internet.test', recipients: list, body: '8BITMIME', smtpUtf8: false }
}

export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (await condition()) return
    await pause(10)
  }
  assert.fail(`Waited in vain: ${what}`)
}

export async function bytesOf(source: { open(): AsyncIterable<Uint8Array> }): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source.open()) chunks.push(chunk)
  return Buffer.concat(chunks)
}
