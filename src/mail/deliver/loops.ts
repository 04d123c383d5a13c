import { asciiText } from '#base/bytes.ts'
import { canonicalAddress } from '#formats/address/address.ts'
import type { MessageSource } from '#formats/message-source.ts'
import { headerLength, parseHeader, unfold } from '#formats/message/header.ts'
import { readHead } from '../receive/cut-source.ts'
import { maxHeaderScanBytes } from '../receive/limits.ts'
import { maxHops } from './limits.ts'

export type Travelled = {
  /** RFC 5321 §6.3 */
  readonly tooManyHops: boolean
  /** Canonical addresses of the markers that final delivery leaves: a message that comes back to one of them is a loop. */
  readonly deliveredTo: ReadonlySet<string>
}

export async function whereItTravelled(received: MessageSource): Promise<Travelled> {
  const head = await readHead(received, maxHeaderScanBytes)
  const header = head.subarray(0, headerLength(head))
  const fields = parseHeader(header)
  const markers = fields.filter(field => field.key === 'delivered-to').slice(0, maxHops)
  return {
    tooManyHops: fields.filter(field => field.key === 'received').length >= maxHops,
    deliveredTo: new Set(markers.flatMap(field => canonicalAddress(asciiText(unfold(header, field))) ?? [])),
  }
}
