/**
 * What a multipart/report (RFC 6522) says of a letter that was sent: a delivery status notification (RFC 3464, RFC 6533) or a message
 * disposition notification (RFC 8098). It proves nothing: who may have written it is for its reader to judge.
 */
import { concatBytes } from '#base/bytes.ts'
import type { ByteReader } from '../message/byte-reader.ts'
import { fieldValue, parseHeader } from '../message/header.ts'
import { parseMessageId } from '../message/message-id.ts'
import { type Part, parseStructure } from '../message/structure.ts'
import { decodeTransfer } from '../message/transfer.ts'
import type { RecipientStatus } from './delivery-status.ts'
import {
  maxReplyCharacters,
  maxReportCharacters,
  maxReportNameCharacters,
  maxReportRecipients,
  maxReturnedHeaderBytes,
  maxStatusBytes,
} from './limits.ts'
import { parseDeliveryStatus } from './parse-status.ts'
import { parseDispositionNotification } from './parse-disposition.ts'

export type ReportOnRecipient = {
  /** As the sender wrote to it, where the report tells */
  readonly original?: string
  readonly final: string
  /** Of a DSN: with the actions `delivered` and `failed` alone */
  readonly delivered?: 'yes' | 'no'
  /** Words of an SMTP server, one line */
  readonly reply?: string
  /** Of an MDN */
  readonly displayed?: true
}

export type Report = {
  readonly kind: 'dsn' | 'mdn'
  /** Of the letter that it is about, without angle brackets */
  readonly messageId?: string
  /** ENVID of that letter */
  readonly envelopeId?: string
  readonly recipients: readonly ReportOnRecipient[]
}

/** Undefined: it is no report, or one that says nothing. */
export function readReport(reader: ByteReader): Report | undefined {
  const { root } = parseStructure(reader)
  if (root.kind !== 'multipart' || root.subtype !== 'report') return undefined
  const leaf = (...subtypes: string[]) =>
    root.children.find(({ kind, type, subtype }) => kind === 'leaf' && type === 'message' && subtypes.includes(subtype))
  const status = leaf('delivery-status', 'global-delivery-status')
  if (status) return deliveryReport(reader, root, status)
  const disposition = leaf('disposition-notification', 'global-disposition-notification')
  return disposition && dispositionReport(reader, root, disposition)
}

function deliveryReport(reader: ByteReader, root: Part, part: Part): Report | undefined {
  const status = parseDeliveryStatus(bodyOf(reader, part, maxStatusBytes))
  if (!status) return undefined
  const messageId = returnedMessageId(reader, root)
  const envelopeId = name(status.originalEnvelopeId)
  return {
    kind: 'dsn',
    ...(messageId !== undefined && { messageId }),
    ...(envelopeId !== undefined && { envelopeId }),
    recipients: asFarAsKept(status.recipients.slice(0, maxReportRecipients).flatMap(one => onRecipient(one) ?? [])),
  }
}

/** What is longer names nobody. */
function name(text: string | undefined): string | undefined {
  return text !== undefined && text.length <= maxReportNameCharacters ? text : undefined
}

function asFarAsKept(recipients: readonly ReportOnRecipient[]): readonly ReportOnRecipient[] {
  let characters = 0
  const end = recipients.findIndex(one => (characters += JSON.stringify(one).length) > maxReportCharacters)
  return end < 0 ? recipients : recipients.slice(0, end)
}

function named({
  finalRecipient,
  originalRecipient,
}: Pick<RecipientStatus, 'finalRecipient' | 'originalRecipient'>): ReportOnRecipient | undefined {
  const final = name(finalRecipient.address)
  const original = name(originalRecipient?.address)
  return final === undefined ? undefined : { ...(original !== undefined && { original }), final }
}

function onRecipient({ action, diagnostic, ...recipient }: RecipientStatus): ReportOnRecipient | undefined {
  const isReply = diagnostic !== undefined && /^[245]\d\d[ -]/.test(diagnostic)
  const who = named(recipient)
  return (
    who && {
      ...who,
      ...(action === 'delivered' && { delivered: 'yes' }),
      ...(action === 'failed' && { delivered: 'no' }),
      ...(isReply && { reply: diagnostic.slice(0, maxReplyCharacters) }),
    }
  )
}

function dispositionReport(reader: ByteReader, root: Part, part: Part): Report | undefined {
  const told = parseDispositionNotification(bodyOf(reader, part, maxStatusBytes))
  if (!told) return undefined
  const { originalMessageId = returnedMessageId(reader, root), type } = told
  const who = named(told)
  return {
    kind: 'mdn',
    ...(originalMessageId !== undefined && { messageId: originalMessageId }),
    recipients: who ? [{ ...who, ...(type === 'displayed' && { displayed: true }) }] : [],
  }
}

/** The letter itself or its header stands in the report's last part (RFC 6522 §3). */
function returnedMessageId(reader: ByteReader, root: Part): string | undefined {
  for (const part of root.children.slice(1)) {
    const header = returnedHeader(reader, part)
    const value = header && fieldValue(header, parseHeader(header, undefined, ['message-id']), 'message-id')
    const messageId = value && parseMessageId(value)
    if (messageId !== undefined) return messageId
  }
  return undefined
}

const headerTypes = ['text/rfc822-headers', 'message/global-headers']

function returnedHeader(reader: ByteReader, part: Part): Uint8Array | undefined {
  const [inner] = part.children
  if (part.kind === 'message' && inner)
    return reader.read(inner.headerStart, Math.min(inner.bodyStart - inner.headerStart, maxReturnedHeaderBytes))
  if (part.kind !== 'leaf' || !headerTypes.includes(`${part.type}/${part.subtype}`)) return undefined
  // what is cut off at its end is no header without an empty line
  return concatBytes([bodyOf(reader, part, maxReturnedHeaderBytes), new Uint8Array([13, 10, 13, 10])])
}

function bodyOf(reader: ByteReader, part: Part, maxBytes: number): Uint8Array {
  const length = Math.min(Math.max(0, part.bodyEnd - part.bodyStart), maxBytes)
  return decodeTransfer(reader.read(part.bodyStart, length), part.encoding)
}
