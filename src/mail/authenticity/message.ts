/** A message as the judgement sees it: its header as text with fields, its body as a stream. */
import { asciiText } from '#base/bytes.ts'
import { headerLength, parseHeader } from '#formats/message/header.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { headerOf } from '../receive/header-of.ts'
import { maxHeaderScanBytes } from '../receive/limits.ts'
import { type SignedHeader, signedHeader } from './dkim/signed-header.ts'

export type ReadMessage = SignedHeader & {
  readonly source: MessageSource
  /** The header, with its empty line */
  readonly bytes: Uint8Array
  /** Octets before the body */
  readonly headerBytes: number
  /** The header went on beyond what is read: nothing can be said of what it signs */
  readonly truncated: boolean
}

export async function readMessage(source: MessageSource, header?: Uint8Array): Promise<ReadMessage> {
  const bytes = header ?? (await headerOf(source))
  const fields = parseHeader(bytes, Infinity)
  const truncated = bytes.length >= maxHeaderScanBytes && headerLength(bytes) === bytes.length
  return { ...signedHeader(asciiText(bytes), fields), source, bytes, headerBytes: bytes.length, truncated }
}
