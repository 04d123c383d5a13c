/** What is stored of a message besides its bytes: computed once at delivery, sent often. */
import { type ByteReader, readerOf } from './byte-reader.ts'
import { printStructure } from './body-structure.ts'
import { commonFields } from './common-fields.ts'
import { parseDate } from './date.ts'
import { decodeWords } from './encoded-word.ts'
import { writeEnvelope } from './envelope.ts'
import { type HeaderField, fieldValue, unfold } from './header.ts'
import { ImapText } from './imap-text.ts'
import { maxReferences } from './limits.ts'
import { parseMessageId, parseMessageIds } from './message-id.ts'
import { previewOf } from './preview.ts'
import { type Part, parseStructure } from './structure.ts'

export type MessageDescription = {
  /** ENVELOPE, BODYSTRUCTURE and BODY exactly as IMAP sends them (RFC 9051 §7.5.2), each in memory of its own */
  readonly envelope: Uint8Array
  readonly bodyStructure: Uint8Array
  readonly body: Uint8Array
  /** common-fields.ts; undefined when they are too long */
  readonly commonFields: Uint8Array | undefined
  /** Octets of the header with its empty line */
  readonly headerBytes: number
  /** Without angle brackets */
  readonly messageId: string | undefined
  /** Ids of References, then of In-Reply-To, each once, without angle brackets; long lists keep the first and the latest */
  readonly references: readonly string[]
  /** Decoded for people; '' when there is none */
  readonly subject: string
  /** Of the Date field, milliseconds since 1970 */
  readonly date: number | undefined
  /** preview.ts */
  readonly preview: string
  readonly structure: Part
}

/** Never throws, whatever the bytes are. */
export function describeMessage(bytes: Uint8Array): MessageDescription {
  return describeFrom(readerOf(bytes))
}

/** The same for a message in a file, with never more than about 1 MiB of it in memory. Throws only what `read` throws. */
export function describeFrom(reader: ByteReader): MessageDescription {
  const { root, fields, header } = parseStructure(reader)
  const envelope = new ImapText()
  writeEnvelope(envelope, header, fields)
  const value = (key: string) => fieldValue(header, fields, key)
  const messageId = value('message-id')
  const subject = value('subject')
  const date = value('date')
  return {
    envelope: envelope.bytes(),
    ...printStructure(reader, root),
    commonFields: commonFields(header, fields),
    headerBytes: root.bodyStart,
    messageId: messageId && parseMessageId(messageId),
    references: referencesOf(header, fields),
    subject: subject ? decodeWords(subject) : '',
    date: date && parseDate(date),
    preview: previewOf(reader, root),
    structure: root,
  }
}

function referencesOf(header: Uint8Array, fields: readonly HeaderField[]): string[] {
  const ids = new Set<string>()
  for (const key of ['references', 'in-reply-to'])
    for (const field of fields)
      if (field.key === key) for (const id of parseMessageIds(unfold(header, field), maxReferences * 100)) ids.add(id)
  const all = [...ids]
  return all.length <= maxReferences ? all : [...all.slice(0, 1), ...all.slice(1 - maxReferences)]
}
