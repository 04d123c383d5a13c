import type { Config } from '#config/schema.ts'
import type { PaceLimit } from '#mail/queue/pace.ts'
import { routeOfKey } from '#mail/routes.ts'

/** What the configuration allows for a destination of the queue. The first upstream of a chain counts for all of it. */
export function paceOf({ outbound }: Config, destination: string): Partial<PaceLimit> | undefined {
  const route = routeOfKey(destination)
  const found = outbound.pace.find(
    pace =>
      ((route.kind === 'mx' || route.kind === 'gateway') && pace.domain === route.domain) ||
      (route.kind === 'upstream' && pace.upstream === route.name),
  )
  if (!found) return undefined
  const { connections, perMinute } = found
  return { ...(connections !== undefined && { parallel: connections }), perMinute }
}
