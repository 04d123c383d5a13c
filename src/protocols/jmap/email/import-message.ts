/** Octets that are to become an email: whether they are a message, and when it came. RFC 8621 §4.8 */
import { headerOf } from '#mail/receive/header-of.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { parseDate } from '#formats/message/date.ts'
import { findField, parseHeader, unfold } from '#formats/message/header.ts'

export type Importable = {
  readonly message: MessageSource
  /** Of the latest Received field, milliseconds since 1970 */
  readonly received: number | undefined
}

/** Undefined: it is no message (no header, or a NUL in it). Line ends that are none become CRLF. */
export async function importable(source: MessageSource): Promise<Importable | undefined> {
  const header = await headerOf(source)
  const fields = parseHeader(header)
  const [first] = fields
  if (!first || first.start !== 0) return undefined
  const bare = await bareLineEnds(source)
  if (bare === undefined) return undefined
  const field = findField(fields, 'received')
  const value = field && unfold(header, field)
  const date = value?.subarray(value.lastIndexOf(0x3b) + 1)
  const received = date && parseDate(date)
  return { message: bare === 0 ? source : withLineEnds(source, bare), received }
}

/** How many CR and LF stand alone; undefined when there is a NUL */
async function bareLineEnds(source: MessageSource): Promise<number | undefined> {
  let bare = 0
  let before = 0
  for await (const chunk of source.open()) {
    if (chunk.includes(0)) return undefined
    for (const octet of chunk) {
      if (octet === 10 && before !== 13) bare++
      else if (before === 13 && octet !== 10) bare++
      before = octet
    }
  }
  return before === 13 ? bare + 1 : bare
}

function withLineEnds(source: MessageSource, bare: number): MessageSource {
  return {
    sizeBytes: source.sizeBytes + bare,
    place: { kind: 'stream' },
    async *open() {
      let isOpen = false
      for await (const chunk of source.open()) {
        const ended = endLines(chunk, isOpen)
        isOpen = chunk.at(-1) === 13
        if (ended.length > 0) yield ended
      }
      if (isOpen) yield Uint8Array.of(13, 10)
    },
  }
}

/** `isOpen`: a CR came before, which was not written yet; one at the end waits likewise. */
function endLines(chunk: Uint8Array, isOpen: boolean): Uint8Array {
  const octets = new Uint8Array(2 * chunk.length + 2)
  let length = 0
  const end = () => {
    octets[length++] = 13
    octets[length++] = 10
  }
  let waits = isOpen
  for (const octet of chunk) {
    if (waits && octet !== 10) end()
    waits = octet === 13
    if (octet === 10) end()
    else if (octet !== 13) octets[length++] = octet
  }
  return octets.subarray(0, length)
}
