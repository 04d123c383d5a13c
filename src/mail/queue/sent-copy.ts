import { concatBytes } from '#base/bytes.ts'
import { memorySource, type MessageSource } from '#formats/message-source.ts'
import type { OpenedEntry } from '#store/queue/queue-store.ts'

/** The sender's own copy: the message as it leaves, with the fields that nobody else sees between ours and the sender's. */
export function sentCopyOf({ trace, received, whole, sentCopyFields }: OpenedEntry): MessageSource {
  if (sentCopyFields === null) return whole
  const head = concatBytes([trace, sentCopyFields])
  if (received.place.kind === 'memory') return memorySource(concatBytes([head, received.place.bytes]))
  return {
    sizeBytes: head.length + received.sizeBytes,
    place: { kind: 'stream' },
    async *open() {
      yield head
      yield* received.open()
    },
  }
}
