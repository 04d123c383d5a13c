/** Message-ID, In-Reply-To, References. RFC 5322 §3.6.4 */
import { asciiText } from '#base/bytes.ts'
import { maxMessageIdBytes } from './limits.ts'

const openAngle = 60
const closeAngle = 62

/**
 * The ids without angle brackets, in order; words between them (obsolete, §4.5.4) are passed over. Where nobody wrote a bracket,
 * words with an @ are ids. At most `limit`.
 */
export function parseMessageIds(value: Uint8Array, limit: number): string[] {
  let at = value.indexOf(openAngle)
  if (at < 0) return bareIds(value).slice(0, limit)
  const ids: string[] = []
  while (at >= 0 && ids.length < limit) {
    const close = value.indexOf(closeAngle, at)
    if (close < 0) break
    // a second `<` before the `>`: the first one was stray
    const open = value.lastIndexOf(openAngle, close)
    const id = cleanId(value.subarray(open + 1, close))
    if (id !== undefined) ids.push(id)
    at = value.indexOf(openAngle, close)
  }
  return ids
}

/** The id of a Message-ID field; without brackets the first word (old programs left them out). */
export function parseMessageId(value: Uint8Array): string | undefined {
  const bracketed = parseMessageIds(value, 1)[0]
  if (bracketed !== undefined) return bracketed
  const word = asciiText(value.subarray(0, maxMessageIdBytes))
    .trim()
    .split(/[\s<>]/)[0]
  return word === '' ? undefined : word
}

function cleanId(bytes: Uint8Array): string | undefined {
  if (bytes.length === 0 || bytes.length > maxMessageIdBytes) return undefined
  // blanks and comments inside are obsolete syntax (§4.5.4) and not part of the id
  const id = asciiText(bytes).replace(/\s+|\([^()]*\)/g, '')
  return id === '' ? undefined : id
}

function bareIds(value: Uint8Array): string[] {
  return asciiText(value)
    .split(/[\s,]+/)
    .filter(word => word.includes('@') && word.length <= maxMessageIdBytes)
}
