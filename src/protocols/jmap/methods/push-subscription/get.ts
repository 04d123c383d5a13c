/** RFC 8620 §7.2.1: subscriptions are the user's, so there is no account and no state. */
import { askedIds, askedProperties, getShape, told } from '../../get.ts'
import { type Method, MethodFault } from '../../method.ts'
import { checkArguments } from '../../syntax/arguments.ts'
import { coreCapability, type PushSubscription } from '../../wire.ts'

const shape = { ids: getShape.ids, properties: getShape.properties }

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
    if (asked.properties?.some(name => secret.has(name)))
      throw new MethodFault('forbidden', '“url” and “keys” are told to nobody')
    const wanted = askedProperties(asked.properties, shown)
    const ids = askedIds(asked.ids, context)
    const all = context.pushSubscriptions.list(context.login.account).map(one => ({
      id: one.id,
      deviceClientId: one.deviceClientId,
      verificationCode: one.verified ? one.verificationCode : null,
      expires: new Date(one.expiresAt).toISOString().replace(/\.\d+/, ''),
      types: one.types,
    }))
    return told(all, ids, wanted)
  },
}
