/** The text of a message/disposition-notification part. RFC 8098 §3.1 */
import { utf8 } from '#base/bytes.ts'
import { parseMessageId } from '../message/message-id.ts'
import type { TypedAddress } from './delivery-status.ts'
import { maxStatusBytes } from './limits.ts'
import { fieldsOf, typedAddress } from './parse-status.ts'

export type DispositionNotification = {
  /** Without angle brackets */
  readonly originalMessageId?: string
  readonly originalRecipient?: TypedAddress
  readonly finalRecipient: TypedAddress
  /** `displayed`, `deleted`, `dispatched`, `processed` or another one, lower case, without its modifiers */
  readonly type: string
}

/** Undefined: it does not say what happened, or to whom. */
export function parseDispositionNotification(bytes: Uint8Array): DispositionNotification | undefined {
  const fields = fieldsOf(new TextDecoder().decode(bytes.subarray(0, maxStatusBytes)))
  const finalRecipient = typedAddress(fields.get('final-recipient'))
  const [, type] = /;\s*([a-z-]+)/i.exec(fields.get('disposition') ?? '') ?? []
  if (!finalRecipient || type === undefined) return undefined
  const originalRecipient = typedAddress(fields.get('original-recipient'))
  const originalMessageId = parseMessageId(utf8(fields.get('original-message-id') ?? ''))
  return {
    ...(originalMessageId !== undefined && { originalMessageId }),
    ...(originalRecipient && { originalRecipient }),
    finalRecipient,
    type: type.toLowerCase(),
  }
}
