import { canonicalAddress } from '#formats/address/address.ts'
import { parseHeader, unfold } from '#formats/message/header.ts'
import { maxHops } from './limits.ts'

export type Travelled = {
  /** RFC 5321 §6.3 */
  readonly tooManyHops: boolean
  /** Canonical addresses of the markers that final delivery leaves: a message that comes back to one of them is a loop. */
  readonly deliveredTo: ReadonlySet<string>
}

export function whereItTravelled(header: Uint8Array): Travelled {
  const fields = parseHeader(header, undefined, ['delivered-to', 'received'])
  const markers = fields.filter(field => field.key === 'delivered-to').slice(0, maxHops)
  return {
    tooManyHops: fields.filter(field => field.key === 'received').length >= maxHops,
    deliveredTo: new Set(
      markers.flatMap(field => canonicalAddress(Buffer.from(unfold(header, field)).toString()) ?? []),
    ),
  }
}
