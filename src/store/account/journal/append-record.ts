/**
 * An APPEND of many messages as the journal keeps it until they are in their account: as a delivery (record.ts) the length of a JSON text,
 * the text, then the octets of all messages, one behind the other.
 */
import { hash } from 'node:crypto'
import type { AppendInput, FlagInput } from '../operations.ts'
import { type JournaledDelivery, parseDelivery } from './record.ts'

export type KeptAppend = {
  readonly mailbox: number
  readonly uidValidity: number
  /** The UID that was answered for the first; the others follow it */
  readonly firstUid: number
  readonly nowMs: number
  readonly messages: readonly {
    readonly bytes: Uint8Array
    readonly flags: FlagInput
    readonly internalDate: number
  }[]
}
export type JournaledAppend = { readonly account: string; readonly append: KeptAppend }

const version = 3

export function printAppend({ account, append }: JournaledAppend): readonly Uint8Array[] {
  const messages = append.messages.map(({ bytes, flags, internalDate }): PrintedMessage => {
    return { sizeBytes: bytes.length, flags, internalDate }
  })
  const text = JSON.stringify({ version, account, append: { ...append, messages } } satisfies Printed)
  const head = Buffer.allocUnsafe(4 + Buffer.byteLength(text))
  head.writeUInt32LE(head.length - 4)
  head.write(text, 4)
  return [head, ...append.messages.map(({ bytes }) => bytes)]
}

/** Throws for what a release unknown to this one has written. */
export function parseRecord(payload: Uint8Array): JournaledDelivery | JournaledAppend {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.length)
  let at = 4 + bytes.readUInt32LE()
  const read = JSON.parse(bytes.toString('utf8', 4, at)) as Printed
  if (read.version !== version) return parseDelivery(payload)
  const messages = read.append.messages.map(({ sizeBytes, flags, internalDate }) => {
    const from = at
    at += sizeBytes
    return { bytes: payload.subarray(from, at), flags, internalDate }
  })
  return { account: read.account, append: { ...read.append, messages } }
}

type PrintedMessage = Omit<KeptAppend['messages'][number], 'bytes'> & { readonly sizeBytes: number }
type Printed = {
  readonly version: number
  readonly account: string
  readonly append: Omit<KeptAppend, 'messages'> & { readonly messages: readonly PrintedMessage[] }
}

/** What it asks of the account. */
export function appendInput({ mailbox, messages, nowMs }: KeptAppend): AppendInput {
  return {
    mailbox,
    messages: messages.map(({ bytes, flags, internalDate }) => {
      const receivedHash = hash('sha256', bytes, 'buffer')
      const kept = { kind: 'memory', bytes, sizeBytes: bytes.length, traceBytes: 0, receivedHash } as const
      return { kept, flags, internalDate }
    }),
    replaced: undefined,
    // asked before it was answered
    quotaBytes: undefined,
    nowMs,
    prompt: false,
  }
}
