/** Bodies over a size go to the spool as they come, so that memory stays small however large letters are. */
import { inMemoryLimitBytes } from '#formats/message-source.ts'
import type { Spool } from '#mail/spool.ts'
import type { BodySink } from './receive.ts'

export function spoolSink(spool: Spool, keepBytes = inMemoryLimitBytes): BodySink {
  return ({ sizeBytes }) => (sizeBytes > keepBytes ? spool.create() : undefined)
}
