/** RFC 8620 §7.2.1: subscriptions are the user's, so there is no account and no state. */
import { askedIds, only } from '../../get.ts'
import { type Method, MethodFault } from '../../method.ts'
import { checkArguments, idOrCreated, list, nullable, optional, text } from '../../syntax/arguments.ts'
import { coreCapability, type PushSubscription } from '../../wire.ts'

const shape = { ids: optional(nullable(list(idOrCreated))), properties: optional(nullable(list(text))) }

const shown = [
  'id',
  'deviceClientId',
  'verificationCode',
  'expires',
  'types',
] as const satisfies readonly (keyof PushSubscription)[]
const secret: ReadonlySet<string> = new Set(['url', 'keys'])

export const pushSubscriptionGet: Method = {
  capability: coreCapability,
  async run(given, context): Promise<object> {
    const asked = checkArguments(given, shape)
    const wanted = asked.properties ?? shown
    if (wanted.some(name => secret.has(name))) throw new MethodFault('forbidden', '“url” and “keys” are told to nobody')
    const unknown = wanted.find(name => !shown.some(one => one === name))
    if (unknown !== undefined)
      throw new MethodFault('invalidArguments', `There is no property ${JSON.stringify(unknown.slice(0, 100))}`)
    const ids = askedIds(asked.ids ?? undefined, context)
    const all = context.pushSubscriptions.list(context.login.account).map(one => ({
      id: one.id,
      deviceClientId: one.deviceClientId,
      verificationCode: one.verified ? one.verificationCode : null,
      expires: new Date(one.expiresAt).toISOString().replace(/\.\d+/, ''),
      types: one.types,
    }))
    const found = ids ? ids.flatMap(id => all.find(one => one.id === id) ?? []) : all
    const names: ReadonlySet<string> = new Set(['id', ...wanted])
    return {
      list: found.map(one => only(one, names)),
      notFound: (ids ?? []).filter(id => !all.some(one => one.id === id)),
    }
  },
}
