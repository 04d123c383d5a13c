/** What a message's bytes need of a transport. Read only where the declaration leaves it open, or the peer lacks an extension. */
import type { MessageSource } from '#formats/message-source.ts'

export type Survey = {
  readonly eightBit: boolean
  readonly eightBitHeader: boolean
  /** NUL, or CR and LF apart */
  readonly binary: boolean
}

export async function survey(message: MessageSource): Promise<Survey> {
  let eightBit = false
  let eightBitHeader = false
  let binary = false
  let inHeader = true
  let before = 0
  let lineBytes = 0
  for await (const chunk of message.open())
    for (const byte of chunk) {
      if (byte > 0x7f) {
        eightBit = true
        if (inHeader) eightBitHeader = true
      }
      if (byte === 0 || (byte === 10) !== (before === 13)) binary = true
      if (byte === 10) {
        if (lineBytes === 0) inHeader = false
        lineBytes = 0
      } else if (byte !== 13) lineBytes++
      before = byte
    }
  return { eightBit, eightBitHeader, binary: binary || before === 13 }
}

/** Each CR is followed by LF and each LF follows a CR. */
export async function hasWholeLines(message: MessageSource): Promise<boolean> {
  let afterCr = false
  for await (const bytes of message.open()) {
    const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    if (chunk.length === 0) continue
    if (afterCr !== (chunk[0] === lf)) return false
    for (let at = chunk.indexOf(lf, 1); at >= 0; at = chunk.indexOf(lf, at + 1)) if (chunk[at - 1] !== cr) return false
    for (let at = chunk.indexOf(cr); at >= 0 && at + 1 < chunk.length; at = chunk.indexOf(cr, at + 1))
      if (chunk[at + 1] !== lf) return false
    afterCr = chunk.at(-1) === cr
  }
  return !afterCr
}

const cr = 13
const lf = 10
