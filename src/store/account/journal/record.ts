/**
 * A delivery as the journal keeps it: the length of a JSON text (32 bits), the text, the letter's bytes; those of each email where a script
 * made several. A form of its own, so that the release before or after this one can read what a crash left.
 */
import type { DeliverInput, FiledEmail, FilingInput, KeptBytes } from '../operations.ts'

export type JournaledDelivery = { readonly account: string; readonly input: DeliverInput }

const version = 1
/** With `filing`: a release that knows only 1 would put the letter where its script did not want it */
const filedVersion = 2

/** A file of its own may be dropped after the answer, and an effect's is not the letter's: such deliveries are synced in their account. */
export function fitsRecord({ filing, outbox }: DeliverInput): boolean {
  return (
    !filing || (filing.emails.every(({ kept }) => kept.kind === 'memory') && outbox.every(({ file }) => file == null))
  )
}

export function printDelivery({ account, input }: JournaledDelivery): readonly Uint8Array[] {
  const { filing, kept } = input
  const text = JSON.stringify({
    version: filing ? filedVersion : version,
    account,
    input: {
      ...input,
      fingerprint: base64(input.fingerprint),
      kept: printKept(kept),
      ...(filing && {
        filing: { ...filing, emails: filing.emails.map(email => ({ ...email, kept: printKept(email.kept) })) },
      }),
      outbox: input.outbox.map(item => ({ ...item, message: base64(item.message) })),
    },
  })
  const head = Buffer.allocUnsafe(4 + Buffer.byteLength(text))
  head.writeUInt32LE(head.length - 4)
  head.write(text, 4)
  return [head, ...[kept, ...(filing?.emails ?? []).map(email => email.kept)].flatMap(bytesIn)]
}

function printKept(kept: KeptBytes): PrintedKept {
  return { ...kept, receivedHash: base64(kept.receivedHash), ...(kept.kind === 'memory' && { bytes: undefined }) }
}

function bytesIn(kept: KeptBytes): readonly Uint8Array[] {
  return kept.kind === 'memory' ? [kept.bytes] : []
}

/** Throws for what a release unknown to this one has written. */
export function parseDelivery(payload: Uint8Array): JournaledDelivery {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length)
  const end = 4 + bytes.readUInt32LE()
  const read = JSON.parse(bytes.toString('utf8', 4, end)) as Printed
  if (read.version !== version && read.version !== filedVersion)
    throw new Error(`A journal record of version ${read.version}`)
  const { input } = read
  let at = end
  const parseKept = (printed: PrintedKept): KeptBytes => {
    const known = { ...printed, receivedHash: bytesOf(printed.receivedHash) }
    if (known.kind !== 'memory') return known as KeptBytes
    const from = at
    at += known.sizeBytes
    return { ...known, bytes: new Uint8Array(bytes.subarray(from, at)) } as KeptBytes
  }
  const kept = parseKept(input.kept)
  const { filing, ...plain } = input
  return {
    account: read.account,
    input: {
      ...plain,
      quotaBytes: input.quotaBytes,
      fingerprint: bytesOf(input.fingerprint),
      kept,
      ...(filing && { filing: filingOf(filing, parseKept) }),
      outbox: input.outbox.map(item => ({ ...item, message: bytesOf(item.message) })),
    },
  }
}

function filingOf(printed: PrintedFiling, parseKept: (kept: PrintedKept) => KeptBytes): FilingInput {
  const emails = printed.emails.map(email => ({ ...email, kept: parseKept(email.kept) }))
  return { ...printed, emails, reply: printed.reply }
}

type PrintedKept = Omit<KeptBytes, 'receivedHash'> & { readonly receivedHash: string; readonly kind: KeptBytes['kind'] }
type PrintedFiling = Omit<FilingInput, 'emails'> & {
  readonly emails: readonly (Omit<FiledEmail, 'kept'> & { readonly kept: PrintedKept })[]
}

type Printed = {
  readonly version: number
  readonly account: string
  readonly input: Omit<DeliverInput, 'fingerprint' | 'kept' | 'outbox' | 'filing'> & {
    readonly fingerprint: string
    readonly kept: PrintedKept
    readonly filing?: PrintedFiling
    readonly outbox: readonly (Omit<DeliverInput['outbox'][number], 'message'> & { readonly message: string })[]
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'))
}
