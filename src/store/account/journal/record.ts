/**
 * A delivery as the journal keeps it: the length of a JSON text (32 bits), the text, the letter's bytes. A form of its own, so
 * that the release before or after this one can read what a crash left.
 */
import type { DeliverInput, KeptBytes } from '../operations.ts'

export type JournaledDelivery = { readonly account: string; readonly input: DeliverInput }

const version = 1

export function printDelivery({ account, input }: JournaledDelivery): readonly Uint8Array[] {
  const { kept } = input
  const text = JSON.stringify({
    version,
    account,
    input: {
      ...input,
      fingerprint: base64(input.fingerprint),
      kept: { ...kept, receivedHash: base64(kept.receivedHash), ...(kept.kind === 'memory' && { bytes: undefined }) },
      outbox: input.outbox.map(item => ({ ...item, message: base64(item.message) })),
    },
  })
  const head = Buffer.allocUnsafe(4 + Buffer.byteLength(text))
  head.writeUInt32LE(head.length - 4)
  head.write(text, 4)
  return kept.kind === 'memory' ? [head, kept.bytes] : [head]
}

/** Throws for what a release unknown to this one has written. */
export function parseDelivery(payload: Uint8Array): JournaledDelivery {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length)
  const end = 4 + bytes.readUInt32LE()
  const read = JSON.parse(bytes.toString('utf8', 4, end)) as Printed
  if (read.version !== version) throw new Error(`A journal record of version ${read.version}`)
  const { input } = read
  const known = { ...input.kept, receivedHash: bytesOf(input.kept.receivedHash) }
  const kept = known.kind === 'memory' ? { ...known, bytes: new Uint8Array(bytes.subarray(end)) } : known
  return {
    account: read.account,
    input: {
      ...input,
      quotaBytes: input.quotaBytes,
      fingerprint: bytesOf(input.fingerprint),
      kept: kept as KeptBytes,
      outbox: input.outbox.map(item => ({ ...item, message: bytesOf(item.message) })),
    },
  }
}

type Printed = {
  readonly version: number
  readonly account: string
  readonly input: Omit<DeliverInput, 'fingerprint' | 'kept' | 'outbox'> & {
    readonly fingerprint: string
    readonly kept: Omit<KeptBytes, 'receivedHash'> & { readonly receivedHash: string; readonly kind: KeptBytes['kind'] }
    readonly outbox: readonly (Omit<DeliverInput['outbox'][number], 'message'> & { readonly message: string })[]
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'))
}
