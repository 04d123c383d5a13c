/** One timeline out of two boxes: what this one has recorded of a delivery, and what its gateways tell when they are asked. */
import type { Clock } from '#base/clock.ts'
import type { Events, StoredEvent } from '../events.ts'
import type { GatewayQuestions } from './gateway-questions.ts'
import { maxToldEvents } from './told-events.ts'

/** `both`: gateway and home are one box */
export type BoxRole = 'gateway' | 'home' | 'both'

export type TracedBox = {
  readonly box: string
  readonly role: BoxRole
  /** `unknown`: it has never been heard of since our start, and may be none that answers */
  readonly state: 'asked' | 'away' | 'unknown'
  /** When it was last heard, milliseconds since 1970 */
  readonly asOf: number | undefined
}

export type TracedEvent = StoredEvent & { readonly role: BoxRole }

export type Traced = {
  /** In order of time; the newest, when there are more than may be told */
  readonly events: readonly TracedEvent[]
  readonly omitted: boolean
  readonly boxes: readonly TracedBox[]
}

export type Tracing = {
  /** What is known under this id. `out`: our people's own mail, which gateways saw only where it leaves through them */
  delivery(id: string, way: 'in' | 'out'): Promise<Traced>
  /** What this box knows of letters with this Message-ID (without angle brackets) and of their deliveries */
  letter(messageId: string): Promise<readonly StoredEvent[]>
}

export type TracingOptions = {
  readonly box: string
  readonly role: BoxRole
  readonly events: Pick<Events, 'find'>
  readonly questions: Pick<GatewayQuestions, 'ask' | 'lastHeard'>
  /** Of the configuration: those that bring mail here, and what each calls itself, where that is known */
  readonly gateways: () => readonly { readonly name: string; readonly hostname: string | undefined }[]
  /** Mail may leave through them */
  readonly sendsThroughGateway: () => boolean
  readonly clock: Clock
}

export function createTracing(options: TracingOptions): Tracing {
  const { box, clock, events, role } = options
  return {
    async delivery(id, way) {
      const asked = whichGateways(options, id, way)
      const [own, ...told] = await Promise.all([
        events.find({ about: id, limit: maxToldEvents + 1 }),
        ...asked.map(gateway => askGateway(options, gateway, id)),
      ])
      const here = own.filter(event => event.delivery === id).map(event => ({ ...event, role }))
      const all = [...here, ...told.flatMap(one => one.events)].toSorted((a, b) => a.at - b.at)
      return {
        events: all.slice(-maxToldEvents),
        omitted: all.length > maxToldEvents || told.some(one => one.events.length >= maxToldEvents),
        boxes: [...told.map(one => one.box), { box, role, state: 'asked', asOf: clock.now() }],
      }
    },

    async letter(messageId) {
      const found = await events.find({ about: messageId })
      // the same word may be somebody's address or another delivery's id
      const own = new Set(found.flatMap(event => (event.messageId === messageId ? (event.delivery ?? []) : [])))
      return found.filter(event => event.delivery !== undefined && own.has(event.delivery))
    },
  }
}

type Gateway = ReturnType<TracingOptions['gateways']>[number]

/** Ids begin with the name of the box that took the message in. */
function whichGateways(options: TracingOptions, id: string, way: 'in' | 'out'): readonly Gateway[] {
  if (way === 'out') return options.sendsThroughGateway() ? options.gateways() : []
  return options.gateways().filter(({ name }) => id.startsWith(`${name}.`))
}

async function askGateway(
  { clock, questions }: TracingOptions,
  { hostname, name }: Gateway,
  id: string,
): Promise<{ readonly box: TracedBox; readonly events: readonly TracedEvent[] }> {
  const told = await questions.ask(name, id)
  const box = hostname === undefined ? name : `gateway@${hostname}`
  if (!told) {
    const asOf = questions.lastHeard(name)
    const state = asOf === undefined && hostname === undefined ? 'unknown' : 'away'
    return { box: { box, role: 'gateway', state, asOf }, events: [] }
  }
  const events = told.map((event): TracedEvent => ({ ...event, role: 'gateway' }))
  return { box: { box: told[0]?.box ?? box, role: 'gateway', state: 'asked', asOf: clock.now() }, events }
}
