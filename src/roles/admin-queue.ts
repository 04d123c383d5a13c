/** The hold of the gateway and the way out of home, and what happened to a message. */
import { gatewayName } from '#mail/routes.ts'
import { z } from 'zod'
import type { EventQuery, Events, StoredEvent } from '#mail/events.ts'
import type { QueueEntry } from '#mail/queue/queue.ts'
import {
  type AdminServices,
  notRunning,
  operation,
  type NamedQueue,
  type Operation,
  type Refused,
} from './admin-operation.ts'

export type ListedEntry = QueueEntry & { readonly queue: NamedQueue['name'] }

const id = z.strictObject({ id: z.string().min(1).max(200) })
const noSuchEntry: Refused = {
  refused: 'no-such-entry',
  text: { en: 'nothing with this id is in the queue', ja: 'このIDのメールはキューにありません' },
}

/** Why nothing was done with what is there. */
async function whyNot({ queues }: AdminServices, entry: string): Promise<Refused> {
  const found = (await Promise.all(queues.map(({ queue }) => queue.show(entry)))).find(one => one !== undefined)
  const states = found?.recipients.map(({ state }) => state) ?? []
  if (states.includes('trying'))
    return {
      refused: 'being-tried',
      text: {
        en: 'it is being tried just now; again in a moment',
        ja: 'いま送信中です。少し待ってからやり直してください',
      },
    }
  if (states.includes('held'))
    return {
      refused: 'held',
      text: {
        en: `it is held; let it go on first: hikyaku queue release ${entry}`,
        ja: `留め置かれています。先に留め置きを解いてください: hikyaku queue release ${entry}`,
      },
    }
  return noSuchEntry
}

export const queueOperations: readonly Operation[] = [
  operation('queue.ls', z.strictObject({}), async services => {
    if (services.queues.length === 0) return notRunning
    const lists = services.queues.map(async ({ name, queue }) =>
      (await queue.list()).map(entry => ({ queue: name, ...entry })),
    )
    return (await Promise.all(lists)).flat() satisfies readonly ListedEntry[]
  }),
  operation('queue.show', id, async (services, input) => {
    for (const { name, queue } of services.queues) {
      const entry = await queue.show(input.id)
      if (entry) return { queue: name, ...entry } satisfies ListedEntry
    }
    return services.queues.length === 0 ? notRunning : noSuchEntry
  }),
  operation('queue.retry', z.strictObject({ id: z.string().min(1).max(200).optional() }), async (services, input) => {
    if (services.queues.length === 0) return notRunning
    const counts = await Promise.all(services.queues.map(({ queue }) => queue.retry(input.id)))
    const tried = counts.reduce((sum, count) => sum + count, 0)
    return input.id !== undefined && tried === 0 ? whyNot(services, input.id) : { tried }
  }),
  operation(
    'queue.reroute',
    z.strictObject({
      id: z.string().min(1).max(200),
      via: z.union([z.literal('mx'), z.literal('rules'), z.array(z.string().min(1).max(32)).min(1).max(16)]),
    }),
    async (services, input) => {
      const { upstreams, gateway } = services.config.outbound
      const known = new Set(upstreams.map(({ name }) => name))
      if (gateway) known.add(gatewayName)
      const unknown = Array.isArray(input.via) ? input.via.find(name => !known.has(name)) : undefined
      if (unknown !== undefined)
        return {
          refused: 'no-such-upstream',
          text: { en: `no upstream is called ${unknown}`, ja: `${unknown} という中継サービスはありません` },
        }
      const via = input.via === 'rules' ? undefined : input.via
      const outbound = services.queues.find(({ name }) => name === 'outbound')?.queue
      if (!outbound) return notRunning
      return (await outbound.sendVia(input.id, via)) ? {} : whyNot(services, input.id)
    },
  ),
  onEntry('queue.hold', (queue, entry) => queue.hold(entry)),
  onEntry('queue.release', (queue, entry) => queue.release(entry)),
  onEntry('queue.rm', (queue, entry) => queue.remove(entry)),

  operation(
    'trace',
    z.strictObject({ about: z.string().min(1).max(1000), limit: z.number().int().min(1).max(10_000).default(200) }),
    async ({ events }, input) => {
      if (!events) return notRunning
      return withEffects(events, input)
    },
  ),
]

/** Of one letter, so many things that it led to are followed */
const maxFollowed = 50

/** What a letter's script sent on has an id of its own: the letter's trace goes on with it. */
async function withEffects(events: Events, query: EventQuery): Promise<readonly StoredEvent[]> {
  await events.flush()
  const found = await events.find(query)
  const ids = found.flatMap(({ detail, kind }) => (kind === 'sent-on' && detail ? [String(detail['as'])] : []))
  const others = [...new Set(ids)].filter(id => id !== query.about).slice(0, maxFollowed)
  const followed = await Promise.all(others.map(about => events.find({ ...query, about })))
  const known = new Set(found.map(event => JSON.stringify(event)))
  const more = followed.flat().filter(event => !known.has(JSON.stringify(event)))
  return [...found, ...more].toSorted((a, b) => a.at - b.at).slice(0, query.limit)
}

function onEntry(name: string, act: (queue: NamedQueue['queue'], id: string) => Promise<boolean>): Operation {
  return operation(name, id, async ({ queues }: AdminServices, input) => {
    for (const { queue } of queues) if (await act(queue, input.id)) return {}
    return queues.length === 0 ? notRunning : noSuchEntry
  })
}
