import { asciiText, concatBytes } from '#base/bytes.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { fieldValue, headerLength, parseHeader } from '#formats/message/header.ts'
import { parseMessageId } from '#formats/message/message-id.ts'
import { maxHeaderLines, maxHeaderScanBytes } from './limits.ts'

/** The header with its empty line, or its first `maxHeaderScanBytes`. Reads no further than it must. */
export async function headerOf(source: MessageSource): Promise<Uint8Array> {
  if (source.place.kind === 'memory') return headerIn(source.place.bytes.subarray(0, maxHeaderScanBytes))
  const parts: Uint8Array[] = []
  let length = 0
  let end = ''
  for await (const chunk of source.open()) {
    parts.push(chunk)
    length += chunk.length
    // An empty line may lie across two chunks
    const seen = end + asciiText(chunk)
    if (/\n\r?\n/.test(seen) || length >= maxHeaderScanBytes) break
    end = seen.slice(-3)
  }
  return headerIn(concatBytes(parts).subarray(0, maxHeaderScanBytes))
}

/** It goes on beyond what is read of it, or has more lines than any letter: each of them would cost its readers much. */
export async function isHeaderTooLong(source: MessageSource): Promise<boolean> {
  // no letter has so many lines in fewer octets
  if (source.sizeBytes <= maxHeaderLines) return false
  const header = await headerOf(source)
  if (header.length === maxHeaderScanBytes && !/\n\r?\n$/.test(asciiText(header.subarray(-3)))) return true
  return hasTooManyLines(header)
}

export function hasTooManyLines(header: Uint8Array): boolean {
  let lines = 0
  for (let at = 0; at < header.length; at++) if (header[at] === lineFeed) lines++
  return lines > maxHeaderLines
}

const lineFeed = 10

/** Without angle brackets; undefined when there is none or it is no id. */
export function messageIdIn(header: Uint8Array): string | undefined {
  const value = fieldValue(header, parseHeader(header, undefined, ['message-id']), 'message-id')
  return value && parseMessageId(value)
}

function headerIn(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, headerLength(bytes))
}
