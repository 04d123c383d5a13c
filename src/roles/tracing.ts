/** The timelines of people's own letters: this box and the gateways that bring its mail. */
import { createTracing, type Tracing } from '#mail/trace/tracing.ts'
import type { RunningHome } from './home.ts'
import { boxName, type Surroundings } from './surroundings.ts'

export function tracingOf(
  { clock, config, events, live }: Surroundings,
  { gateways, questions }: RunningHome,
): Tracing {
  return createTracing({
    box: boxName(config),
    role: config.role.length === 2 ? 'both' : 'home',
    events,
    questions,
    gateways: () => config.home.gateways.map(({ name }) => ({ name, hostname: gateways.names.get(name) })),
    sendsThroughGateway: () => live.current.outbound.gateway !== undefined,
    clock,
  })
}
