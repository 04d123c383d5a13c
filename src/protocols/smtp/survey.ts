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
