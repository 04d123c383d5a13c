/** What the tests of accounts share: a store in a temporary folder, letters, deliveries. */
import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { concatBytes, emptyBytes, utf8 } from '#base/bytes.ts'
import { systemClock } from '#base/clock.ts'
import { silentLog } from '#base/log.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import { type AccountsOptions, openAccounts, type OpenAccounts } from './accounts.ts'
import type { LocalDelivery } from './delivery.ts'
import type { AccountId, DeliveryId } from './ids.ts'

export function accountId(number: number): AccountId {
  const digits = 'abcdefghijklmnopqrstuvwxyz234567'
  let text = ''
  for (let rest = number; text.length < 16; rest = Math.floor(rest / 32)) text = (digits[rest % 32] ?? 'a') + text
  return text as AccountId
}

export function testOptions(folder: string, options: Partial<AccountsOptions> = {}): AccountsOptions {
  return { folder, log: silentLog, clock: systemClock, quotaOf: () => undefined, diskReserveBytes: 0, ...options }
}

export async function withAccounts(
  act: (accounts: OpenAccounts, folder: string) => Promise<void>,
  options: Partial<AccountsOptions> = {},
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hikyaku-accounts-'))
  try {
    await using accounts = await openAccounts(testOptions(folder, { writerThreads: 2, ...options }))
    await act(accounts, folder)
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

let letters = 0

export function letter(subject: string, body = 'Body\r\n', messageId = `${++letters}.test@example.org`): MessageSource {
  const head = `From: Aki <aki@internet.test>\r\nTo: hanako@home.test\r\nSubject: ${subject}\r\nMessage-ID: <${messageId}>\r\n`
  return memorySource(utf8(`${head}Date: Mon, 23 Nov 2026 02:00:00 +0000\r\n\r\n${body}`))
}

/** A message of this size whose bytes come in pieces, as from a file. */
export function largeLetter(sizeBytes: number): MessageSource {
  const head = utf8('From: aki@internet.test\r\nSubject: Large\r\nMessage-ID: <large@example.org>\r\n\r\n')
  const line = utf8(`${'x'.repeat(70)}\r\n`)
  const bytes = concatBytes([head, ...Array.from({ length: Math.ceil(sizeBytes / line.length) }, () => line)])
  return {
    sizeBytes: bytes.length,
    place: { kind: 'memory', bytes },
    async *open() {
      for (let from = 0; from < bytes.length; from += 65_536) yield bytes.subarray(from, from + 65_536)
    },
  }
}

/** The letter of this number (`round.n`), always the same; every fortieth is large. */
export function numberedLetter(number: string): MessageSource {
  const isLarge = Number(number.split('.')[1]) % 40 === 39
  return isLarge ? largeLetter(200_000) : letter(`Number ${number}`, 'x'.repeat(3000), `${number}@example.org`)
}

/** Every third goes the way of a script. */
export function isFiled(number: string): boolean {
  return Number(number.split('.')[1]) % 3 === 1
}

/** In the inbox and one more mailbox, with an effect in the outbox. */
export function filedBesides(number: string): Pick<LocalDelivery, 'filing' | 'outbox'> {
  const flags = { mode: 'add', system: 0, keywords: ['filed'] } as const
  const placements = [
    { mailbox: { role: 'inbox' }, flags } as const,
    { mailbox: { name: 'Filed', create: true }, flags },
  ]
  const filing = { placements, copies: [], remember: [{ key: number, until: Date.now() + 1e6 }], rejected: undefined }
  const recipients = [{ address: 'kei@internet.test' }]
  const letterId = `gateway.${number}`
  const envelope = JSON.stringify({ reversePath: '', recipients, body: '7BIT', smtpUtf8: false, letter: letterId })
  return { filing, outbox: [{ id: number, kind: 'redirect', envelope, message: letter('Effect') }] }
}

let deliveries = 0

export type DeliveryOptions = Partial<Omit<LocalDelivery, 'attempt'>> & { attempt?: Partial<LocalDelivery['attempt']> }

export function delivery(account: AccountId, options: DeliveryOptions = {}): LocalDelivery {
  const message = options.message ?? letter('Test')
  const bytes = message.place.kind === 'memory' ? message.place.bytes : emptyBytes
  const receivedHash = createHash('sha256').update(bytes).digest()
  const recipient = options.recipient ?? 'hanako@home.test'
  return {
    account,
    recipient,
    fingerprint: createHash('sha256').update(recipient).update(bytes).digest(),
    mailbox: { role: 'inbox' },
    flags: { mode: 'add', system: 0, keywords: [] },
    internalDate: 1_700_000_000_000,
    trace: emptyBytes,
    receivedHash,
    outbox: [],
    overQuota: 'refuse',
    ...options,
    message,
    attempt: {
      id: `gateway.1.${++deliveries}` as DeliveryId,
      origin: 'gateway',
      boot: 1,
      gone: [],
      confirmed: false,
      ...options.attempt,
    },
  }
}

export async function collect(message: MessageSource): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of message.open()) chunks.push(chunk)
  return concatBytes(chunks)
}
