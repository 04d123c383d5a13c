/** The ready-made parts of a message. Whatever the parser does with it, the message is stored. */
import { utf8 } from '#base/bytes.ts'
import { describeFrom, describeMessage, type MessageDescription } from '#formats/message/describe.ts'
import type { AccountWriter } from './account-writer.ts'
import { withFileReader } from './message-files.ts'
import type { KeptBytes } from './operations.ts'

/** `parsed`: false where the parser gave up */
export type Described = Omit<MessageDescription, 'structure'> & { readonly parsed: boolean }

export function describeKept(account: AccountWriter, kept: KeptBytes): Described {
  try {
    const described =
      kept.kind === 'memory'
        ? describeMessage(kept.bytes)
        : withFileReader(account.filePath(kept.name), kept.sizeBytes, describeFrom)
    return { ...described, date: storableDate(described.date), parsed: true }
  } catch {
    return undescribed(kept.sizeBytes)
  }
}

/** A date that nobody can have meant is none. */
function storableDate(date: number | undefined): number | undefined {
  return date !== undefined && Number.isSafeInteger(date) ? date : undefined
}

function undescribed(sizeBytes: number): Described {
  const structure = `("APPLICATION" "OCTET-STREAM" NIL NIL NIL "8BIT" ${sizeBytes}`
  return {
    envelope: utf8('(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)'),
    bodyStructure: utf8(`${structure} NIL NIL NIL NIL)`),
    body: utf8(`${structure})`),
    commonFields: undefined,
    headerBytes: 0,
    messageId: undefined,
    references: [],
    subject: '',
    date: undefined,
    preview: '',
    parsed: false,
  }
}
