import type { DeliveryId } from '../ids.ts'

/**
 * Ids `origin.boot.sequence` (the numbers in base 36): unique for ever, since the boot count is durable and rises at each start.
 * `origin` names the box: lower-case letters, digits and hyphens, at most 63.
 */
export function createDeliveryIds(origin: string, boot: number): () => DeliveryId {
  if (!/^[a-z0-9-]{1,63}$/.test(origin))
    throw new Error(`The name of this box, ${origin}, must be lower-case letters, digits and hyphens`)
  let sequence = 0
  return () => `${origin}.${boot.toString(36)}.${(++sequence).toString(36)}` as DeliveryId
}
